"""kingston recover check, verify: what somebody planted is found, each by the judge whose matter it is"""

from __future__ import annotations

import pytest

from operations.recovering import filled, now, recover

OFF = "ALTER TABLE {0} DISABLE TRIGGER {1}; {2}; ALTER TABLE {0} ENABLE ALWAYS TRIGGER {1}"


@pytest.fixture
def portal(newest_portal_at):
    return filled(newest_portal_at("head", seed=True))


def quietly(portal, table, trigger, statement):
    """What only the owner can do, and only on purpose."""
    portal.run(OFF.format(table, trigger, statement))


def test_check_finds_what_differs_between_history_and_checkpoint(kingston, portal, tmp_path):
    action, other = portal.all("SELECT id FROM client_actions WHERE client_group_id <= 2 ORDER BY client_group_id LIMIT 2")
    objective = portal.one("SELECT id FROM client_objectives WHERE client_group_id = 1")
    early = now(portal)
    portal.run("UPDATE client_actions SET action_name = 'Second' WHERE id = %s", action)
    assert kingston("checkpoint", "create", "--name", "here", "--in", str(tmp_path), portal=portal).code == 0
    portal.run("UPDATE client_actions SET action_name = 'Third', client_group_id = 2 WHERE id = %s", action)
    portal.run("UPDATE client_actions SET action_name = 'Other' WHERE id = %s", other)
    late = now(portal)

    def check(at: str, code: int) -> list[str]:
        outcome = kingston("recover", "check", "1", "--at", at, "--checkpoint", "here", "--in", str(tmp_path), "--json", portal=portal)
        assert outcome.code == code, outcome.out
        assert [finding["code"] for finding in outcome.json["findings"]] == ["differs"] * len(outcome.json["data"]["differences"])
        return outcome.json["data"]["differences"]

    assert check(late, 0) == []
    forged = (
        "UPDATE row_history SET changes = jsonb_set(changes, '{action_name,0}', '\"Forged\"')"
        f" WHERE table_name = 'client_actions' AND row_id = {action} AND changes -> 'action_name' ->> 1 = 'Second'"
    )
    quietly(portal, "row_history", "row_history_append_only", forged)
    quietly(portal, "client_objectives", "history_delete", f"DELETE FROM client_objectives WHERE id = {objective}")
    gone = f'client_objectives {{"id": {objective}}}: was there by the checkpoint, not by the history'
    assert check(early, 1) == [f'client_actions {{"id": {action}}}: action_name differs', gone]
    assert check(late, 1) == [gone]
    for wrong, code in ((("--checkpoint", "none"), 2), (("--checkpoint", "here", "--at", "2999-01-01"), 2)):
        finding = recover(kingston, portal, "check", "1", "--at", late, "--in", str(tmp_path), *wrong, code=code)
        assert finding["code"] == "usage"


def test_verify_names_what_is_wrong_and_where(kingston, portal):
    def judged() -> dict[str, list[str]]:
        outcome = kingston("recover", "verify", "--json", portal=portal)
        found = {j["area"].split(":")[0]: j["wrong"] for j in outcome.json["data"]["judgements"]}
        assert len(outcome.json["findings"]) == sum(map(len, found.values()))
        assert outcome.code == (1 if any(found.values()) else 0)
        return found

    before = judged()  # of performance nothing is sure: others use the machine
    assert before | {"performance": []} == {"data": [], "references": [], "business rules": [], "performance": []}
    # A query whose limit is nothing at all is always beyond it.
    query = portal.one("SELECT query_name FROM benchmark_queries() WHERE kind = 'probe' ORDER BY 1 LIMIT 1")
    portal.run("ALTER FUNCTION benchmark_queries() RENAME TO those_before")
    portal.run(
        "CREATE FUNCTION benchmark_queries() RETURNS TABLE (query_name text, kind text, limit_ms numeric, minimum_rows integer, query text)"
        f" LANGUAGE sql AS $$ SELECT q.query_name, q.kind, CASE q.query_name WHEN '{query}' THEN 0 ELSE q.limit_ms END,"
        f" CASE q.query_name WHEN '{query}' THEN 0 ELSE q.minimum_rows END, q.query FROM those_before() AS q $$"
    )
    action = portal.one("SELECT min(id) FROM client_actions")
    for name in ("Forged", "Again"):  # between two lines nobody recorded anything
        quietly(portal, "client_actions", "history_update", f"UPDATE client_actions SET action_name = 'Forged' WHERE id = {action}")
        portal.run("UPDATE client_actions SET action_name = %s WHERE id = %s", name + "!", action)
    rule, body = portal.one(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'client_objectives'::regclass AND contype = 'c' AND conname LIKE '%priority%'")  # fmt: skip
    portal.run(f"ALTER TABLE client_objectives DROP CONSTRAINT {rule}")
    portal.run("UPDATE client_objectives SET priority = 99 WHERE client_group_id = 1")
    portal.run(f"ALTER TABLE client_objectives ADD CONSTRAINT {rule} {body} NOT VALID")
    person = portal.one("SELECT max(product_owner_id) FROM product_owner_phones")
    portal.run(f"SET session_replication_role = replica; DELETE FROM product_owners WHERE id = {person}")
    found = judged()
    assert any(f"client_actions/{action}" in text or f'client_actions {{"id": {action}}}' in text for text in found["data"])
    assert "1 rows of product_owner_phones: product_owner_id refers to no row of product_owners" in found["references"]
    assert f"1 rows of client_objectives break {rule}" in found["business rules"]
    assert any(text.startswith(f"{query}: ") for text in found["performance"])

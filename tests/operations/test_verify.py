"""kingston verify, alone: the final verification"""

from __future__ import annotations

import pytest

from kingston_schema.operations.verify import archive, final
from promises import writes

NAMES = {"objects", archive.NAME} | {check.name for check in final.definitions()}


def failing(report) -> dict[str, tuple[str, ...]]:
    return {outcome.name: outcome.keys for outcome in report.failed}


@pytest.mark.parametrize("revision", ["legacy", "phase_2", "phase_3"])
def test_at_every_revision_what_cannot_be_asked_yet_is_named(kingston, newest_portal_at, revision):
    portal = newest_portal_at(revision, seed=True)
    report = final.run(portal.url)
    assert failing(report) == {}
    asked = {outcome.name for outcome in report.outcomes}
    left = {left.name for left in report.left_out}
    assert asked | left == NAMES
    assert not asked & left
    assert {"complete_summary", "dense_summary", "ownership_summary"} <= left
    assert ("ownership_links" in asked) is (revision == "phase_3")
    if revision == "legacy":
        told = kingston("verify", "--all", portal=portal)
        assert told.code == 0
        assert "not asked at legacy: archive_accounted (from pre_migration_control)" in told.out


# Check → (what plants its defect, the key that must be named).  Planted one after the other in one database.
PLANTED = {
    "objects": ("DROP INDEX idx_product_owner_phones_owner_id", "missing: index idx_product_owner_phones_owner_id"),
    "archive_accounted": ("CREATE TABLE kingston_archive.strange AS SELECT 1 AS id", "strange: nobody recorded how it came"),
    "phones_accounted": ("ALTER TABLE product_owners ADD COLUMN phone_1 text; SET session_replication_role = replica; UPDATE product_owners SET phone_1 ="
                         " '020 7946 0000' WHERE id = {owner}; RESET session_replication_role", "product owner {owner} phone_1: not migrated"),
    "history_present": ("ALTER TABLE client_objectives DISABLE TRIGGER history_insert; INSERT INTO client_objectives (id, client_group_id, title, created_by)"
                        " OVERRIDING SYSTEM VALUE SELECT 987654, {another}, 'x', min(id) FROM profiles;"
                        " ALTER TABLE client_objectives ENABLE ALWAYS TRIGGER history_insert", "client_objectives 987654"),
    "networth_statements": ("SET session_replication_role = replica; UPDATE networth_statements SET total_assets = total_assets + 1 WHERE id = {statement};"
                            " RESET session_replication_role", "networth_statements {statement} of client group "),
    "ownership_links": ("SET session_replication_role = replica; DELETE FROM product_owner_products WHERE product_id = {product};"
                        " RESET session_replication_role", "product {product}: only the document names "),
    "ownership_shares": ("ALTER TABLE client_unmanaged_products DISABLE TRIGGER USER; {drop}; UPDATE client_unmanaged_products SET ownership_details ="
                         " jsonb_set(ownership_details, ARRAY[{owner}::text], '10') WHERE id = {unmanaged};"
                         " ALTER TABLE client_unmanaged_products ENABLE TRIGGER USER", "unmanaged product {unmanaged}: 49.75"),
    "money_per_client": ("CREATE OR REPLACE VIEW product_ownership AS SELECT p.id AS product_id, p.client_id AS client_group_id, s.product_owner_id,"
                         " CASE WHEN p.client_id = {group} THEN s.percentage / 2 ELSE s.percentage END AS percentage,"
                         " p.ownership_details ->> 'association_type' AS association_type, s.is_equal_split,"
                         " coalesce(p.ownership_details ->> 'note' = 'equal_split_assumed', false) AS is_assumed"
                         " FROM client_products AS p CROSS JOIN LATERAL ownership_shares(p.ownership_details) AS s", "client group {group}: products are worth "),
    "complete_summary": ("UPDATE client_complete_summary SET total_managed_value = total_managed_value + 0.01 WHERE client_group_id = {group}",
                         "client group {group}: total_managed_value is "),
    "ownership_summary": ("UPDATE client_ownership_summary SET managed_ownership_value = managed_ownership_value - 0.000001 WHERE (client_group_id, product_owner_id)"
                          " = (SELECT client_group_id, product_owner_id FROM client_ownership_summary ORDER BY 1, 2 LIMIT 1)", "client group {first}: managed_ownership_value is "),
    "dense_summary": ("DELETE FROM client_dense_summary WHERE client_group_id = {group}", "client group {group}: missing"),
}  # fmt: skip


def test_every_check_passes_on_a_full_portal_and_fails_by_its_defect(kingston, newest_portal_at):
    assert PLANTED.keys() == NAMES
    portal = newest_portal_at("head", seed=True)
    writes.fill(portal)
    waiting = final.run(portal.url)
    assert failing(waiting) == {}
    assert "0 of 0 client groups differ" in found(waiting, "complete_summary")
    portal.run("SELECT count(*) FROM refresh_dirty_summaries()")
    clean = final.run(portal.url)
    assert failing(clean) == {}
    assert clean.left_out == ()
    assert "0 of 13 client groups differ" in found(clean, "dense_summary")
    values = {
        "group": portal.one("SELECT client_group_id FROM client_complete_summary WHERE total_managed_value > 0 AND client_group_id IN"
                            " (SELECT client_id FROM client_products JOIN product_owner_products ON product_id = client_products.id) LIMIT 1"),
        "owner": portal.one("SELECT min(id) FROM product_owners"),
        "statement": portal.one("SELECT min(id) FROM networth_statements"),
        "product": portal.one("SELECT max(product_id) FROM product_owner_products WHERE product_owner_id IS NOT NULL"),
        "unmanaged": portal.one("SELECT min(id) FROM client_unmanaged_products"),
        "drop": "; ".join(portal.all("SELECT format('ALTER TABLE client_unmanaged_products DROP CONSTRAINT %I', conname) FROM pg_constraint"
                                     " WHERE conrelid = 'client_unmanaged_products'::regclass AND contype = 'c' AND conname ~ 'ownership'")),
    }  # fmt: skip
    values["another"] = portal.one("SELECT max(id) FROM client_groups WHERE id <> %s", values["group"])
    first = portal.one(
        "SELECT client_group_id, product_owner_id FROM client_ownership_summary ORDER BY 1, 2 LIMIT 1"
    )
    values["first"] = f"{first[0]} owner {first[1]}"
    for statement, _ in PLANTED.values():
        portal.connection.execute(statement.format(**values).encode())
        portal.run("DELETE FROM summary_dirty")
    keys = failing(final.run(portal.url))
    for name, (_, key) in PLANTED.items():
        assert any(key.format(**values) in told for told in keys[name]), (name, keys.get(name))
    told = kingston("verify", portal=portal)
    assert told.code == 1
    assert "fix: SELECT refresh_client_complete_summary()" in told.out
    assert f"client group {values['group']}: missing" in told.out
    document = kingston("verify", "--json", portal=portal).json
    assert {finding["object"] for finding in document["findings"]} == NAMES
    assert sum(len(outcome["keys"]) for outcome in document["data"]["outcomes"]) >= len(NAMES)
    repaired = "CALL kingston.migrate_owner_phones()"
    assert repaired in {finding["fix"] for finding in document["findings"]}
    portal.run(repaired)
    assert "phones_accounted" not in failing(final.run(portal.url))


def found(report, name: str) -> str:
    (outcome,) = [outcome for outcome in report.outcomes if outcome.name == name]
    return outcome.found


def test_archived_rows_are_accounted_for_through_rollbacks_and_returns(newest_portal_at):
    portal = newest_portal_at("phase_2_owner_phones", seed=True)
    portal.run(
        "INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number, label) SELECT id, 'other', '020 7946 0018', 'boat' FROM product_owners"
    )
    archived = portal.one("SELECT count(*) FROM product_owners WHERE inception_date IS NOT NULL")
    portal.alembic("downgrade", "phase_1")
    assert failing(final.run(portal.url)) == {}
    portal.run("DELETE FROM product_owners WHERE id = (SELECT max(id) FROM product_owners)")
    columns = "product_owners__phase_2_product_owners"
    portal.run(f"DELETE FROM kingston_archive.{columns} WHERE id = (SELECT min(id) FROM product_owners)")
    portal.run("ALTER TABLE kingston_archive.product_owner_phones RENAME TO taken_away")
    assert failing(final.run(portal.url))[archive.NAME] == (
        "product_owner_phones: recorded in the archive, and not there",
        f"{columns}: {archived:,} rows went in, {archived - 1:,} there",
        "taken_away: nobody recorded how it came",
    )
    portal.run("ALTER TABLE kingston_archive.taken_away RENAME TO product_owner_phones")
    portal.alembic("upgrade", "phase_2_owner_phones")
    again = final.run(portal.url)
    assert failing(again) == {}
    assert "2 rows in 2 tables of the archive" in found(
        again, archive.NAME
    )  # the deleted owner's, in quarantine
    portal.run("DELETE FROM kingston_archive.quarantine__product_owner_phones")
    assert failing(final.run(portal.url))[archive.NAME] == (
        "quarantine__product_owner_phones: 1 rows recorded, 0 there",
    )


def test_it_reads_one_snapshot_and_writes_nothing(newest_portal_at, monkeypatch):
    portal = newest_portal_at("head", seed=True)
    seen = []
    original = final._ask

    def between(connection, names, check):
        seen.append(connection.execute("SHOW transaction_read_only").fetchone()[0])
        portal.run(
            "UPDATE client_groups SET name = name || '!'"
        )  # a writer; not marked as dirty in the snapshot
        return original(connection, names, check)

    monkeypatch.setattr(final, "_ask", between)
    assert failing(final.run(portal.url)) == {}
    assert set(seen) == {"on"}


def test_bad_input(kingston, newest_portal_at):
    empty = newest_portal_at("base")
    assert kingston("verify", "--json", portal=empty).code == 2
    wrong = kingston("verify", "--format", "xml", portal=empty)
    assert wrong.code == 2
    assert "--format text, json, junit or github" in wrong.err


def test_help_lists_the_rehearsal_too(kingston):
    told = kingston("verify", "--help")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.split("Commands:\n")[1].splitlines()] == ["rollback"]

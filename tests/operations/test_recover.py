"""kingston recover client, undo, check, items, ownership, verify"""

from __future__ import annotations

import json

import psycopg
import pytest

from operations.recovering import filled, now, recover, spoil, state
from owner_data import say
from promises.writes import ENVELOPE


@pytest.fixture
def portal(newest_portal_at):
    return filled(newest_portal_at("head", seed=True))


def test_E210_E211_E218_a_spoilt_client_comes_back_and_nobody_else_notices(kingston, portal):
    client = portal.one(
        "SELECT p.client_id FROM client_products AS p WHERE p.ownership_details ->> 'why' = 'a letter' ORDER BY 1 LIMIT 1")  # fmt: skip
    other = portal.one("SELECT min(id) FROM client_groups WHERE id <> %s", client)
    before, at = state(portal), now(portal)
    spoil(portal, client)
    portal.run("UPDATE client_actions SET description = 'meanwhile' WHERE client_group_id = %s", other)
    spoilt = state(portal)
    dry = recover(kingston, portal, "client", str(client), "--at", at, "--dry-run")
    assert (dry["dry_run"], dry["id"], state(portal)) == (True, "", spoilt)
    shown = kingston("recover", "client", str(client), "--at", at, "--dry-run", portal=portal).out
    assert "name: Spoilt →" in shown
    assert "nothing was changed" in shown

    lines = portal.one("SELECT max(id) FROM row_history")
    done = recover(kingston, portal, "client", str(client), "--at", at, "--yes", "--reason", "an import went wrong")
    assert [c["key"] for c in done["changes"]] == [c["key"] for c in dry["changes"]]
    assert done["others"] > 100
    after = state(portal)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"client_actions"}  # what the other did meanwhile
    assert portal.all("SELECT DISTINCT client_group_id FROM client_actions WHERE description = 'meanwhile'") == [other]
    assert len([line for line in before["client_actions"] if line not in after["client_actions"]]) == 1
    assert portal.all("SELECT DISTINCT correlation_id, reason FROM row_history WHERE id > %s", lines) == [
        (f"recover {done['id']}", "an import went wrong")]  # fmt: skip
    assert recover(kingston, portal, "client", str(client), "--at", at, "--dry-run")["changes"] == []
    assert kingston("audit", "verify", portal=portal).code == 0

    undone = recover(kingston, portal, "undo", done["id"], "--yes")
    assert state(portal) == spoilt
    again = recover(kingston, portal, "undo", undone["id"], "--yes")
    assert state(portal) == after
    portal.run("UPDATE client_groups SET name = 'Later' WHERE id = %s", client)
    finding = recover(kingston, portal, "undo", again["id"], "--yes", code=3)
    assert f'client_groups {{"id": {client}}}' in finding["message"]


def test_E212_a_client_deleted_meanwhile_comes_back_with_people_numbers_and_links(kingston, portal):
    client = portal.one(
        "SELECT m.client_group_id FROM client_group_product_owners AS m JOIN client_products AS p ON p.client_id = m.client_group_id"
        " GROUP BY 1 HAVING bool_and(NOT EXISTS (SELECT 1 FROM client_group_product_owners AS o"
        " WHERE o.product_owner_id = m.product_owner_id AND o.client_group_id <> m.client_group_id)) ORDER BY 1 LIMIT 1")  # fmt: skip
    owners = portal.all("SELECT product_owner_id FROM client_group_product_owners WHERE client_group_id = %s AND product_owner_id IS NOT NULL", client)
    portal.run("UPDATE product_owners SET security_words = %s, notes = 'in plain' WHERE id = ANY (%s)", ENVELOPE, owners)
    portal.run("UPDATE product_owner_phones SET phone_number = 'XXXXXXXX123', phone_number_encrypted = %s WHERE product_owner_id = %s", ENVELOPE, owners[0])
    before, at = state(portal), now(portal)
    plain = portal.all("SELECT id FROM product_owner_phones WHERE product_owner_id = ANY (%s) AND phone_number_encrypted IS NULL", owners)
    shared = portal.all(
        "SELECT DISTINCT l.product_owner_id FROM product_owner_products AS l JOIN client_products AS p ON p.id = l.product_id"
        " WHERE p.client_id <> %s AND l.product_owner_id = ANY (%s)", client, owners)  # fmt: skip
    for statement in (
        "DELETE FROM client_products WHERE client_id = %s",
        "DELETE FROM product_owners WHERE id IN (SELECT product_owner_id FROM client_group_product_owners WHERE client_group_id = %s)",
        "DELETE FROM client_groups WHERE id = %s",
    ):
        portal.run(statement, client)
    gone = state(portal)
    done = recover(kingston, portal, "client", str(client), "--at", at, "--yes")
    after = state(portal)
    different = {name for name in before if before[name] != after[name]}
    assert different <= {"product_owners", "product_owner_phones", "holding_activity_log", "client_products", "product_owner_products",
                         "provider_switch_log"}, different  # fmt: skip
    assert not shared, "the sample has a client whose people have nothing elsewhere"
    # The ciphertext is back as it was; what was plain is not made up.
    assert portal.all("SELECT DISTINCT security_words, notes FROM product_owners WHERE id = ANY (%s)", owners) == [(ENVELOPE, None)]
    assert portal.all("SELECT phone_number_encrypted FROM product_owner_phones WHERE product_owner_id = ANY (%s)", owners) == [ENVELOPE]
    left = {(entry["table"], json.loads(entry["key"])["id"]) for entry in done["left"]}
    assert {("product_owner_phones", number) for number in plain} <= left
    assert "[redacted]" not in json.dumps(after)
    assert before["client_groups"] == after["client_groups"]
    assert len(before["client_products"]) == len(after["client_products"])
    assert before["product_owner_products"] == after["product_owner_products"]
    undone = recover(kingston, portal, "undo", done["id"], "--yes")
    assert undone["left"] == []
    assert state(portal) == gone


def test_a_plain_secret_is_not_destroyed_unless_told_and_only_some_tables(kingston, portal):
    client = portal.one("SELECT client_group_id FROM client_group_secrets ORDER BY 1 LIMIT 1")
    at = now(portal)
    portal.run("UPDATE client_group_secrets SET private_notes = 'new and plain' WHERE client_group_id = %s", client)
    portal.run("UPDATE client_groups SET name = 'Other' WHERE id = %s", client)
    data = recover(kingston, portal, "client", str(client), "--at", at, "--tables", "client_group_secrets", "--yes")
    assert (data["changes"], [entry["table"] for entry in data["left"]]) == ([], ["client_group_secrets"])
    data = recover(kingston, portal, "client", str(client), "--at", at, "--tables", "client_group_secrets", "--yes", "--lose-secrets")
    assert [change["table"] for change in data["changes"]] == ["client_group_secrets"]
    assert portal.one("SELECT private_notes FROM client_group_secrets WHERE client_group_id = %s", client) is None
    assert portal.one("SELECT name FROM client_groups WHERE id = %s", client) == "Other"


def test_E220_what_cannot_be_done_is_refused_and_nothing_changes(kingston, portal):
    before = state(portal)
    begun = portal.one("SELECT finished_at - interval '1 day' FROM kingston.journal WHERE revision = 'phase_2_audit'").isoformat()
    at = now(portal)
    portal.run("INSERT INTO client_groups (name) VALUES ('Young')")
    young = portal.one("SELECT max(id) FROM client_groups")
    assert "begins at" in recover(kingston, portal, "client", "1", "--at", begun, code=3)["message"]
    assert "it came later" in recover(kingston, portal, "client", str(young), "--at", at, code=3)["message"]
    assert "never was" in recover(kingston, portal, "client", "999999", "--at", at, code=3)["message"]
    assert recover(kingston, portal, "client", "1", "--at", at, "--tables", "portfolios", code=3)["object"] == "portfolios"
    assert recover(kingston, portal, "client", "1", "--at", "2999-01-01", code=2)["code"] == "usage"
    assert recover(kingston, portal, "undo", "nothing", code=2)["code"] == "usage"
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    assert recover(kingston, portal, "client", "1", "--at", at, code=2)["code"] == "usage"  # nobody there to ask
    portal.run("ALTER TABLE client_groups ADD CONSTRAINT only_spoilt CHECK (name = 'Spoilt') NOT VALID")
    assert "only_spoilt" in recover(kingston, portal, "client", "1", "--at", at, "--yes", code=3)["message"]
    portal.run("ALTER TABLE client_groups DROP CONSTRAINT only_spoilt")
    held = portal.connect()
    held.execute("BEGIN")
    held.execute("LOCK TABLE client_actions IN ROW EXCLUSIVE MODE")
    portal.run("UPDATE client_actions SET action_name = 'Spoilt' WHERE client_group_id = 1")
    assert recover(kingston, portal, "client", "1", "--at", at, "--yes", code=4)["code"] == "busy"
    held.execute("ROLLBACK")
    recover(kingston, portal, "client", "1", "--at", at, "--yes")
    portal.run("DELETE FROM client_groups WHERE id = %s", young)
    assert state(portal) == before


def test_a_transaction_is_never_taken_back_by_half(kingston, portal):
    session = portal.connect()
    say(portal, justification="two steps")
    before = state(portal)
    session.execute("BEGIN")
    session.execute("UPDATE client_objectives SET title = 'First' WHERE client_group_id = 2")
    at = now(portal)
    session.execute("UPDATE client_actions SET action_name = 'Second' WHERE client_group_id = 2")
    session.execute("COMMIT")
    recover(kingston, portal, "client", "2", "--at", at, "--yes")
    assert state(portal) == before


def test_the_history_cannot_be_left_out_of_a_recovery(kingston, portal):
    """A recovery switches off what would change the values, never what records them."""
    at = now(portal)
    portal.run("UPDATE client_actions SET action_name = 'Spoilt' WHERE client_group_id = 1")
    done = recover(kingston, portal, "client", "1", "--at", at, "--yes")
    assert portal.one("SELECT count(*) FROM row_history WHERE correlation_id = %s", f"recover {done['id']}") == len(done["changes"])
    off = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"
    assert portal.one(off) == 0
    with pytest.raises(psycopg.errors.CheckViolation):
        portal.run("UPDATE client_actions SET status = 'cancelled' WHERE status = 'completed'")


def test_E224_two_independent_ways_agree_and_a_forgery_makes_them_differ(kingston, portal, tmp_path):
    portal.run("UPDATE client_groups SET name = 'First' WHERE id = 2")
    early = now(portal)
    portal.run("UPDATE client_groups SET name = 'Second' WHERE id = 2")
    assert kingston("checkpoint", "create", "--name", "here", "--in", str(tmp_path), portal=portal).code == 0
    portal.run("UPDATE client_actions SET action_name = 'Third', description = '33.30' WHERE client_group_id = 2")
    portal.run("INSERT INTO client_actions (client_group_id, action_name, owner, created_by) SELECT 2, 'New', 'client', min(id) FROM profiles")
    portal.run("DELETE FROM client_objectives WHERE client_group_id = 2")
    late = now(portal)
    portal.run("UPDATE client_actions SET action_name = 'Fourth' WHERE client_group_id = 2")
    options = ("--checkpoint", "here", "--in", str(tmp_path))
    backward = recover(kingston, portal, "check", "2", "--at", early, *options)
    assert (backward["way"], backward["unseen"], backward["differences"]) == ("backward", 0, [])
    with portal.connection.transaction():
        portal.run("ALTER TABLE client_groups DISABLE TRIGGER history_update")
        portal.run("UPDATE client_groups SET name = 'Forged' WHERE id = 2")
        portal.run("ALTER TABLE client_groups ENABLE ALWAYS TRIGGER history_update")
    outcome = kingston("recover", "check", "2", "--at", late, *options, "--json", portal=portal)
    forward = outcome.json["data"]  # what was not forged is the same both ways
    assert (outcome.code, forward["way"], forward["unseen"]) == (1, "forward", 1)
    assert forward["differences"] == ['client_groups {"id": 2}: name differs']
    assert min(forward["rows"], backward["rows"]) > 8


def test_E207_E209_broken_items_get_their_last_good_content(kingston, portal):
    """Document 001, scenario 1: found by rule, kept aside, last good restored."""
    number, good = portal.one(
        "SELECT id, data_content::text FROM client_information_items WHERE item_type = 'assets_liabilities' ORDER BY id LIMIT 1")  # fmt: skip
    portal.run("UPDATE client_information_items SET data_content = data_content || '{\"current_balance\": -1.50}' WHERE id = %s", number)
    portal.run("UPDATE client_information_items SET data_content = data_content || '{\"current_balance\": -2}' WHERE id = %s", number)
    new = portal.one("INSERT INTO client_information_items (client_group_id, item_type, item_category, data_content, last_edited_by)"
                     " SELECT client_group_id, item_type, item_category, data_content, last_edited_by FROM client_information_items WHERE id = %s RETURNING id", number)
    rule = ("--broken", "$.current_balance ? (@ < 0)")
    dry = recover(kingston, portal, "items", *rule, "--dry-run")
    assert ([c["key"] for c in dry["changes"]], [entry["key"] for entry in dry["left"]]) == (
        [f'{{"id": {number}}}'], [f'{{"id": {new}}}'])  # fmt: skip
    done = recover(kingston, portal, "items", *rule, "--yes", "--remove")
    assert portal.one("SELECT data_content::text FROM client_information_items WHERE id = %s", number) == good
    assert portal.one("SELECT count(*) FROM client_information_items WHERE id = %s", new) == 0
    aside = portal.all("SELECT changes -> 'data_content' FROM row_history WHERE correlation_id = %s ORDER BY id", f"recover {done['id']}")
    assert [float((entry[0] if isinstance(entry, list) else entry)["current_balance"]) for entry in aside] == [-2, -2]
    recover(kingston, portal, "undo", done["id"], "--yes")
    assert portal.one("SELECT count(*) FROM client_information_items WHERE jsonb_path_exists(data_content, '$.current_balance ? (@ < 0)')") == 2
    assert recover(kingston, portal, "items", "--dry-run")["changes"] == []  # the rules of the types are kept by CHECKs
    assert recover(kingston, portal, "items", "--broken", "$.(", code=2)["code"] == "usage"


def test_E213_E214_links_say_what_the_documents_say_and_shares_stay_aside(kingston, portal, tmp_path):
    """Document 001, scenario 2; and the validators that judge it."""
    product, owners = portal.one(
        "SELECT p.id, ownership_owner_ids(p.ownership_details) FROM client_products AS p"
        " WHERE p.ownership_details ->> 'why' = 'a letter' ORDER BY p.id LIMIT 1")  # fmt: skip
    shares = portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product)
    stranger = portal.one("SELECT max(id) FROM product_owners WHERE NOT id = ANY (%s)", owners)
    with portal.connection.transaction():
        for event in ("delete", "insert"):
            portal.run(f"ALTER TABLE product_owner_products DISABLE TRIGGER ownership_{event}")
        portal.run("DELETE FROM product_owner_products WHERE product_id = %s AND product_owner_id = %s", product, owners[0])
        portal.run("INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s)", product, stranger)
        for event in ("delete", "insert"):
            portal.run(f"ALTER TABLE product_owner_products ENABLE TRIGGER ownership_{event}")
    outcome = kingston("recover", "verify", "--json", portal=portal)
    judged = {j["area"].split(":")[0]: j["wrong"] for j in outcome.json["data"]["judgements"]}
    assert judged["business rules"] == [f"ownership of product {product}: owners differ"]
    assert (judged["data"], judged["references"], outcome.code) == ([], [], 1)
    dry = recover(kingston, portal, "ownership", "--dry-run")
    assert len(dry["mismatches"]) == 1
    file = tmp_path / "shares.jsonl"
    done = recover(kingston, portal, "ownership", "--keep", str(file), "--yes")
    assert done["shares"] == len(file.read_text().splitlines())
    assert {"product": product, "ownership": shares} in [json.loads(line) for line in file.read_text().splitlines()]
    assert portal.one("SELECT array_agg(DISTINCT product_owner_id ORDER BY product_owner_id) FROM product_owner_products WHERE product_id = %s", product) == owners
    assert portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product) == shares
    assert recover(kingston, portal, "ownership", "--dry-run")["mismatches"] == []
    judged = {j["area"].split(":")[0]: j["wrong"] for j in kingston("recover", "verify", "--json", portal=portal).json["data"]["judgements"]}
    assert judged["business rules"] == judged["data"] == judged["references"] == []

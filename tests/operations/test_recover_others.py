"""kingston recover client: nobody else's row changes, whatever is shared, moved, planted or written meanwhile"""

from __future__ import annotations

import json
import threading

import pytest

from operations.recovering import filled, now, recover, spoil, state

PLANTED = """
CREATE FUNCTION reach_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {0} SET {1} = 'Reached' WHERE id = (SELECT min(o.id) FROM {0} AS o WHERE o.client_group_id <> 1);
    RETURN NULL;
END $$;
CREATE TRIGGER reach_out AFTER UPDATE ON client_groups FOR EACH ROW EXECUTE FUNCTION reach_out();
"""


@pytest.fixture
def portal(newest_portal_at):
    return filled(newest_portal_at("head", seed=True))


def left(data):
    return {(entry["table"], *json.loads(entry["key"]).values(), entry["why"]) for entry in data["left"]}


def test_a_trigger_that_would_change_another_client_stops_it(kingston, portal):
    """Seen by checksum where the plan reaches the table, by the server's own count of written rows where it does not."""
    at = now(portal)
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    portal.run("UPDATE client_actions SET action_name = 'Spoilt' WHERE client_group_id = 1")
    before = state(portal)
    for table, column in (("client_actions", "action_name"), ("client_objectives", "title")):
        portal.run(PLANTED.format(table, column))
        for tables in ("client_groups,client_actions", "client_groups"):
            options = ("client", "1", "--at", at, "--yes", "--tables", tables)
            finding = recover(kingston, portal, *options, code=1)
            assert (finding["code"], finding["object"]) == ("not_as_expected", table)
            assert "nothing was changed" in finding["message"]
        portal.run("DROP FUNCTION reach_out CASCADE")
    portal.run(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER keep BEFORE UPDATE ON client_actions FOR EACH ROW EXECUTE FUNCTION keep()"
    )
    finding = recover(kingston, portal, "client", "1", "--at", at, "--yes", code=1)
    assert "something keeps it; nothing was changed" in finding["message"]
    portal.run("DROP FUNCTION keep CASCADE")
    assert state(portal) == before
    recover(kingston, portal, "client", "1", "--at", at, "--yes")


def test_what_another_client_has_now_had_then_or_shares_stays(kingston, portal):
    one = "SELECT min(product_owner_id) FROM client_group_product_owners WHERE client_group_id = %s"
    mine, theirs = portal.one(one, 1), portal.one(one, 2)
    product = "SELECT min(id) FROM client_products WHERE client_id = %s"
    my_product, their_product = portal.one(product, 1), portal.one(product, 2)
    link = portal.one("INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s) RETURNING id", my_product, theirs)
    shared = portal.one("INSERT INTO product_owners (firstname) VALUES ('Shared') RETURNING id")
    for group in (1, 2):
        portal.run("INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%s, %s)", group, shared)
    phone, later = portal.all("SELECT id FROM product_owner_phones WHERE product_owner_id = %s ORDER BY id LIMIT 1", mine)[0], None
    later = portal.one(
        "INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number) VALUES (%s, 'mobile', '+44 20 7946 0999') RETURNING id", theirs)  # fmt: skip
    action, objective = (
        portal.one(f"SELECT min(id) FROM {table} WHERE client_group_id = %s", group)
        for table, group in (("client_actions", 1), ("client_objectives", 2))
    )
    at = now(portal)
    portal.run("UPDATE product_owners SET firstname = 'Now shared' WHERE id = %s", shared)
    portal.run("UPDATE product_owner_phones SET product_owner_id = %s, label = 'moved' WHERE id = %s", theirs, phone)
    portal.run("UPDATE product_owner_phones SET product_owner_id = %s, label = 'moved' WHERE id = %s", mine, later)
    portal.run("UPDATE product_owner_products SET product_id = %s WHERE id = %s", their_product, link)
    portal.run("UPDATE client_actions SET client_group_id = 2, action_name = 'moved' WHERE id = %s", action)
    portal.run("UPDATE client_objectives SET client_group_id = 1, title = 'moved' WHERE id = %s", objective)
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    others = "SELECT t::text FROM {} AS t WHERE id = %s"
    rows = [("product_owners", shared), ("product_owner_phones", phone), ("product_owner_phones", later),
            ("product_owner_products", link), ("client_actions", action), ("client_objectives", objective)]  # fmt: skip
    before = [portal.one(others.format(table), number) for table, number in rows]
    data = recover(kingston, portal, "client", "1", "--at", at, "--yes", "--lose-secrets")
    assert {change["table"] for change in data["changes"]} <= {"client_groups", "client_products"}
    assert [portal.one(others.format(table), number) for table, number in rows] == before
    assert left(data) == {
        ("product_owners", shared, "belongs to another client group too"),
        ("product_owner_phones", phone, f"is product owner {theirs}'s now"),
        ("product_owner_phones", later, f"was product owner {theirs}'s then"),
        ("product_owner_products", link, f"is product {their_product}'s now"),
        ("client_actions", action, "is client group 2's now"),
        ("client_objectives", objective, "was client group 2's then"),
    }


def test_others_write_while_it_waits_in_its_transaction(kingston, portal):
    """Their rows are theirs: what they commit meanwhile stays, and is no difference to the checksums."""
    at = now(portal)
    before = state(portal)
    spoil(portal, 1)
    portal.run(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END';"
        "CREATE TRIGGER wait BEFORE UPDATE ON client_groups FOR EACH ROW EXECUTE FUNCTION wait()"
    )
    held, writer = portal.connect(), portal.connect()
    held.execute("SELECT pg_advisory_lock(77)")
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"

    def meanwhile() -> None:
        while writer.execute(waits).fetchone() == (0,):
            pass
        writer.execute("INSERT INTO client_groups (name) VALUES ('Meanwhile')")
        writer.execute("UPDATE profiles SET first_name = 'Meanwhile' WHERE id = 1")
        held.execute("SELECT pg_advisory_unlock(77)")

    other = threading.Thread(target=meanwhile)
    other.start()
    recover(kingston, portal, "client", "1", "--at", at, "--yes")
    other.join()
    after = state(portal)
    assert {name for name in before if before[name] != after[name]} == {"client_groups", "profiles"}
    assert len(after["client_groups"]) == len(before["client_groups"]) + 1
    assert set(before["client_groups"]) < set(after["client_groups"])

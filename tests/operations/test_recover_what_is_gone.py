"""kingston recover client: parents that are gone, columns that came or went, values taken since, rules that say no"""

from __future__ import annotations

import json

import pytest

from operations.recovering import filled, now, recover, state

GROUP = "INSERT INTO client_groups (name) VALUES (%s) RETURNING id"
PERSON = "INSERT INTO product_owners (firstname) VALUES (%s) RETURNING id"
MEMBER = "INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%s, %s) RETURNING id"
PRODUCT = "INSERT INTO client_products (client_id, provider_id, product_name, product_type) VALUES (%s, %s, 'Bond', 'ISA') RETURNING id"
LINK = "INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s) RETURNING id"


@pytest.fixture
def portal(newest_portal_at):
    return filled(newest_portal_at("head", seed=True))


def done(data):
    return {(change["action"], change["table"], *json.loads(change["key"]).values()): change for change in data["changes"]}


def left(data):
    return {(entry["table"], *json.loads(entry["key"]).values()): entry["why"] for entry in data["left"]}


def test_parents_that_are_gone(kingston, portal):
    """A person, a product, a provider, a profile: what needs them stays out and says so; what can do without comes."""
    client, stranger, friend = portal.one(GROUP, "Mine"), portal.one(PERSON, "Stranger"), portal.one(PERSON, "Friend")
    provider = portal.one("INSERT INTO available_providers (name, status) VALUES ('Short-lived', 'active') RETURNING id")
    clerk = portal.one("INSERT INTO profiles (first_name) VALUES ('Clerk') RETURNING id")
    member = portal.one(MEMBER, client, friend)
    product, second = portal.one(PRODUCT, client, provider), portal.one(PRODUCT, client, provider)
    links = [portal.one(LINK, product, person) for person in (stranger, friend)]
    lone = portal.one(LINK, second, stranger)
    actions = "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES (%s, 'Call', 'client', %s) RETURNING id"
    action = portal.one(actions, client, clerk)
    document = portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product)
    assert {str(stranger), str(friend)} < set(document)
    at = now(portal)
    portal.run("DELETE FROM product_owners WHERE id = %s", stranger)  # nobody's member: no part of the client group
    portal.run("DELETE FROM client_products WHERE id = %s", second)
    portal.run("UPDATE client_products SET provider_id = NULL, product_name = 'Spoilt' WHERE id = %s", product)
    portal.run("DELETE FROM available_providers WHERE id = %s", provider)
    portal.run("DELETE FROM client_actions WHERE id = %s", action)
    portal.run("DELETE FROM profiles WHERE id = %s", clerk)
    data = recover(kingston, portal, "client", str(client), "--at", at, "--yes")
    changes, stayed = done(data), left(data)
    gone = f"product_owners {stranger}, to which it refers, is gone"
    assert stayed[("product_owner_products", links[0])] == gone == stayed[("product_owner_products", lone)]
    assert f"profiles {clerk}" in stayed.get(("client_actions", action), "") + "; ".join(changes.get(("insert", "client_actions", action), {}).get("lost", []))
    assert changes["update", "client_products", product]["lost"] == [
        f"ownership_details: product owner {stranger} is gone; it stays",
        f"provider_id: available_providers {provider} is gone; it stays None",
    ]
    assert changes["insert", "client_products", second]["lost"] == [
        f"provider_id: available_providers {provider} is gone",
        f"ownership_details: names product owner {stranger}, who is gone",
    ]
    assert portal.all("SELECT product_name FROM client_products WHERE client_id = %s ORDER BY id", client) == ["Bond", "Bond"]
    undone = recover(kingston, portal, "undo", data["id"], "--yes")
    assert len(undone["changes"]) == len(data["changes"])

    # The whole client group goes, and its person, who is in no other: members and links come with the person again.
    at = now(portal)
    before = state(portal)
    for statement in ("DELETE FROM client_products WHERE client_id = %s", "DELETE FROM client_groups WHERE id = %s"):
        portal.run(statement, client)
    portal.run("DELETE FROM product_owners WHERE id = %s", friend)
    people = ("client", str(client), "--at", at, "--yes", "--tables")
    data = recover(kingston, portal, *people, "client_groups,client_group_product_owners")
    assert left(data) == {("client_group_product_owners", member): f"product_owners {friend}, to which it refers, is gone"}
    recover(kingston, portal, "client", str(client), "--at", at, "--yes")
    assert state(portal) == before


def test_columns_that_came_or_went(kingston, portal):
    portal.run("ALTER TABLE client_actions ADD COLUMN extra text")
    first, second, third = portal.all("SELECT id FROM client_actions ORDER BY id LIMIT 3")
    client = "SELECT client_group_id FROM client_actions WHERE id = %s"
    one, two, three = (str(portal.one(client, number)) for number in (first, second, third))
    portal.run("UPDATE client_actions SET extra = 'then' WHERE id = ANY (%s)", [first, second])
    at = now(portal)
    portal.run("UPDATE client_actions SET extra = 'later' WHERE id = %s", first)
    portal.run("DELETE FROM client_actions WHERE id = ANY (%s)", [second, third])
    portal.run("ALTER TABLE client_actions DROP COLUMN extra")
    portal.run("ALTER TABLE client_actions ADD COLUMN rank integer NOT NULL DEFAULT 7")
    data = recover(kingston, portal, "client", one, "--at", at, "--yes", "--tables", "client_actions")
    assert (data["changes"], left(data)) == ([], {("client_actions", first): "extra: the table has no such column now"})
    data = recover(kingston, portal, "client", two, "--at", at, "--yes", "--tables", "client_actions")
    assert done(data)["insert", "client_actions", second]["lost"] == ["extra: the table has no such column now"]
    data = recover(kingston, portal, "client", three, "--at", at, "--yes", "--tables", "client_actions")
    assert done(data)["insert", "client_actions", third]["lost"] == []
    assert portal.all("SELECT rank FROM client_actions WHERE id = ANY (%s)", [second, third]) == [7, 7]


def test_values_that_somebody_has_taken_since(kingston, portal):
    """One primary number each, one rank each: rows give way to each other; what stays and is in the way is named."""
    person = portal.one("SELECT min(product_owner_id) FROM client_group_product_owners WHERE client_group_id = 1")
    number = "INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number, is_primary) VALUES (%s, 'mobile', '+44 20 7946 0998', %s) RETURNING id"
    portal.run("UPDATE product_owner_phones SET is_primary = false WHERE product_owner_id = %s", person)
    first, second = portal.one(number, person, True), portal.one(number, person, False)
    at, before = now(portal), state(portal)
    portal.run("UPDATE product_owner_phones SET is_primary = false WHERE id = %s", first)
    portal.run("UPDATE product_owner_phones SET is_primary = true WHERE id = %s", second)
    portal.run("UPDATE client_liquidity_customization SET asset_type = 'bonds' WHERE client_group_id = 1")
    portal.run("INSERT INTO client_liquidity_customization (client_group_id, asset_type, custom_liquidity_rank) VALUES (1, 'cash', 9)")
    recover(kingston, portal, "client", "1", "--at", at, "--yes")
    assert state(portal) == before

    portal.run("UPDATE product_owner_phones SET is_primary = false WHERE id = %s", first)
    plain = portal.one(number, person, True)  # stays, because no undo could bring its number back
    spoilt = state(portal)
    finding = recover(kingston, portal, "client", "1", "--at", at, "--yes", code=3)
    assert f'product_owner_phones {{"id": {first}}} cannot be put back: duplicate key' in finding["message"]
    assert f"Key (product_owner_id)=({person}) already exists" in finding["message"]
    assert state(portal) == spoilt
    recover(kingston, portal, "client", "1", "--at", at, "--yes", "--lose-secrets")
    assert portal.one("SELECT count(*) FROM product_owner_phones WHERE id = %s", plain) == 0
    assert state(portal) == before


def test_a_feature_that_is_switched_off_takes_no_row_back(kingston, portal):
    at = now(portal)
    portal.run("DELETE FROM client_objectives WHERE client_group_id = 1")
    assert kingston("rollback", "--level", "1", "--yes", portal=portal).code == 0
    finding = recover(kingston, portal, "client", "1", "--at", at, "--yes", code=3)
    assert "the feature is switched off" in finding["message"]
    assert finding["fix"].startswith("UPDATE migration_control SET value = 'true'")
    assert kingston("rollback", "--level", "1", "--undo", "--yes", portal=portal).code == 0
    assert recover(kingston, portal, "client", "1", "--at", at, "--yes")["changes"]


def test_one_table_alone_and_what_follows_it(kingston, portal):
    """Links follow documents and documents links, also where only one of the two was asked for."""
    product, client = portal.one("SELECT id, client_id FROM client_products WHERE ownership_details ->> 'why' = 'a letter' ORDER BY id LIMIT 1")
    owners = portal.all("SELECT product_owner_id FROM product_owner_products WHERE product_id = %s ORDER BY id", product)
    document = portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product)
    for tables in ("client_products", "product_owner_products"):
        at = now(portal)
        portal.run("DELETE FROM product_owner_products WHERE product_id = %s AND product_owner_id = %s", product, owners[0])
        spoilt = state(portal)
        data = recover(kingston, portal, "client", str(client), "--at", at, "--yes", "--tables", tables)
        assert {change["table"] for change in data["changes"]} == {tables}
        assert portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product) == document
        assert portal.all("SELECT product_owner_id FROM product_owner_products WHERE product_id = %s ORDER BY product_owner_id", product) == sorted(owners)
        recover(kingston, portal, "undo", data["id"], "--yes")
        assert state(portal) == spoilt
        portal.run("INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s)", product, owners[0])
    # A product that came since goes again, with the documents that the database remembers for it.
    at, before = now(portal), state(portal)
    new = portal.one(PRODUCT, client, portal.one("SELECT min(id) FROM available_providers"))
    for owner in owners:
        portal.run(LINK, new, owner)
    portal.run("UPDATE client_products SET ownership_details = jsonb_set(ownership_details, '{why}', '\"x\"') WHERE id = %s", new)
    portal.run("DELETE FROM product_owner_products WHERE product_id = %s AND product_owner_id = %s", new, owners[0])
    assert portal.one("SELECT count(*) FROM ownership_memory WHERE product_id = %s", new) == 1
    recover(kingston, portal, "client", str(client), "--at", at, "--yes")
    assert state(portal) == before

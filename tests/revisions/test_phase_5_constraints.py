"""Revision phase_5_constraints: each rule by its name, refusal by key, never without protection"""

from __future__ import annotations

import json

import pytest

from client_data import household, item, refused, unmanaged
from kingston_schema.catalog import fingerprint
from kingston_schema.errors import RefusedError
from ownership_data import (
    NO_OWNER,
    As,
    application_role,
    assumed,
    differences,
    document,
    individual,
    link,
    links,
    people,
    product,
    save_owners,
    shared,
    write,
)  # fmt: skip
from round_trip import SCHEMA

BELOW, AT = "phase_4", "phase_5_constraints"
RULES = [
    "product_ownership_has_owners", "product_ownership_share_is_number", "product_ownership_share_not_negative",
    "valid_product_ownership_details", "valid_product_ownership_details_precise",
]  # fmt: skip


def rules(portal, table):
    return portal.all(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c' AND convalidated"
        " AND conname ~ 'owner|structure' ORDER BY 1", table,
    )  # fmt: skip


def test_each_wrong_document_is_refused_by_the_rule_that_names_what_is_wrong(portal_at):
    portal = portal_at(AT)
    a, b = people(portal, 2)
    number = product(portal, a, b)
    joint = {"association_type": "joint_ownership"}
    wrong = [
        ("product_ownership_share_is_number", shared({a: "50", b: 50})),
        ("product_ownership_share_is_number", shared({a: None, b: 100})),
        ("product_ownership_share_is_number", shared({a: [100]})),
        ("product_ownership_share_not_negative", shared({a: -10, b: 110})),
        ("product_ownership_has_owners", shared({})),
        ("product_ownership_has_owners", shared({}, share=100)),
        ("product_ownership_has_owners", joint),
        ("product_ownership_has_owners", joint | {"joint_owners": [a]}),
        ("product_ownership_has_owners", joint | {"joint_owners": str(a)}),
        ("valid_product_ownership_details", {}),
        ("valid_product_ownership_details", 5),
        ("valid_product_ownership_details", []),
        ("valid_product_ownership_details", {"association_type": None, str(a): 100}),
        ("valid_product_ownership_details", {"association_type": "sole", str(a): 100}),
        ("valid_product_ownership_details", {"owners": [{"name": "Ann", "percentage": 100}], "total_percentage": 100}),
        ("valid_product_ownership_details_precise", shared({a: 50, b: 60})),
        ("valid_product_ownership_details_precise", shared({a: 50, b: 49.98})),
        ("valid_product_ownership_details_precise", shared({a: 33.334, b: 66.666})),
        ("valid_product_ownership_details_precise", individual(a) | {str(b): 0}),
        ("valid_product_ownership_details_precise", individual(a) | {str(a): 3}),
        ("valid_product_ownership_details_precise", joint | {"joint_owners": [a, a]}),
        ("valid_product_ownership_details_precise", shared({2**63: 100})),
    ]
    for rule, wrong_document in wrong:
        with refused(rule):
            write(portal, number, wrong_document)
        with refused(rule):
            portal.run("INSERT INTO client_products (ownership_details) VALUES (%s)", json.dumps(wrong_document))
    with refused(None, "23502"):
        portal.run("UPDATE client_products SET ownership_details = NULL")
    assert document(portal, number) == assumed(a, b)


def test_right_documents_are_accepted(portal_at):
    portal = portal_at(AT)
    a, b, c = people(portal, 3)
    number = product(portal)
    for right in (
        individual(a), individual(a, note="x", since=-5), NO_OWNER, {"association_type": "individual"}, shared({a: 100}),
        shared({a: 33.33, b: 33.33, c: 33.34}), shared({a: 33.33, b: 33.34, c: 33.33}), shared({a: 33.33, b: 33.33, c: 33.33}),
        shared({a: 50, b: 50.01}), shared({a: 0, b: 100}), {"association_type": "joint_ownership", "joint_owners": [b, a]},
        shared({a: 12.5, b: 87.5}, meta={"1": "x", "n": [1, -2]}),
    ):  # fmt: skip
        write(portal, number, right)
        assert document(portal, number) == right
    assert differences(portal) == []


def test_the_portal_is_never_bound_by_a_rule(portal_at):
    portal = portal_at(AT)
    with application_role(portal) as role:
        connection = portal.connect(user=role)
        app = As(connection)
        a, b, c = people(app, 3)
        number = product(app)
        for owners in ([], [a], [a, a], [c, b, a], [b], []):
            save_owners(app, number, owners)
        link(app, number, None)
        link(app, None, a)
        link(app, None, None)
        app.run("INSERT INTO client_products (product_name) VALUES (NULL)")
        app.run("UPDATE client_products SET product_name = NULL, notes = ''")
        app.run("DELETE FROM product_owners")
        connection.close()
    assert portal.one("SELECT count(*) FROM pg_constraint WHERE conrelid = 'product_owner_products'::regclass AND contype IN ('c', 'u')") == 0


def test_unmanaged_products_and_items_obey_the_precise_rules(portal_at):
    portal = portal_at(AT)
    home = household(portal)
    a, b = home.owners
    with refused("valid_ownership_percentages_precise"):
        unmanaged(portal, home, ownership_details=shared({123: 50, 456: 60}))
    with refused("valid_ownership_percentages_precise"):
        unmanaged(portal, home, ownership_details=shared({a: 33.334, b: 66.666}))
    unmanaged(portal, home, ownership_details=shared({123: 33.33, 456: 33.33, 789: 33.34}))
    unmanaged(portal, home, ownership_details={})
    owners = {"product_owners": [a]}
    with refused("valid_item_data_structure"):
        item(portal, home, "basic_detail", {"shoe_size": 9, **owners})
    item(portal, home, "basic_detail", {"name": "Ann", "address_line_one": "123 Test St", **owners})


def test_E033_rows_that_break_a_rule_are_named_and_nothing_changes(portal_at):
    portal = portal_at(BELOW)
    home = household(portal)
    a, b = home.owners
    good, bad, worse, missing = (product(portal, a, b) for _ in range(4))
    write(portal, bad, shared({a: 50, b: 60}))
    write(portal, worse, shared({a: "50", b: 50}))
    portal.run("UPDATE client_products SET ownership_details = NULL WHERE id = %s", missing)
    other = unmanaged(portal, home, ownership_details=shared({a: 33.334, b: 66.666}))
    fact = item(portal, home, "basic_detail", {"shoe_size": 9, "product_owners": [a]})
    before, kept = fingerprint.read(portal.connection, SCHEMA), [document(portal, n) for n in (good, bad, worse)]
    with pytest.raises(RefusedError) as caught:
        portal.alembic("upgrade", AT)
    said = str(caught.value)
    assert said.startswith("5 rows break the rules of phase 5")
    assert f"client_products: 3 rows, id {bad} (the shares add up to 110 instead of 100" in said
    assert f"id {worse} (the share of owner {a} is not a number" in said
    assert f"id {missing} (ownership is missing)" in said
    assert f"client_unmanaged_products: 1 rows, id {other} (the share of owner {a} has more than two decimals" in said
    assert f"client_information_items: 1 rows, id {fact} (" in said
    assert "nothing was changed" in said
    assert fingerprint.differences(before, fingerprint.read(portal.connection, SCHEMA)) == []
    assert [document(portal, n) for n in (good, bad, worse)] == kept
    write(portal, bad, shared({a: 40, b: 60}))
    write(portal, worse, shared({a: 50, b: 50}))
    write(portal, missing, assumed(a, b))
    portal.run("DELETE FROM client_unmanaged_products")
    portal.run("DELETE FROM client_information_items")
    portal.alembic("upgrade", AT)
    assert rules(portal, "client_products") == RULES


def test_E058_the_old_rule_stays_until_the_new_one_holds(portal_at):
    portal = portal_at(BELOW)
    home = household(portal)
    number = unmanaged(portal, home, ownership_details=shared({1: 33.334, 2: 66.666}))
    with pytest.raises(RefusedError, match=rf"client_unmanaged_products: 1 rows, id {number} "):
        portal.alembic("upgrade", AT)
    assert rules(portal, "client_unmanaged_products") == ["valid_ownership_details", "valid_ownership_percentages"]
    with refused("valid_ownership_percentages"):
        unmanaged(portal, home, ownership_details=shared({1: 5}))
    portal.run("DELETE FROM client_unmanaged_products")
    portal.alembic("upgrade", AT)
    assert rules(portal, "client_unmanaged_products") == ["valid_ownership_details", "valid_ownership_percentages_precise"]
    portal.alembic("downgrade", BELOW)
    assert rules(portal, "client_unmanaged_products") == ["valid_ownership_details", "valid_ownership_percentages"]


def test_E058_E033_the_new_rule_is_added_before_the_old_one_is_dropped(portal_at):
    script = portal_at(BELOW).alembic("upgrade", f"{BELOW}:{AT}", sql=True)
    added = script.index("'valid_ownership_percentages_precise'")
    validated = script.index(
        "validate_constraint('client_unmanaged_products', 'valid_ownership_percentages_precise')"
    )
    dropped = script.index("DROP CONSTRAINT IF EXISTS valid_ownership_percentages;")
    assert added < validated < dropped
    back = portal_at(AT).alembic("downgrade", f"{AT}:{BELOW}", sql=True)
    assert back.index(
        "validate_constraint('client_unmanaged_products', 'valid_ownership_percentages')"
    ) < back.index(
        "DROP CONSTRAINT IF EXISTS valid_ownership_percentages_precise"
    )


def test_down_and_up_over_rows(portal_at):
    portal = portal_at(BELOW, seed=True)
    home = household(portal)
    unmanaged(portal, home, ownership_details=individual(home.owners[0]))
    below, before = fingerprint.read(portal.connection, SCHEMA), links(portal)
    portal.alembic("upgrade", AT)
    at = fingerprint.read(portal.connection, SCHEMA)
    assert rules(portal, "client_products") == RULES
    portal.alembic("downgrade", BELOW)
    assert fingerprint.differences(below, fingerprint.read(portal.connection, SCHEMA)) == []
    portal.run("UPDATE client_products SET ownership_details = NULL WHERE id = 1")
    assert document(portal, 1) is None, "below, nothing of phase 5 is left"
    save_owners(portal, 1, [home.owners[0]])
    portal.alembic("upgrade", AT)
    assert fingerprint.differences(at, fingerprint.read(portal.connection, SCHEMA)) == []
    assert len(links(portal)) >= len(before) - 5

"""reconcile_ownership: no row when links and documents agree, one per finding when they do not"""

from __future__ import annotations

import json

import pytest

from ownership_data import assumed, individual, link, people, product, shared, write


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_3_ownership")


def found(portal):
    return portal.all("SELECT product_id, finding, linked_owners, stated_owners, explanation FROM reconcile_ownership()")


def test_agreement_gives_no_row(portal):
    a, b, c = people(portal, 3)
    product(portal)
    product(portal, a, None)
    edited, joint = product(portal, a, b, a), product(portal, a, b, c)
    write(portal, edited, shared({a: 1, b: 99}))
    write(portal, joint, {"association_type": "joint_ownership", "joint_owners": [c, a, b]})
    link(portal, None, a)
    assert found(portal) == []


def test_E080_E084_what_is_apart_is_named(portal):
    a, b = people(portal, 2)
    apart, missing, wrong, empty = product(portal, a), product(portal, a), product(portal, a, b), product(portal)
    portal.run("SET session_replication_role = replica")
    write(portal, apart, individual(b))
    portal.run("UPDATE client_products SET ownership_details = NULL WHERE id = %s", missing)
    write(portal, wrong, shared({a: 50, b: 60}))
    write(portal, empty, {})
    assert found(portal) == [
        (apart, "owners differ", [a], [b], f"links name {{{a}}}, the document names {{{b}}}"),
        (missing, "missing", [a], [], "ownership_details is NULL"),
        (wrong, "invalid", [a, b], [a, b], "the shares add up to 110 instead of 100 (99.99 to 100.01 are accepted)"),
        (empty, "invalid", [], [], "association_type is missing"),
    ]
    assert portal.one("SELECT count(*) FROM reconcile_ownership() WHERE finding = 'owners differ'") == 1


def test_an_equal_document_under_other_owners_is_not_taken_for_agreement(portal):
    a, b = people(portal, 2)
    number = product(portal, a, b)
    portal.run("SET session_replication_role = replica")
    portal.run("UPDATE client_products SET ownership_details = %s", json.dumps(assumed(a, b)))
    portal.run("DELETE FROM product_owner_products WHERE product_owner_id = %s", b)
    assert [(n, f) for n, f, *_ in found(portal)] == [(number, "owners differ")]

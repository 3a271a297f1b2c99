"""ownership_review and ownership_link_findings: what the conversion had to assume, and what it passed over"""

from __future__ import annotations

import pytest

from ownership_data import assumed, individual, link, people, product, shared, write


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_3_ownership")


def review(portal):
    return portal.all("SELECT product_id, reason, owners FROM ownership_review ORDER BY 1")


def test_E049_assumed_shares_are_listed_until_somebody_confirms_them(portal):
    a, b, c = people(portal, 3)
    single, pair, three, nobody = product(portal, a), product(portal, a, b), product(portal, a, b, c), product(portal)
    assert review(portal) == [
        (pair, "equal_split_assumed", 2), (three, "equal_split_assumed", 3), (nobody, "no_previous_ownership", 0),
    ]  # fmt: skip
    assert single not in [number for number, *_ in review(portal)]
    write(portal, pair, shared({a: 50, b: 50}))
    write(portal, nobody, individual(c))
    assert review(portal) == [(three, "equal_split_assumed", 3)]
    assert portal.one("SELECT ownership_details FROM ownership_review") == assumed(a, b, c)


def test_E047_links_that_carry_no_ownership_are_reported(portal):
    portal.run("INSERT INTO product_owners (id) VALUES (0)")
    a, b = people(portal, 2)
    number = product(portal, a, b)
    expected = [
        (link(portal, number, a), "repeated"), (link(portal, number, None), "no owner"),
        (link(portal, None, a), "no product"), (link(portal, None, None), "no product and no owner"),
        (link(portal, number, 0), "owner id below 1"), (link(portal, number, a), "repeated"),
        (link(portal, None, a), "no product"),
    ]  # fmt: skip
    assert portal.all("SELECT link_id, finding FROM ownership_link_findings ORDER BY 1") == expected


def test_the_earliest_of_repeated_links_is_the_one_that_counts(portal):
    (a,) = people(portal, 1)
    number = product(portal, a, a)
    first, second = portal.all("SELECT id FROM product_owner_products ORDER BY id")
    portal.run("UPDATE product_owner_products SET created_at = '2020-01-01' WHERE id = %s", second)
    assert portal.all("SELECT link_id, product_id FROM ownership_link_findings") == [(first, number)]

"""ownership_from_links: the conversion itself"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ownership_data import assumed, individual, link, people, product


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_3_ownership")


def rows(portal, number):
    return portal.one("SELECT owner_ids, owner_set, ownership_details FROM ownership_from_links WHERE product_id = %s", number)


def raw(portal, number):
    """The document with its numbers as they are written."""
    text = portal.one("SELECT ownership_details::text FROM ownership_from_links WHERE product_id = %s", number)
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def test_none_one_and_several(portal):
    a, b, c = people(portal, 3)
    assert rows(portal, product(portal)) is None
    assert rows(portal, product(portal, None)) is None
    assert rows(portal, product(portal, b)) == ([b], [b], individual(b))
    assert rows(portal, product(portal, c, a)) == ([c, a], [a, c], assumed(c, a))
    three = product(portal, c, a, b)
    assert rows(portal, three) == ([c, a, b], [a, b, c], assumed(c, a, b))
    assert raw(portal, three) == {"association_type": "tenants_in_common", "note": "equal_split_assumed",
                                  str(c): Decimal("33.34"), str(a): Decimal("33.33"), str(b): Decimal("33.33")}  # fmt: skip


def test_E047_a_repeated_link_counts_once_and_half_links_not_at_all(portal):
    a, b = people(portal, 2)
    number = product(portal, a, a, None, b, a)
    link(portal, None, b)
    assert rows(portal, number) == ([a, b], [a, b], assumed(a, b))


def test_the_order_is_that_of_created_at_then_id(portal):
    a, b, c = people(portal, 3)
    number = product(portal, a, b, c)
    portal.run("UPDATE product_owner_products SET created_at = '2020-01-01' WHERE product_owner_id IN (%s, %s)", b, c)
    assert rows(portal, number)[0] == [b, c, a]
    portal.run("UPDATE product_owner_products SET created_at = '2020-01-01'")
    assert rows(portal, number)[0] == [a, b, c]


def test_ids_below_1_are_no_owners(portal):
    portal.run("INSERT INTO product_owners (id, firstname) VALUES (0, 'Zero'), (-5, 'Minus')")
    assert rows(portal, product(portal, 0, -5)) is None


def test_E156_only_the_canonical_shape_is_written_and_always_valid(portal):
    owners = people(portal, 4)
    for number in range(5):
        product(portal, *owners[:number])
    assert portal.all("SELECT DISTINCT validate_ownership_percentages_precise(ownership_details) FROM client_products") == [True]
    keys = portal.all("SELECT DISTINCT k FROM client_products, jsonb_object_keys(ownership_details) AS k WHERE k !~ '^[0-9]+$'")
    assert sorted(keys) == ["association_type", "note"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 500), offset=st.integers(0, 9_000_000_000_000))
def test_E048_shares_add_up_to_exactly_100_for_any_number_of_owners(portal, number, offset):
    portal.run("DELETE FROM product_owners")
    portal.run("INSERT INTO product_owners (id) SELECT %s + g FROM generate_series(1, %s) AS g", offset, number)
    one = product(portal)
    portal.run(
        "INSERT INTO product_owner_products (product_id, product_owner_id) SELECT %s, %s + g"
        " FROM generate_series(1, %s) AS g ORDER BY (g * 7919) %% 10007",
        one, offset, number,
    )  # fmt: skip
    order, _, _ = rows(portal, one)
    given_shares = raw(portal, one)
    shares = [given_shares[str(owner)] for owner in order]
    assert sum(shares) == 100
    assert shares == sorted(shares, reverse=True), "the earliest owners get the odd hundredths"
    assert shares[0] - shares[-1] <= Decimal("0.01")
    assert min(shares) >= 0
    assert all(share.as_tuple().exponent == -2 for share in shares)
    assert portal.one("SELECT ownership_details = %s::jsonb FROM client_products WHERE id = %s", json.dumps(given_shares, default=float), one)
    assert portal.one("SELECT validate_ownership_percentages_precise(ownership_details) FROM client_products WHERE id = %s", one)

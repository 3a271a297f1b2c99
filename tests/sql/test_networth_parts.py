"""networth_parts, client_item_amount(data), is_liability_item(category, data)"""

from __future__ import annotations

import json
from decimal import Decimal

from client_data import asset, household, item, managed, portfolio, unmanaged

PARTS = (
    "SELECT source, source_id, kind, amount, counted, counted_with FROM networth_parts"
    " WHERE client_group_id = %s ORDER BY source, source_id"
)


def test_active_products_count_at_the_latest_valuation_of_their_portfolio(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    one = managed(portal, home, 1000)
    number = portal.one("SELECT portfolio_id FROM client_products WHERE id = %s", one)
    portal.run(
        "INSERT INTO portfolio_valuations (portfolio_id, valuation, valuation_date)"
        " VALUES (%s, 1200.50, '2026-11-15'), (%s, 900, '2025-01-01')",
        number,
        number,
    )
    managed(portal, home, 5000, status="inactive")
    managed(portal, home, 5000, status=None)
    bare = managed(portal, home)
    empty = managed(
        portal,
        home,
        portfolio_id=portal.one("INSERT INTO portfolios (status) VALUES ('active') RETURNING id"),
    )
    assert portal.all(PARTS, home.group) == [
        ("managed_products", one, "asset", Decimal("1200.50"), True, None),
        ("managed_products", bare, "asset", Decimal("0.00"), False, None),
        ("managed_products", empty, "asset", Decimal("0.00"), False, None),
    ]
    shown = portal.one("SELECT total_value FROM product_value_irr_summary WHERE product_id = %s", one)
    assert shown == Decimal("1200.50")  # what the portal shows


def test_a_shared_portfolio_counts_once_in_each_client_group(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    shared = portfolio(portal, 1000)
    lapsed = managed(portal, home, portfolio_id=shared, status="inactive")
    first, second, third = (managed(portal, home, portfolio_id=shared) for _ in range(3))
    assert lapsed < first  # an inactive product does not take the value away
    assert portal.all(PARTS, home.group) == [
        ("managed_products", first, "asset", Decimal("1000.00"), True, None),
        ("managed_products", second, "asset", Decimal("0.00"), False, first),
        ("managed_products", third, "asset", Decimal("0.00"), False, first),
    ]
    other = household(portal)
    elsewhere = managed(portal, other, portfolio_id=shared)
    assert portal.all(PARTS, other.group) == [
        ("managed_products", elsewhere, "asset", Decimal("1000.00"), True, None)
    ]


def test_amounts_below_zero_and_no_amounts_at_all(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    overdrawn = managed(portal, home, -50)
    unknown = managed(portal, home, "NaN")
    gone = unmanaged(portal, home, latest_valuation=9, status="sold")
    here = unmanaged(portal, home, latest_valuation=Decimal("9.99"))
    nothing = unmanaged(portal, home)
    found = {(row[0], row[1]): row[2:] for row in portal.all(PARTS, home.group)}
    assert found == {
        ("managed_products", overdrawn): ("liability", Decimal("50.00"), True, None),
        ("managed_products", unknown): ("asset", Decimal("0.00"), False, None),
        ("unmanaged_products", here): ("asset", Decimal("9.99"), True, None),
        ("unmanaged_products", nothing): ("asset", Decimal("0.00"), False, None),
    }
    assert ("unmanaged_products", gone) not in found


def test_information_items_of_assets_and_liabilities_only(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    owners = {"association_type": "individual"}
    item(portal, home, "income_expenditure", {"amount": 5, "product_owners": [1]})
    item(portal, home, "protection", {"coverage_amount": 5, "associated_product_owners": owners})
    house = asset(portal, home, "Property", estimated_value=250000)
    owed = asset(portal, home, "Mortgage", current_balance=180000.555)
    overdraft = asset(portal, home, "Bank account", current_balance=-12.5)
    text = asset(portal, home, "Cash", current_balance="1,250")
    assert portal.all(PARTS, home.group) == [
        ("information_items", house, "asset", Decimal("250000.00"), True, None),
        ("information_items", owed, "liability", Decimal("180000.56"), True, None),
        ("information_items", overdraft, "liability", Decimal("12.50"), True, None),
        ("information_items", text, "asset", Decimal("0.00"), False, None),
    ]


def test_the_first_usable_of_three_ways_to_state_a_value(portal_at):
    portal = portal_at("phase_2_networth")
    for data, amount in (
        ({"latest_valuation": 1, "current_balance": 2, "estimated_value": 3}, 1),
        ({"current_balance": 2, "estimated_value": 3}, 2),
        ({"latest_valuation": "n/a", "estimated_value": 3.005}, Decimal("3.01")),
        ({"latest_valuation": None, "current_balance": "2"}, None),
        ({"latest_valuation": 1e300, "current_balance": 7}, 7),
        ({"value": 4}, None),
        ({}, None),
        ([], None),
        (5, None),
    ):
        assert portal.one("SELECT client_item_amount(%s)", json.dumps(data)) == amount, data


def test_what_makes_an_item_a_liability(portal_at):
    portal = portal_at("phase_2_networth")
    for category, data, expected in (
        ("liabilities", {}, True),
        ("Liability", {}, True),
        ("MORTGAGE", {}, True),
        ("car_loan", {}, True),
        ("Student loans", {}, True),
        ("credit_card", {}, True),
        ("Creditcards", {}, True),
        ("Overdraft", {}, True),
        ("Gambling debts", {}, True),
        ("assets", {}, False),
        ("Assets and liabilities", {}, False),
        ("assets_liabilities", {}, False),
        ("Sloane Street flat", {}, False),
        ("Property", {}, False),
        ("Property", {"is_liability": True}, True),
        ("Loan to a friend", {"is_liability": False}, False),
        ("Mortgage", {"is_liability": "no"}, True),
        ("Mortgage", {"is_liability": None}, True),
        (None, {}, False),
        ("Mortgage", [], True),
    ):
        assert portal.one("SELECT is_liability_item(%s, %s)", category, json.dumps(data)) is expected, (
            category,
            data,
        )


def test_a_part_has_a_name_and_a_type(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    managed(portal, home, 1, product_name="My ISA", provider_id=home.provider)
    unmanaged(portal, home, product_name="Other bank", latest_valuation=1)
    asset(portal, home, "Art", name="The old master", estimated_value=1)
    asset(portal, home, "Art", name=" ", estimated_value=1)
    assert portal.all("SELECT name, type FROM networth_parts ORDER BY source DESC, source_id") == [
        ("Other bank", "Cash_ISAs"),
        ("My ISA", "ISA"),
        ("The old master", "Art"),
        ("Art", "Art"),
    ]


def test_one_group_is_found_without_reading_all_valuations(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    portal.run("INSERT INTO portfolios (portfolio_name) SELECT 'P' FROM generate_series(1, 2000)")
    portal.run(
        "INSERT INTO portfolio_valuations (portfolio_id, valuation, valuation_date)"
        " SELECT p.id, 1, '2026-01-01'::date - m FROM portfolios AS p, generate_series(1, 12) AS m"
    )
    portal.run("INSERT INTO client_groups (name) SELECT 'G' FROM generate_series(1, 500)")
    portal.run(
        "INSERT INTO client_products (client_id, portfolio_id)"
        " SELECT 1 + p.id % 500, p.id FROM portfolios AS p"
    )
    portal.run("ANALYZE portfolio_valuations, client_products, portfolios, client_groups")
    plan = portal.one(
        "EXPLAIN (FORMAT JSON) SELECT * FROM networth_parts WHERE client_group_id = %s", home.group
    )
    assert "Seq Scan" not in [
        node.get("Node Type")
        for node in walk(plan[0]["Plan"])
        if node.get("Relation Name") == "portfolio_valuations"
    ]


def walk(node):
    yield node
    for below in node.get("Plans", []):
        yield from walk(below)

"""networth_by_liquidity(client group)"""

from __future__ import annotations

from decimal import Decimal

from client_data import asset, household, insert, managed, portfolio, unmanaged

LIST = (
    "SELECT liquidity_rank, rank_source, asset_type, asset_subtype, name, amount, running_total"
    " FROM networth_by_liquidity(%s)"
)


def estate(portal, home):
    """Assets of several ranks, a shared portfolio, a debt, and things that do not count."""
    shared = portfolio(portal, 300)
    managed(portal, home, product_name="ISA", portfolio_id=shared)
    managed(portal, home, product_name="twin", portfolio_id=shared)
    managed(portal, home, 50, product_name="Bond", product_type="onshore bond")
    managed(portal, home, 40, product_name="Odd", product_type="Tulips")
    managed(portal, home, 30, product_name="Untyped", product_type=None)
    unmanaged(
        portal, home, product_name="Bank", product_type="Bank_Accounts", latest_valuation=Decimal("10.01")
    )
    unmanaged(portal, home, product_name="Sold", product_type="Property", latest_valuation=999, status="sold")
    unmanaged(portal, home, product_name="Unknown", product_type="Property")
    asset(portal, home, "Property", name="Cottage", estimated_value=1000)
    asset(portal, home, "Mortgage", current_balance=700)


def test_most_liquid_first_with_a_running_total(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    estate(portal, home)
    d = Decimal
    assert portal.all(LIST, home.group) == [
        (1, "default_subtype", "cash", "checking_account", "Bank", d("10.01"), d("10.01")),
        (2, "default_subtype", "investments", "mutual_funds", "ISA", d("300.00"), d("310.01")),
        (5, "default_subtype", "other", "other", "Odd", d("40.00"), d("350.01")),
        (5, "default_subtype", "other", "other", "Untyped", d("30.00"), d("380.01")),
        (6, "default_subtype", "investments", "annuities", "Bond", d("50.00"), d("430.01")),
        (7, "default_subtype", "real_estate", "investment_property", "Cottage", d("1000.00"), d("1430.01")),
    ]


def test_it_ends_at_the_total_assets_of_a_statement(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    estate(portal, home)
    number = portal.one("SELECT make_networth_statement(%s, %s)", home.group, home.profile)
    assets, liabilities = portal.one(
        "SELECT total_assets, total_liabilities FROM networth_statements WHERE id = %s", number
    )
    found = portal.all(LIST, home.group)
    assert found[-1][-1] == sum(row[5] for row in found) == assets == Decimal("1430.01")
    assert liabilities == 700
    assert portal.all(LIST, household(portal).group) == []


def test_equal_amounts_do_not_share_a_running_total(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    for _ in range(3):
        unmanaged(portal, home, latest_valuation=5)
    assert [row[-1] for row in portal.all(LIST, home.group)] == [5, 10, 15]


def test_the_group_s_own_ranks_and_edited_types_count(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    unmanaged(portal, home, product_type="Property", latest_valuation=100)
    unmanaged(portal, home, product_type="Individual_Shares", latest_valuation=100)
    insert(
        portal,
        "client_liquidity_customization",
        client_group_id=home.group,
        asset_type="real_estate",
        custom_liquidity_rank=1,
    )
    portal.run(
        "UPDATE product_type_liquidity SET asset_subtype = 'private_equity'"
        " WHERE product_type = 'Individual_Shares'"
    )
    assert [row[:4] for row in portal.all(LIST, home.group)] == [
        (1, "client_type", "real_estate", "investment_property"),
        (8, "default_subtype", "investments", "private_equity"),
    ]
    insert(portal, "product_type_liquidity", product_type="property", asset_type="cash")
    portal.run("DELETE FROM product_type_liquidity WHERE product_type = 'Property'")
    assert portal.all(LIST, home.group)[0][:4] == (5, "fallback", "cash", None)

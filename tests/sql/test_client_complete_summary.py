"""client_complete_summary and its source: correct totals, active groups only"""

from __future__ import annotations

from client_data import asset, household, insert, item, managed, portfolio, unmanaged

ROW = "SELECT {} FROM client_complete_summary_source WHERE client_group_id = %s"


def test_E062_no_value_is_multiplied_by_another_tables_rows(portal_at):
    portal = portal_at("head")
    home = household(portal)
    managed(portal, home, 30_000)
    managed(portal, home, 4_000)
    for value in (1000, 500):
        unmanaged(portal, home, latest_valuation=value)
    for number in range(3):
        asset(portal, home, estimated_value=number)
        insert(portal, "client_actions", client_group_id=home.group, created_by=home.profile, action_name="A", owner="client")
        insert(portal, "client_objectives", client_group_id=home.group, created_by=home.profile, title="O")
    item(portal, home, "basic_detail", {"name": "Ann", "product_owners": [home.owners[0]]})
    portal.one("SELECT make_networth_statement(%s, %s)", home.group, home.profile)
    columns = (
        "managed_product_count, total_managed_value, unmanaged_product_count, total_unmanaged_value,"
        " information_item_count, asset_item_count, total_actions, outstanding_actions, total_objectives,"
        " active_objectives, total_client_value, networth_statement_count"
    )
    assert portal.one(ROW.format(columns), home.group) == (2, 34_000, 2, 1_500, 4, 3, 3, 3, 3, 3, 35_500, 1)


def test_E063_E160_only_the_latest_valuation_counts(portal_at):
    portal = portal_at("head")
    home = household(portal)
    number = portfolio(portal, 100, "2026-01-31")
    portal.run(
        "INSERT INTO portfolio_valuations (portfolio_id, valuation_date, valuation) VALUES (%s, '2026-02-28', 250), (%s, '2025-12-31', 900)",
        number, number,
    )  # fmt: skip
    managed(portal, home, portfolio_id=number)
    assert portal.one(ROW.format("total_managed_value"), home.group) == 250


def test_a_portfolio_shared_by_several_products_counts_once_as_in_a_statement(portal_at):
    portal = portal_at("head")
    home = household(portal)
    number = portfolio(portal, 700)
    for status in ("active", "active", "inactive"):
        managed(portal, home, portfolio_id=number, status=status)
    assert portal.one(ROW.format("managed_product_count, total_managed_value"), home.group) == (2, 700)
    statement = portal.one("SELECT make_networth_statement(%s, %s)", home.group, home.profile)
    assert portal.one("SELECT net_worth FROM networth_statements WHERE id = %s", statement) == 700


def test_only_active_groups_and_active_products(portal_at):
    portal = portal_at("head")
    home = household(portal)
    managed(portal, home, 5, status="inactive")
    unmanaged(portal, home, latest_valuation=7, status="sold")
    assert portal.one(ROW.format("managed_product_count, total_client_value, unmanaged_product_count"), home.group) == (0, 0, 0)
    portal.run("UPDATE client_groups SET status = 'dormant' WHERE id = %s", home.group)
    assert portal.one(ROW.format("status"), home.group) is None


def test_E069_last_updated_is_null_when_nothing_happened_and_true_otherwise(portal_at):
    portal = portal_at("head")
    home = household(portal)
    assert portal.one(ROW.format("last_updated, last_networth_statement"), home.group) == (None, None)
    product = managed(portal, home)
    first = portal.one(ROW.format("last_updated"), home.group)
    portal.run("UPDATE client_products SET status = 'inactive' WHERE id = %s", product)
    changed = portal.one(ROW.format("last_updated"), home.group)
    assert changed > first
    number = insert(portal, "client_objectives", client_group_id=home.group, created_by=home.profile, title="O")
    created = portal.one(ROW.format("last_updated"), home.group)
    assert created > changed
    portal.run("DELETE FROM client_objectives WHERE id = %s", number)
    assert portal.one(ROW.format("last_updated"), home.group) > created


def test_it_agrees_with_the_statements_of_every_group(portal_at):
    portal = portal_at("head", seed=True)
    editor = portal.one("SELECT min(id) FROM profiles")
    differing = portal.all(
        "SELECT s.client_group_id FROM client_complete_summary AS s CROSS JOIN LATERAL"
        " (SELECT make_networth_statement(s.client_group_id, %s) AS id) AS m"
        " WHERE s.total_client_value <> (SELECT sum(CASE n.kind WHEN 'asset' THEN n.amount ELSE -n.amount END)"
        "   FROM networth_parts AS n WHERE n.client_group_id = s.client_group_id AND n.source <> 'information_items')",
        editor,
    )
    assert differing == []

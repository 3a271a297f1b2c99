"""client_dense_summary and its source: every group, statuses that exist, honest complexity"""

from __future__ import annotations

import pytest

from client_data import asset, household, insert, item, managed

ROW = "SELECT {} FROM client_dense_summary_source WHERE client_group_id = %s"


def test_E023_E153_E154_E173_it_stands_on_the_portals_names_and_tables(portal_at):
    portal = portal_at("head")
    columns = portal.all("SELECT attname FROM pg_attribute WHERE attrelid = 'client_dense_summary'::regclass AND attnum > 0 ORDER BY attnum")
    assert columns == [
        "client_group_id", "group_name", "description", "total_products", "active_products", "total_active_value",
        "ownership_records", "max_owners_per_product", "asset_items", "liability_items", "income_items",
        "active_actions", "active_objectives", "last_activity", "complexity_indicator",
    ]  # fmt: skip
    home = household(portal)
    assert portal.one(ROW.format("group_name, description, total_products, last_activity, complexity_indicator"), home.group) == (
        "Ann and Ben", None, 0, None, "LOW_COMPLEXITY",
    )  # fmt: skip


def test_E066_values_and_complexity_are_not_multiplied(portal_at):
    portal = portal_at("head")
    home = household(portal)
    for value in (1000, 3000):
        managed(portal, home, value)
    managed(portal, home, 50, status="inactive")
    for _ in range(5):
        insert(portal, "client_actions", client_group_id=home.group, created_by=home.profile, action_name="A", owner="client")
        asset(portal, home, estimated_value=1)
    assert portal.one(ROW.format("total_products, active_products, total_active_value, complexity_indicator"), home.group) == (
        3, 2, 4000, "LOW_COMPLEXITY",
    )  # fmt: skip


@pytest.mark.parametrize(("products", "complexity"), [(20, "LOW"), (21, "MEDIUM"), (50, "MEDIUM"), (51, "HIGH")])
def test_complexity_counts_products(portal_at, products, complexity):
    portal = portal_at("head")
    home = household(portal)
    portal.run("INSERT INTO client_products (client_id) SELECT %s FROM generate_series(1, %s)", home.group, products)
    assert portal.one(ROW.format("complexity_indicator"), home.group) == f"{complexity}_COMPLEXITY"


def test_E067_statuses_and_types_that_exist(portal_at):
    portal = portal_at("head")
    home = household(portal)
    for category in ("Savings", "Mortgage", "Credit card"):
        asset(portal, home, category, estimated_value=5)
    item(portal, home, "income_expenditure", {"amount": 1, "product_owners": [home.owners[0]]})
    action = {"client_group_id": home.group, "created_by": home.profile, "action_name": "A", "owner": "client"}
    insert(portal, "client_actions", **action)
    insert(portal, "client_actions", **action, active=False)
    insert(portal, "client_actions", **action, status="completed", completed_at="2026-01-01")
    objective = {"client_group_id": home.group, "created_by": home.profile, "title": "O"}
    insert(portal, "client_objectives", **objective)
    insert(portal, "client_objectives", **objective, status="cancelled")
    assert portal.one(ROW.format("asset_items, liability_items, income_items, active_actions, active_objectives"), home.group) == (1, 2, 1, 1, 1)


def test_E068_owners_are_counted_where_they_are_written(portal_at):
    portal = portal_at("head")
    home = household(portal)
    ann, ben = map(str, home.owners)
    managed(portal, home, ownership_details={"association_type": "tenants_in_common", ann: 50, ben: 50})
    managed(portal, home, ownership_details={"association_type": "joint_ownership", "joint_owners": list(home.owners)})
    managed(portal, home, ownership_details={"association_type": "individual", ann: 100})
    managed(portal, home)
    assert portal.one(ROW.format("ownership_records, max_owners_per_product"), home.group) == (5, 2)


def test_closed_groups_are_there_too(portal_at):
    portal = portal_at("head", seed=True)
    assert portal.one("SELECT count(*) FROM client_dense_summary") == portal.one("SELECT count(*) FROM client_groups")

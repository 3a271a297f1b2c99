"""client_ownership_summary and its source: one row per group and member who owns something"""

from __future__ import annotations

from decimal import Decimal

from client_data import asset, household, insert, item, managed, unmanaged

ROWS = (
    "SELECT product_owner_id, managed_products_owned, managed_ownership_value, unmanaged_products_owned,"
    " unmanaged_ownership_value, information_items_owned FROM client_ownership_summary_source"
    " WHERE client_group_id = %s ORDER BY 1"
)


def shares(kind: str, **of: float) -> dict:
    return {"association_type": kind, **of}


def test_E064_one_row_per_owner_and_joint_owners_have_equal_shares(portal_at):
    portal = portal_at("head")
    home = household(portal)
    ann, ben = home.owners
    managed(portal, home, 1000, ownership_details=shares("tenants_in_common", **{str(ann): 60, str(ben): 40}))
    managed(portal, home, 500, ownership_details=shares("individual", **{str(ann): 100}))
    unmanaged(portal, home, product_type="Property", latest_valuation=500_000,
              ownership_details={"association_type": "joint_ownership", "joint_owners": [ann, ben]})  # fmt: skip
    unmanaged(portal, home, latest_valuation=9, ownership_details={})
    asset(portal, home, estimated_value=1)
    item(portal, home, "basic_detail", {"name": "Ann", "product_owners": [ann, ben]})
    assert portal.all(ROWS, home.group) == [
        (ann, 2, Decimal("1100"), 1, Decimal("250000"), 2),
        (ben, 1, Decimal("400"), 1, Decimal("250000"), 1),
    ]


def test_nothing_is_rounded_away(portal_at):
    portal = portal_at("head")
    home = household(portal)
    ann, ben = home.owners
    third = insert(portal, "product_owners", firstname="Cat")
    portal.run("INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%s, %s)", home.group, third)
    managed(portal, home, "100.01", ownership_details=shares("tenants_in_common", **{str(ann): 33.33, str(ben): 33.33, str(third): 33.34}))
    assert portal.one("SELECT sum(managed_ownership_value) FROM client_ownership_summary_source") == Decimal("100.01")


def test_a_shared_portfolio_counts_once(portal_at):
    portal = portal_at("head")
    home = household(portal)
    ann, ben = home.owners
    first = managed(portal, home, 700, ownership_details=shares("individual", **{str(ann): 100}))
    managed(portal, home, ownership_details=shares("individual", **{str(ben): 100}),
            portfolio_id=portal.one("SELECT portfolio_id FROM client_products WHERE id = %s", first))  # fmt: skip
    assert [(row[0], row[1], row[2]) for row in portal.all(ROWS, home.group)] == [(ann, 1, 700), (ben, 1, 0)]


def test_only_members_of_active_groups_and_active_products(portal_at):
    portal = portal_at("head")
    home = household(portal)
    stranger = insert(portal, "product_owners", firstname="Eve")
    managed(portal, home, 10, ownership_details=shares("individual", **{str(stranger): 100}))
    managed(portal, home, 10, status="inactive", ownership_details=shares("individual", **{str(home.owners[0]): 100}))
    assert portal.all(ROWS, home.group) == []
    portal.run("INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%s, %s), (%s, %s), (%s, NULL)",
               home.group, stranger, home.group, stranger, home.group)  # fmt: skip
    assert [row[0] for row in portal.all(ROWS, home.group)] == [stranger]
    portal.run("UPDATE client_groups SET status = 'inactive' WHERE id = %s", home.group)
    assert portal.all(ROWS, home.group) == []


def test_names_as_the_portal_shows_them(portal_at):
    portal = portal_at("head")
    home = household(portal)
    portal.run("UPDATE product_owners SET known_as = 'Annie' WHERE id = %s", home.owners[0])
    portal.run("UPDATE product_owners SET firstname = 'Ben', surname = 'Hall' WHERE id = %s", home.owners[1])
    managed(portal, home, 1, ownership_details=shares("tenants_in_common", **{str(home.owners[0]): 50, str(home.owners[1]): 50}))
    assert portal.all("SELECT owner_name FROM client_ownership_summary_source ORDER BY 1") == ["Annie", "Ben Hall"]


def test_owners_add_up_to_the_groups_value_over_sample_data(portal_at):
    portal = portal_at("head", seed=True)
    # Where every owner of a group's active products is a member of it.
    apart = portal.all(
        "SELECT c.client_group_id, c.total_managed_value, s.worth FROM client_complete_summary AS c"
        " JOIN (SELECT client_group_id, sum(managed_ownership_value) AS worth FROM client_ownership_summary GROUP BY 1) AS s USING (client_group_id)"
        " WHERE NOT EXISTS (SELECT 1 FROM client_products AS p LEFT JOIN product_ownership AS o ON o.product_id = p.id"
        "   LEFT JOIN client_group_product_owners AS m ON m.client_group_id = p.client_id AND m.product_owner_id = o.product_owner_id"
        "   WHERE p.client_id = c.client_group_id AND p.status = 'active' AND m.id IS NULL)"
        " AND s.worth <> c.total_managed_value"
    )
    assert apart == []

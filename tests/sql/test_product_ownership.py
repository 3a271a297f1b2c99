"""product_ownership: one row per product, owner and share"""

from __future__ import annotations

from decimal import Decimal

from ownership_data import individual, people, product, shared, write


def rows(portal, number):
    return portal.all(
        "SELECT product_owner_id, percentage, association_type, is_equal_split, is_assumed FROM product_ownership"
        " WHERE product_id = %s ORDER BY 1", number,
    )  # fmt: skip


def test_one_row_per_product_owner_and_share(portal_at):
    portal = portal_at("phase_3_ownership")
    a, b = people(portal, 2)
    number, nobody, single = product(portal, a, a, b), product(portal), product(portal, b)
    assert rows(portal, number) == [(a, 50, "tenants_in_common", False, True), (b, 50, "tenants_in_common", False, True)]
    assert rows(portal, nobody) == []
    write(portal, single, individual(b))
    assert rows(portal, single) == [(b, 100, "individual", False, False)]
    write(portal, number, shared({a: 12.5, b: 87.5}))
    assert rows(portal, number) == [
        (a, Decimal("12.5"), "tenants_in_common", False, False), (b, Decimal("87.5"), "tenants_in_common", False, False)
    ]  # fmt: skip
    write(portal, number, {"association_type": "joint_ownership", "joint_owners": [a, b]})
    assert rows(portal, number) == [(a, 50, "joint_ownership", True, False), (b, 50, "joint_ownership", True, False)]


def test_the_group_of_the_product(portal_at):
    portal = portal_at("phase_3_ownership")
    (a,) = people(portal, 1)
    group = portal.one("INSERT INTO client_groups (name) VALUES ('G') RETURNING id")
    number = product(portal, a)
    assert portal.one("SELECT client_group_id FROM product_ownership") is None
    portal.run("UPDATE client_products SET client_id = %s WHERE id = %s", group, number)
    assert portal.one("SELECT client_group_id FROM product_ownership") == group


def test_a_product_is_looked_up_by_its_key(portal_at):
    portal = portal_at("phase_3_ownership")
    portal.run("INSERT INTO client_products (product_name) SELECT 'P' FROM generate_series(1, 2000)")
    portal.run("ANALYZE client_products")
    plan = "\n".join(portal.all("EXPLAIN SELECT * FROM product_ownership WHERE product_id = 77"))
    assert "client_products_pkey" in plan
    assert "Seq Scan on client_products" not in plan

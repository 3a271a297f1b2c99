"""A portal with 20,000 products on top of the sample data, and which client changes what."""

from __future__ import annotations

from portals import Portal

PRODUCTS, GROUPS, OWNERS = 20_000, 2_000, 3_000
# Ranges of product ids of the sample and what is added; each is changed by clients of one kind.
COUNTED = (101, 110)
LINKED = (1, PRODUCTS)
PATCHED = (1000, 1400)
EDITED = (2000, 2400)


def grow(portal: Portal) -> None:
    """``PRODUCTS`` more products, ten to a group, each with a portfolio, most with one to three owners."""
    portal.run(
        "INSERT INTO client_groups (name) SELECT 'group ' || g FROM generate_series(1, %s) AS g", GROUPS
    )
    portal.run(
        "INSERT INTO product_owners (firstname, surname) SELECT 'O', 'wner ' || g FROM generate_series(1, %s) AS g",
        OWNERS,
    )
    portal.run(
        "INSERT INTO portfolios (portfolio_name) SELECT 'p' || g FROM generate_series(1, %s) AS g", PRODUCTS
    )
    portal.run(
        "INSERT INTO client_products (client_id, product_name, product_type, portfolio_id, fixed_fee_direct)"
        " SELECT 1 + g %% %s, 'product ' || g, 'ISA', g, '0' FROM generate_series(1, %s) AS g",
        GROUPS, PRODUCTS,
    )  # fmt: skip
    portal.run(
        "INSERT INTO product_owner_products (product_id, product_owner_id)"
        " SELECT g, 1 + (g * 7 + n * 13) %% %s FROM generate_series(1, %s) AS g, generate_series(1, g %% 4) AS n",
        OWNERS, PRODUCTS,
    )  # fmt: skip
    portal.run("UPDATE client_products SET fixed_fee_direct = '0' WHERE id BETWEEN %s AND %s", *COUNTED)
    portal.run("VACUUM ANALYZE")

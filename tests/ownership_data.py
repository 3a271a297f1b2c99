"""Products, owners and links for tests of ownership, the portal's way of saving owners, and what must always hold."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

NO_OWNER = {"association_type": "individual", "note": "no_previous_ownership"}


def individual(owner: int, **more: Any) -> dict[str, Any]:
    """The document of one owner."""
    return {"association_type": "individual", str(owner): 100, **more}


def shared(shares: dict[int, Any], **more: Any) -> dict[str, Any]:
    """A document of owners with shares."""
    return {"association_type": "tenants_in_common", **{str(k): v for k, v in shares.items()}, **more}


def assumed(*owners: int) -> dict[str, Any]:
    """What several links say: equal shares by largest remainder, the first owners getting the odd hundredths."""
    base, odd = divmod(10000, len(owners))
    shares = {owner: float(Decimal(base + (place < odd)) / 100) for place, owner in enumerate(owners)}
    return shared(shares, note="equal_split_assumed")


def people(portal: Any, number: int) -> list[int]:
    """New product owners."""
    return portal.all("INSERT INTO product_owners (firstname) SELECT 'P' || g FROM generate_series(1, %s) AS g RETURNING id", number)


def product(portal: Any, *owners: int | None) -> int:
    """A new product with links to ``owners``, made the way the portal does: one statement each."""
    number = portal.one("INSERT INTO client_products (product_name, product_type) VALUES ('P', 'ISA') RETURNING id")
    for owner in owners:
        link(portal, number, owner)
    return number


def link(portal: Any, number: int | None, owner: int | None) -> int:
    """One link; either end may be missing."""
    return portal.one("INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s) RETURNING id", number, owner)


def save_owners(portal: Any, number: int, owners: Sequence[int]) -> None:
    """PATCH /client_products/{id}/owners: delete all links, insert them one by one, each committed alone."""
    portal.run("DELETE FROM product_owner_products WHERE product_id = %s", number)
    for owner in owners:
        link(portal, number, owner)


def write(portal: Any, number: int, document: Any) -> None:
    """Write the ownership document of a product."""
    portal.run("UPDATE client_products SET ownership_details = %s WHERE id = %s", json.dumps(document), number)


def document(portal: Any, number: int) -> dict[str, Any]:
    """The ownership document of a product."""
    return portal.one("SELECT ownership_details FROM client_products WHERE id = %s", number)


def linked(portal: Any, number: int) -> list[int | None]:
    """Owners of the links of a product, in the order of the links, repeated as they are."""
    return portal.all("SELECT product_owner_id FROM product_owner_products WHERE product_id = %s ORDER BY id", number)


def links(portal: Any) -> list[str]:
    """Every link, byte for byte."""
    return portal.all("SELECT l::text FROM product_owner_products AS l ORDER BY id")


def differences(portal: Any) -> list[Any]:
    """Where links and documents are apart, or a document is missing or wrong."""
    return portal.all("SELECT product_id, finding, explanation FROM reconcile_ownership()")


@contextlib.contextmanager
def application_role(portal: Any) -> Iterator[str]:
    """A login role that may do what the Phase 1 application does, and knows nothing of Phase 2."""
    role = f"app_{portal.one('SELECT current_database()')}"
    name = sql.Identifier(role)
    tables = portal.all(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s)",
        ["client_groups", "client_group_product_owners", "client_products", "product_owner_products", "product_owners"],
    )
    portal.run(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    try:
        for table in tables:
            portal.run(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(sql.Identifier(table), name))
            portal.run(sql.SQL("GRANT USAGE, SELECT ON SEQUENCE {} TO {}").format(sql.Identifier(f"{table}_id_seq"), name))
        yield role
    finally:
        portal.run(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(name))


class As:
    """The same helpers on another connection: ``As(connection)`` where a portal is expected."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def run(self, statement: Any, *params: Any) -> int:
        return self.connection.execute(statement, params or None).rowcount

    def one(self, statement: Any, *params: Any) -> Any:
        row = self.connection.execute(statement, params or None).fetchone()
        return row[0] if row is not None and len(row) == 1 else row

    def all(self, statement: Any, *params: Any) -> list[Any]:
        rows = self.connection.execute(statement, params or None).fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]

"""Statements that a driver prepared once and goes on using while the migration runs."""

from __future__ import annotations

from typing import Any

import psycopg

from kingston_schema.ddl.preflight import LEGACY_TABLES

# Writes that touch no row, so that they can be committed at every revision: their plans are cached all the same.
_WRITES = {
    "insert product": "INSERT INTO client_products (product_name) SELECT name FROM client_groups WHERE id = -1 RETURNING id, product_name",
    "update product": "UPDATE client_products SET notes = notes WHERE id = -1 RETURNING id, notes",
    "delete product": "DELETE FROM client_products WHERE id = -1",
    "insert owner": "INSERT INTO product_owners (firstname) SELECT name FROM client_groups WHERE id = -1 RETURNING id, firstname",
    "update owner": "UPDATE product_owners SET known_as = known_as WHERE id = -1 RETURNING id, known_as",
    "delete owner": "DELETE FROM product_owners WHERE id = -1",
    "insert link": "INSERT INTO product_owner_products (product_id) SELECT id FROM client_groups WHERE id = -1 RETURNING *",
    "delete link": "DELETE FROM product_owner_products WHERE product_id = -1 RETURNING *",
    "update group": "UPDATE client_groups SET name = name WHERE id = -1 RETURNING *",
    "delete group": "DELETE FROM client_groups WHERE id = -1",
    "insert valuation": "INSERT INTO portfolio_valuations (portfolio_id) SELECT id FROM client_groups WHERE id = -1 RETURNING *",
}
_READS = {
    "products by name": "SELECT id, client_id, product_name, created_at FROM client_products ORDER BY id",
    "owners by name": "SELECT id, created_at, status, firstname, surname, known_as FROM product_owners ORDER BY id",
    "list view": "SELECT * FROM products_list_view ORDER BY id",
    "owner view": "SELECT * FROM product_owner_details ORDER BY id",
    "groups view": "SELECT * FROM client_group_complete_data ORDER BY id",
    "search": "SELECT * FROM global_search_entities('a')",
}


class Plans:
    """A session with every plan cached (also those a driver would plan anew); outside any transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        connection.execute("SET plan_cache_mode = force_generic_plan")
        whole = {
            f"whole rows of {table}": f"SELECT * FROM {table} WHERE ctid = '(0,1)'" for table in LEGACY_TABLES
        }
        self.texts = {
            f"p{n}": (what, text) for n, (what, text) in enumerate({**_WRITES, **_READS, **whole}.items())
        }
        for name, (_, text) in self.texts.items():
            self._prepare(name, text)

    def _prepare(self, name: str, text: str) -> None:
        self.connection.execute(f"PREPARE {name} AS {text}".encode())

    def execute(self) -> dict[str, str]:
        """Run each; what → SQLSTATE of the first error ("" for none).

        After an error the statement is prepared anew and must work, as a driver does it outside a transaction.
        """
        errors = {}
        for name, (what, text) in self.texts.items():
            errors[what] = ""
            try:
                self.connection.execute(f"EXECUTE {name}".encode())
            except psycopg.errors.FeatureNotSupported as error:
                errors[what] = error.sqlstate or ""
                self.connection.execute(f"DEALLOCATE {name}".encode())
                self._prepare(name, text)
                self.connection.execute(f"EXECUTE {name}".encode())
        return errors

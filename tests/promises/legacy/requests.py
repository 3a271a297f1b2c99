"""What the application sends over and over: saving the owners of a product, each statement committed alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg


def save_owners(connection: psycopg.Connection[Any], product: int, owners: Sequence[int]) -> None:
    """``PATCH /client_products/{id}/owners``: all links go, then one comes after the other."""
    connection.execute("DELETE FROM product_owner_products WHERE product_id = %s", [product])
    for owner in owners:
        connection.execute(
            "INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s)",
            [product, owner],
        )


@contextmanager
def going_on(connection: psycopg.Connection[Any], known: dict[str, Any]) -> Iterator[list[str]]:
    """Send requests while the block runs; yields the list of the errors they got."""
    connection.prepare_threshold = None
    said: list[str] = []
    over = threading.Event()
    product, owner, other = known["shared_product"], known["owner"], known["other_owner"]

    def send() -> None:
        while not over.is_set():
            try:
                save_owners(connection, product, [owner, other, owner])
                save_owners(connection, product, [other])
                connection.execute(
                    "UPDATE client_products SET notes = 'n' WHERE id = %s RETURNING *", [product]
                )
                connection.execute(
                    "UPDATE product_owners SET known_as = known_as WHERE id = %s RETURNING *", [other]
                )
                connection.execute("SELECT count(*) FROM products_list_view").fetchone()
            except psycopg.errors.Error as error:
                said.append(f"{error.sqlstate} {error.diag.message_primary}")

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield said
    finally:
        over.set()
        thread.join()

"""One client group recovered: found in the history, put back with proof that nobody else changed, and undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from kingston_schema.operations.recover import client as of_client
from kingston_schema.operations.recover import undo

from . import runs
from .databases import Databases
from .figures import spread

TURNS = 5
# Everybody works on: one line of the history for each product and each membership of the portal.
OTHERS = (
    "UPDATE client_products SET notes = 'changed by everybody'",
    "UPDATE client_group_product_owners SET created_at = created_at + interval '1 second'",
)
SPOIL = (
    "UPDATE client_groups SET name = 'Spoilt' WHERE id = %(client)s",
    "UPDATE client_products SET product_name = 'Spoilt' WHERE client_id = %(client)s",
    "DELETE FROM product_owner_products WHERE product_id IN (SELECT id FROM client_products WHERE client_id = %(client)s)",
)


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Seconds of looking (a dry run), of a recovery and of its undo, with the connection; lines of the history then."""
    look, carried, back = [], [], []
    with databases.copy(databases.head(products)) as url, runs.connect(url) as connection:
        connection.execute("SELECT set_config('app.justification', 'bench', false)")
        for statement in OTHERS:
            connection.execute(statement)
        row = connection.execute("SELECT max(id), clock_timestamp() FROM client_groups").fetchone()
        assert row is not None
        client, at = row
        for statement in SPOIL:
            connection.execute(statement.encode(), {"client": client})
        for statement in OTHERS:
            connection.execute(statement.replace("'changed", "'changed again").replace("1 second", "2 seconds"))
        connection.execute("VACUUM ANALYZE")
        for _ in range(TURNS):
            look.append(_timed(partial(of_client.run, url, client, at, dry_run=True))[0])
            seconds, done = _timed(partial(of_client.run, url, client, at))
            carried.append(seconds)
            back.append(_timed(partial(undo.run, url, done.id))[0])
        lines = connection.execute("SELECT count(*) FROM row_history").fetchone()
        assert lines is not None
    return {
        "changes": len(done.changes), "rows_of_others": done.others, "lines": lines[0],
        "look": spread(look), "recover": spread(carried), "undo": spread(back),
    }  # fmt: skip


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result

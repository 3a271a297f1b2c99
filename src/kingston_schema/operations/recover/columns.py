"""The columns of the tables as they are now: a row of then may have had others."""

from __future__ import annotations

from typing import Any

import psycopg

_COLUMNS = """
SELECT c.relname, a.attname, a.attgenerated <> '' FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""

Columns = dict[str, dict[str, bool]]


def read(connection: psycopg.Connection[Any], schema: str) -> Columns:
    """{table: {column: whether it is computed, and so never written}}."""
    found: Columns = {}
    for table, column, generated in connection.execute(_COLUMNS.encode(), (schema,)):
        found.setdefault(table, {})[column] = generated
    return found

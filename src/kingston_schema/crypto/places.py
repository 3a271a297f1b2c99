"""Where ciphertexts and blind indexes lie, by key version: every table of the portal, its bookkeeping and its archive."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from ..settings import Schemas
from .keyring import BLIND_INDEX, ENCRYPTION

Uses = dict[tuple[str, int], dict[str, int]]
KINDS = {"enc": ENCRYPTION, "bidx": BLIND_INDEX}
TABLES = (
    "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p', 'm') AND EXISTS (SELECT 1 FROM pg_attribute AS a"
    " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " AND a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'json'::regtype, 'jsonb'::regtype,"
    " 'text[]'::regtype, 'varchar[]'::regtype)) ORDER BY 1, 2"
)
FOUND = (
    "SELECT m[1], m[2]::integer, count(*) FROM {} AS t CROSS JOIN LATERAL regexp_matches(t::text,"
    " '(enc|bidx):1:([1-9][0-9]{{0,4}}):(?:[A-Za-z0-9+/]{{36}}|[0-9a-f]{{32}})', 'g') AS m"
    " WHERE t::text LIKE '%enc:1:%' GROUP BY 1, 2"
)


def tables(connection: psycopg.Connection[Any], names: Schemas) -> list[tuple[str, str]]:
    """(schema, table) of everything that has a column of text, lists of text or JSON."""
    given = ([names.application, names.control, names.archive],)
    return [(row[0], row[1]) for row in connection.execute(TABLES, given)]


def uses(connection: psycopg.Connection[Any], names: Schemas) -> Uses:
    """{(purpose, key version): {"schema.table": how many}}, by content: a table nobody thought of counts, too."""
    found: Uses = {}
    for schema, table in tables(connection, names):
        rows = connection.execute(sql.SQL(FOUND).format(sql.Identifier(schema, table)))
        for kind, version, number in rows.fetchall():
            found.setdefault((KINDS[kind], version), {})[f"{schema}.{table}"] = number
    return found

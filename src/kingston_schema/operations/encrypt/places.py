"""Where a sensitive value could still lie in plain, by the catalogue: columns, documents, statistics, archives, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ...crypto.fields import FIELDS
from ...settings import Schemas

# What a column or a key of a document is called that holds such a value; notes only where it speaks of a person.
NAMES = ("security_words", "security_word", "private_notes", "sensitive_data", "source_text",
         "phone_number", "phone", "phone_1", "phone_2", "phone_3")  # fmt: skip
NOTES = "notes"
COLUMNS = (
    "SELECT n.nspname, c.relname, a.attname, a.atttypid IN ('json'::regtype, 'jsonb'::regtype)"
    " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE n.nspname = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped"
    " AND (a.atttypid IN ('json'::regtype, 'jsonb'::regtype) OR a.atttypid IN ('text'::regtype, 'varchar'::regtype)"
    " AND (a.attname = ANY (%(names)s) OR a.attname = 'notes' AND c.relname ~ '(^|__)product_owners(__|$)'))"
    " ORDER BY 1, 2, 3"
)
# Readable: not empty, no envelope, no mask of a number, not the history's marker.
READABLE = "{v} <> '' AND {v} <> '[redacted]' AND NOT is_field_envelope({v}) AND {v} !~ '^\\+?[X ().-]+([0-9][ ().-]*){{3}}$'"
STATISTICS = (
    "SELECT s.schemaname, s.tablename, s.attname, count(*) FROM pg_stats AS s CROSS JOIN LATERAL"
    " unnest(coalesce(s.most_common_vals::text::text[], '{{}}') || coalesce(s.histogram_bounds::text::text[], '{{}}')) AS v"
    " WHERE s.schemaname = ANY (%(schemas)s) AND (s.attname = ANY (%(names)s)"
    " OR s.attname = 'notes' AND s.tablename ~ '(^|__)product_owners(__|$)') AND "
    + READABLE
    + " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)


@dataclass(frozen=True)
class Place:
    """``values`` readable values in ``place`` (``schema.table.column``).

    ``kind``: field (encrypt run encrypts it), copy, document, statistics (encrypt run renews them).
    """

    place: str
    kind: str
    values: int
    why: str


def find(
    connection: psycopg.Connection[Any], names: Schemas, theirs: frozenset[str] = frozenset()
) -> tuple[Place, ...]:
    """Every place with at least one readable value.  Only counts leave the database."""
    given = {"schemas": [names.application, names.control, names.archive], "names": list(NAMES)}
    found = []
    for schema, table, column, document in connection.execute(COLUMNS.encode(), given).fetchall():
        number = (
            _document(connection, schema, table, column)
            if document
            else _column(connection, schema, table, column)
        )
        if number:
            kind, why = _judged(names, schema, table, column, document, theirs)
            found.append(Place(f"{schema}.{table}.{column}", kind, number, why))
    statement = STATISTICS.format(v="v").encode()
    for schema, table, column, number in connection.execute(statement, given).fetchall():
        why = "samples of values in pg_statistic, from before; ANALYZE renews them"
        found.append(Place(f"{schema}.{table}.{column}", "statistics", number, why))
    return tuple(found)


def _column(connection: psycopg.Connection[Any], schema: str, table: str, column: str) -> int:
    where = sql.SQL(READABLE).format(v=sql.SQL("t.{}::text").format(sql.Identifier(column)))
    statement = sql.SQL("SELECT count(*) FROM {} AS t WHERE {}").format(sql.Identifier(schema, table), where)
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _document(connection: psycopg.Connection[Any], schema: str, table: str, column: str) -> int:
    keys = [*NAMES, NOTES] if (table, column) == ("row_history", "changes") else list(NAMES)
    only = (
        sql.SQL("AND (k.name <> 'notes' OR t.table_name = 'product_owners')")
        if NOTES in keys
        else sql.SQL("")
    )
    statement = sql.SQL(
        "SELECT count(*) FROM {table} AS t CROSS JOIN unnest({keys}::text[]) AS k (name)"
        # Strict: lax looks at what is in an array twice.  A value may be a pair, old and new.
        " CROSS JOIN LATERAL jsonb_path_query(t.{column}::jsonb, format('strict $.** ? (@.type() == \"object\""
        " && exists (@.%1$I)).%1$I', k.name)::jsonpath) AS f (v) CROSS JOIN LATERAL jsonb_array_elements("
        "CASE jsonb_typeof(f.v) WHEN 'array' THEN f.v ELSE jsonb_build_array(f.v) END) AS j (v)"
        " WHERE jsonb_typeof(j.v) IN ('string', 'number') {only} AND {readable}"
    ).format(
        table=sql.Identifier(schema, table), keys=sql.Literal(keys), column=sql.Identifier(column), only=only,
        readable=sql.SQL(READABLE).format(v=sql.SQL("(j.v #>> '{}')")),
    )  # fmt: skip
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _judged(
    names: Schemas, schema: str, table: str, column: str, document: bool, theirs: frozenset[str]
) -> tuple[str, str]:
    """(kind, why it is there and what ends it)."""
    if schema == names.archive:
        return (
            "copy",
            "kept by a rollback: kingston upgrade or kingston archive restore takes it back, purge ends it",
        )
    if schema == names.application and not document:
        if f"{table}.{column}" in theirs:
            return "copy", "a column the portal had before; its application reads and writes it in plain"
        if any(table == f.table and column in (f.column, f.mask) for f in FIELDS):
            return "field", "kingston encrypt run"
        if table in ("product_owner_phone_sources", "product_owner_phone_rejects"):
            return (
                "copy",
                "what stood in a telephone column of the portal's own; it stays while that column does",
            )
        if table == "product_owners":
            return "copy", "a column the portal had before; its application reads and writes it in plain"
    if document:
        return "document", "a document with a key of that name; look at it"
    return "copy", "a column of that name; look at it"

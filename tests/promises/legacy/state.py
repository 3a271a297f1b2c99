"""Checksums of the 22 tables and 24 views, and what the catalogue says about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from kingston_schema.ddl.preflight import LEGACY_TABLES

Connection = psycopg.Connection[Any]
TABLES = list(LEGACY_TABLES)
# Of these the migration adds columns; of all others whole rows stay, byte for byte and in their place.
WIDENED = ("client_products", "product_owners")


class Table(NamedTuple):
    """A table: rows, checksum of its legacy columns, of whole rows, of the order of the rows, of their places.

    The place of a row is its address with the transaction that wrote it: it stays as long as nobody writes the row.
    """

    rows: int
    columns: Decimal
    whole: Decimal
    order: str
    places: str

    @property
    def legacy(self) -> tuple[int, Decimal]:
        """How many rows, and what stands in the columns that Phase 1 knows."""
        return self.rows, self.columns


def tables(connection: Connection, columns: dict[str, list[str]]) -> dict[str, Table]:
    """The 22 tables; ``columns`` are those that Phase 1 knows."""
    parts = [
        sql.SQL(
            "SELECT {name}, count(*), sum(hashtextextended(ROW({columns})::text, 0)::numeric),"
            " sum(hashtextextended(t::text, 0)::numeric), md5(string_agg({key}::text, ',' ORDER BY ctid)),"
            " md5(string_agg(ctid::text || xmin::text, ',' ORDER BY ctid)) FROM {table} AS t"
        ).format(
            name=sql.Literal(table), table=sql.Identifier(table), key=sql.Identifier(columns[table][0]),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns[table])),
        )
        for table in TABLES
    ]  # fmt: skip
    return {row[0]: Table(*row[1:]) for row in connection.execute(sql.SQL(" UNION ALL ").join(parts))}


def views(connection: Connection, names: list[str]) -> dict[str, tuple[Any, ...]]:
    """View → rows and checksum of the multiset of its rows; a column that shows the time of the look counts as "now"."""
    parts = [
        sql.SQL(
            "SELECT {name}, count(*), sum(hashtextextended(replace(v::text, now()::text, 'now'), 0)::numeric) FROM {view} AS v"
        ).format(name=sql.Literal(view), view=sql.Identifier(view))
        for view in names
    ]
    return {row[0]: row[1:] for row in connection.execute(sql.SQL(" UNION ALL ").join(parts))}


def rows(connection: Connection, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of a catalogue query."""
    return connection.execute(query.encode(), parameters or None).fetchall()


def catalogue(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """What the catalogue says about the Phase 1 relations and about what leans on them, one list per question."""
    return {
        name: rows(connection, query, *([TABLES] * query.count("%s"))) for name, query in _QUERIES.items()
    }


def _rights(acl: str, default: str) -> str:
    """Who may do what, without the four roles of the migration, which own nothing and change nothing for others."""
    return (
        f"(SELECT array_agg(x::text ORDER BY x::text)::text FROM unnest(coalesce({acl}, {default})) AS x"
        " WHERE x::text !~ '^portal_')"
    )


_QUERIES = {
    "columns": """
        SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid), """ + _rights("a.attacl", "acldefault('c', c.relowner)") + """
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.oid = ANY (%s::regclass[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2""",
    "tables": """
        SELECT relname, relkind, pg_get_userbyid(relowner), """ + _rights("relacl", "acldefault('r', relowner)") + """, relrowsecurity, relforcerowsecurity
        FROM pg_class WHERE oid = ANY (%s::regclass[]) ORDER BY 1""",
    "views": """
        SELECT relname, pg_get_userbyid(relowner), """ + _rights("relacl", "acldefault('r', relowner)") + """, pg_get_viewdef(oid), reloptions::text
        FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY 1""",
    "functions": """
        SELECT oid::regprocedure::text, pg_get_userbyid(proowner), """ + _rights("proacl", "acldefault('f', proowner)") + """, prosecdef, proconfig::text, md5(prosrc)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
    "sequences": """
        SELECT s.relname, pg_get_userbyid(s.relowner), """ + _rights("s.relacl", "acldefault('s', s.relowner)") + """, format_type(q.seqtypid, NULL), q.seqincrement
        FROM pg_sequence AS q JOIN pg_class AS s ON s.oid = q.seqrelid
        JOIN pg_depend AS d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'
        WHERE d.refobjid = ANY (%s::regclass[]) ORDER BY 1""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid = ANY (%s::regclass[]) ORDER BY 1, 2""",
    "keys from new tables": """
        SELECT conrelid::regclass::text, conname, confrelid::regclass::text, confdeltype
        FROM pg_constraint WHERE contype = 'f' AND confrelid = ANY (%s::regclass[])
          AND conrelid <> ALL (%s::regclass[]) ORDER BY 1, 2""",
    "unique indexes": """
        SELECT indrelid::regclass::text, indexrelid::regclass::text
        FROM pg_index WHERE indrelid = ANY (%s::regclass[]) AND indisunique ORDER BY 1, 2""",
    "triggers": """
        SELECT t.tgrelid::regclass::text, t.tgname, t.tgtype::integer, t.tgenabled, p.proname, p.prosecdef, p.proconfig::text,
               pg_get_functiondef(p.oid)
        FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE t.tgrelid = ANY (%s::regclass[]) AND NOT t.tgisinternal ORDER BY 1, 2""",
    "rights on new relations": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S')
          AND relowner <> (SELECT relowner FROM pg_class WHERE oid = 'client_products'::regclass)
          AND (has_table_privilege(current_user, oid, 'SELECT') OR has_table_privilege(current_user, oid, 'INSERT'))
        ORDER BY 1""",
    "new relations": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')
          AND relowner <> (SELECT relowner FROM pg_class WHERE oid = 'client_products'::regclass) ORDER BY 1""",
}

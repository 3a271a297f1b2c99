"""Proof that a recovery touched nobody else: rows of others counted and hashed, tables nobody planned to write."""

from __future__ import annotations

import json

from psycopg import sql

from . import replay
from .change import Change
from .ground import Ground
from .keys import ForeignKey
from .scope import LINKS, PRODUCTS

# The database writes them itself when rows change: history, ledgers, marks, and what it remembers of ownership.
FOLLOWING = frozenset({"row_history", "product_owners_audit_log", "ownership_audit_log", "ownership_memory", "summary_dirty"})
_WRITTEN = """
SELECT s.relname, s.n_tup_ins + s.n_tup_upd + s.n_tup_del FROM pg_stat_xact_user_tables AS s
WHERE s.schemaname = %s AND s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
"""
_HASH = sql.SQL(
    "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} AS t WHERE {}"
)


def written(here: Ground) -> dict[str, int]:
    """{table: rows written} as the server counts them in this session; grows within the transaction."""
    return dict(here.connection.execute(_WRITTEN.encode(), (here.names.application,)).fetchall())


def strange(here: Ground, before: dict[str, int], reached: set[str]) -> list[str]:
    """Tables written since ``before`` that are neither of the plan nor what the database keeps itself."""
    return sorted(
        table
        for table, rows in written(here).items()
        if rows > before.get(table, 0) and table not in reached and table not in FOLLOWING
    )


def reached(here: Ground, fks: list[ForeignKey], changes: list[Change]) -> set[str]:
    """Every table that the plan writes, those that refer to them, and products where links are written."""
    touched = {here.recorded[change.table].table for change in changes}
    found = touched | {key.child for key in fks if key.parent in touched}
    return found - FOLLOWING | ({PRODUCTS} if LINKS in touched else set())


def others(here: Ground, tables: set[str], changes: list[Change]) -> dict[str, tuple[int, str]]:
    """{table: rows and checksum} of all rows that the plan does not name."""
    planned: dict[str, list[str]] = {table: [] for table in tables}
    for change in changes:
        planned[here.recorded[change.table].table].append(change.key)
    keyed = {t.table: t for t in here.recorded.values()}
    found: dict[str, tuple[int, str]] = {}
    for table in sorted(tables):
        ours = [replay.same(keyed[table], planned[table])] if planned[table] else []
        ours += _following(table, changes)
        rest: list[sql.Composable] = [sql.SQL("NOT coalesce({}, false)").format(part) for part in ours]
        statement = _HASH.format(sql.Identifier(table), sql.SQL(" AND ").join(rest or [sql.SQL("true")]))
        row = here.connection.execute(statement).fetchone()
        assert row is not None
        found[table] = (int(row[0]), str(row[1]))
    return found


def _following(table: str, changes: list[Change]) -> list[sql.Composable]:
    """Links follow the documents of their product, and documents the links: those of the plan's products are no others."""
    if table not in (PRODUCTS, LINKS):
        return []
    source, column, named = (LINKS, "id", "product_id") if table == PRODUCTS else (PRODUCTS, "product_id", "id")
    products: set[int] = set()
    for change in changes:
        if change.table == source:
            then = json.loads(change.document or "{}").get(named)
            products |= {int(value) for value in (*change.columns.get(named, ()), then) if value is not None}
    if not products:
        return []
    return [sql.SQL("t.{} = ANY ({}::bigint[])").format(sql.Identifier(column), sql.Literal(sorted(products)))]

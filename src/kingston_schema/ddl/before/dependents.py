"""What others hung on objects that go: their triggers and views, which PostgreSQL would not let go or would lose."""

from __future__ import annotations

from typing import Any

import psycopg

from ...settings import Schemas
from ..sqltext import SqlObject, quote, render
from .problem import Problem
from .steps import Copied


def triggers(
    connection: psycopg.Connection[Any], names: Schemas, tables: list[str], dropped: set[str]
) -> list[Problem]:
    """Triggers of others on tables that move: the table would be refused.

    ``dropped``: names of those that the rollback drops itself.
    """
    rows = connection.execute(
        "SELECT t.tgname, c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = ANY (%s)"
        " AND NOT t.tgisinternal AND t.tgname <> ALL (%s) ORDER BY 2, 1",
        (names.application, tables, sorted(dropped)),
    )
    return [
        Problem(
            f"table {table} has a trigger {trigger} that is not ours; it would not come back with the table",
            f"DROP TRIGGER {quote(trigger)} ON {quote(table)}, and make it again after the next upgrade",
        )
        for trigger, table in rows.fetchall()
    ]


def views(
    connection: psycopg.Connection[Any],
    names: Schemas,
    copied: list[Copied],
    dropped: list[SqlObject],
) -> list[Problem]:
    """Views of others over columns, views and functions that go: PostgreSQL would not let them go."""
    routines = [render(i.identity, names) for i in dropped if i.kind in ("function", "procedure")]
    views = [render(i.identity, names) for i in dropped if i.kind in ("view", "materialized view")]
    columns = [(copy.table, column) for copy in copied for column in our_columns(connection, names, copy)]
    rows = connection.execute(
        "WITH going AS (SELECT 'pg_proc'::regclass AS class, to_regprocedure(f)::oid AS oid, 0 AS number,"
        "  'function ' || f AS what FROM unnest(%s::text[]) AS f"
        " UNION ALL SELECT 'pg_class', to_regclass(v)::oid, 0, 'view ' || v FROM unnest(%s::text[]) AS v"
        " UNION ALL SELECT 'pg_class', a.attrelid, a.attnum, 'column ' || n.tab || '.' || n.col"
        "  FROM unnest(%s::text[], %s::text[]) AS n (tab, col)"
        "  JOIN pg_attribute AS a ON a.attrelid = to_regclass(quote_ident(n.tab)) AND a.attname = n.col)"
        " SELECT DISTINCT o.oid::regclass::text, CASE o.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, g.what"
        " FROM going AS g JOIN pg_depend AS d ON d.refclassid = g.class AND d.refobjid = g.oid AND g.number IN (0, d.refobjsubid)"
        " AND d.classid = 'pg_rewrite'::regclass JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_class AS o ON o.oid = r.ev_class"
        " WHERE o.oid NOT IN (SELECT x.oid FROM going AS x WHERE x.oid IS NOT NULL AND x.number = 0) ORDER BY 1, 3",
        (routines, views, [table for table, _ in columns], [column for _, column in columns]),
    ).fetchall()
    return [
        Problem(
            f"{kind} {view} is not ours and stands on {what}, which goes",
            f"DROP {kind.upper()} {view}, and make it again after the next upgrade",
        )
        for view, kind, what in rows
    ]


def our_columns(connection: psycopg.Connection[Any], names: Schemas, copy: Copied) -> list[str]:
    """Those of the columns that the rollback drops: what the portal had before us stays."""
    function = render("@control@.our_columns(text, text[])", names)
    row = connection.execute("SELECT to_regprocedure(%s) IS NOT NULL", (function,)).fetchone()
    if not (row and row[0]):
        return copy.columns
    found = connection.execute(
        render("SELECT @control@.our_columns(%s, %s)", names).encode(), (copy.table, copy.columns)
    ).fetchone()
    return list(found[0]) if found else []

"""Does the role own what a move alters, drops or moves, and may it use the bookkeeping?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

from ...settings import Schemas
from ..sqltext import SqlObject, quote, render
from .problem import Problem


def of_tables(connection: psycopg.Connection[Any], names: Schemas, tables: Iterable[str]) -> list[Problem]:
    """Tables of the portal (and tables whose foreign keys point to them) that the role does not own."""
    rows = connection.execute(
        "WITH altered AS (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        "  WHERE n.nspname = %(schema)s AND c.relname = ANY (%(tables)s))"
        " SELECT c.oid::regclass::text, pg_get_userbyid(c.relowner), current_user::text FROM pg_class AS c"
        " WHERE NOT pg_has_role(c.relowner, 'USAGE') AND (c.oid IN (SELECT a.oid FROM altered AS a) OR c.oid IN"
        "  (SELECT k.conrelid FROM pg_constraint AS k WHERE k.contype = 'f' AND k.confrelid IN (SELECT a.oid FROM altered AS a)))"
        " ORDER BY 1",
        {"schema": names.application, "tables": sorted(set(tables))},
    )
    return [_owned(f"table {name}", f"TABLE {name}", owner, user) for name, owner, user in rows.fetchall()]


def of_archived(connection: psycopg.Connection[Any], names: Schemas, tables: Iterable[str]) -> list[Problem]:
    """Tables in the archive that the role does not own and so cannot bring back."""
    rows = connection.execute(
        "SELECT c.oid::regclass::text, pg_get_userbyid(c.relowner), current_user::text FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = ANY (%s) AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1",
        (names.archive, sorted(set(tables))),
    )
    return [_owned(f"table {name}", f"TABLE {name}", owner, user) for name, owner, user in rows.fetchall()]


def of_objects(
    connection: psycopg.Connection[Any], names: Schemas, found: Iterable[SqlObject], *, replaced: bool
) -> list[Problem]:
    """Functions and views that the role does not own.

    The owner of the schema may drop what others own there, but not replace it (``replaced``).
    """
    kinds = {"function": "function", "procedure": "function", "view": "view", "materialized view": "view"}
    wanted = [(item.kind, render(item.identity, names)) for item in found if item.kind in kinds]
    rows = connection.execute(
        "SELECT w.kind, w.identity, pg_get_userbyid(coalesce(p.proowner, c.relowner)), current_user::text"
        " FROM (SELECT g.kind, g.identity,"
        "  CASE WHEN g.kind IN ('function', 'procedure') THEN to_regprocedure(g.identity)::oid END AS routine,"
        "  CASE WHEN g.kind IN ('view', 'materialized view') THEN to_regclass(g.identity)::oid END AS view"
        "  FROM unnest(%s::text[], %s::text[]) AS g (kind, identity)) AS w"
        " LEFT JOIN pg_proc AS p ON p.oid = w.routine LEFT JOIN pg_class AS c ON c.oid = w.view"
        " JOIN pg_namespace AS n ON n.oid = coalesce(p.pronamespace, c.relnamespace)"
        " WHERE NOT pg_has_role(coalesce(p.proowner, c.relowner), 'USAGE')"
        " AND (%s OR NOT pg_has_role(n.nspowner, 'USAGE')) ORDER BY 1, 2",
        ([kind for kind, _ in wanted], [identity for _, identity in wanted], replaced),
    )
    return [
        _owned(f"{kind} {identity}", f"{kind.upper()} {identity}", owner, user)
        for kind, identity, owner, user in rows.fetchall()
    ]


def of_indexes(connection: psycopg.Connection[Any], names: Schemas, indexes: Iterable[str]) -> list[Problem]:
    """Indexes whose table belongs to another role, in a schema that does as well."""
    rows = connection.execute(
        "SELECT c.relname, t.oid::regclass::text, pg_get_userbyid(c.relowner), current_user::text"
        " FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid JOIN pg_class AS t ON t.oid = i.indrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = ANY (%s)"
        " AND NOT pg_has_role(c.relowner, 'USAGE') AND NOT pg_has_role(n.nspowner, 'USAGE') ORDER BY 1",
        (names.application, sorted(set(indexes))),
    )
    return [
        _owned(f"index {index} of {table}", f"TABLE {table}", owner, user)
        for index, table, owner, user in rows.fetchall()
    ]


def of_bookkeeping(connection: psycopg.Connection[Any], names: Schemas) -> list[Problem]:
    """Both schemas of ours: usable, the archive writable, every table and function of the control schema usable."""
    problems = []
    for schema, needed in ((names.archive, ("USAGE", "CREATE")), (names.control, ("USAGE",))):
        row = connection.execute(
            "SELECT pg_get_userbyid(n.nspowner), current_user::text,"
            " array(SELECT p FROM unnest(%s::text[]) AS p WHERE NOT has_schema_privilege(n.oid, p))"
            " FROM pg_namespace AS n WHERE n.nspname = %s",
            (list(needed), schema),
        ).fetchone()
        if row and row[2]:
            rights = ", ".join(row[2])
            problems.append(
                Problem(
                    f"role {row[1]} lacks {rights} on schema {schema}, which {row[0]} owns",
                    f"GRANT {rights} ON SCHEMA {quote(schema)} TO {quote(row[1])}",
                )
            )
    rows = connection.execute(
        "SELECT c.relname, pg_get_userbyid(c.relowner), current_user::text FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'"
        " AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')"
        " AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')) ORDER BY 1",
        (names.control,),
    ).fetchall()
    problems += [
        Problem(
            f"role {user} may not write {names.control}.{name}, which {owner} owns",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {quote(names.control)} TO {quote(user)}",
        )
        for name, owner, user in rows
    ]
    rows = connection.execute(
        "SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner), current_user::text FROM pg_proc AS p"
        " JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        " WHERE n.nspname = %s AND NOT has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1",
        (names.control,),
    ).fetchall()
    return problems + [
        Problem(
            f"role {user} may not call {name}, which {owner} owns",
            f"GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {quote(names.control)} TO {quote(user)}",
        )
        for name, owner, user in rows
    ]


def _owned(what: str, named: str, owner: str, user: str) -> Problem:
    return Problem(
        f"{what} belongs to {owner}, not to {user}",
        f"ALTER {named} OWNER TO {quote(user)}, or GRANT {quote(owner)} TO {quote(user)}",
    )

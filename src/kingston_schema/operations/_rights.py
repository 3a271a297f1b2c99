"""Rollback of level 2: roles lose their rights on the tables, views and sequences of Phase 2; the data stays.

Functions keep theirs: rules of Phase 1 tables call some of them, and without the tables they tell nothing.  Columns that
Phase 2 added to Phase 1 tables go with those tables, which the application needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from ..catalog import expected
from ..errors import RefusedError, UsageError
from ..settings import Schemas
from ..wording import count
from . import _levels
from ._levels import Change, Report

KIND = "withdrawn"
_KINDS = ("table", "view", "sequence")
# Every right on the objects and on their columns, but the owner's own.
_HELD = """
    SELECT c.relname, c.relkind = 'S', coalesce(quote_ident(g.rolname), 'PUBLIC'), x.privilege_type, a.attname, x.is_grantable,
           x.grantor <> c.relowner, pg_get_userbyid(x.grantor)
    FROM pg_class AS c
    CROSS JOIN LATERAL (SELECT NULL::name AS attname, c.relacl AS acl
                        UNION ALL SELECT t.attname, t.attacl FROM pg_attribute AS t
                        WHERE t.attrelid = c.oid AND NOT t.attisdropped AND t.attacl IS NOT NULL) AS a
    CROSS JOIN LATERAL aclexplode(a.acl) AS x
    LEFT JOIN pg_roles AS g ON g.oid = x.grantee
    WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname = ANY (%(objects)s) AND x.grantee <> c.relowner
      AND (x.grantee = 0 OR g.oid IS NOT NULL)
      AND (%(roles)s::text[] IS NULL OR coalesce(g.rolname, 'PUBLIC') = ANY (%(roles)s))
    ORDER BY c.relname, 3, 5 NULLS FIRST, 4
"""


def run(
    url: str, schema: str | None = None, *, roles: Sequence[str] = (), undo: bool = False, dry_run: bool = False,
    reason: str = "",
) -> Report:  # fmt: skip
    """Take the rights of ``roles`` (default: of everybody but the owners), or with ``undo`` give them back.

    Raises UsageError for an unknown role; RefusedError where a role would keep them all the same (an owner, a superuser,
    a member of one), and for rights that somebody other than the owner granted, which could not be given back as they were.
    """
    event = f"rollback level 2{' undo' if undo else ''}"
    with _levels.working(url, schema, event, reason, dry_run) as (connection, names, found):
        if undo:
            changes = _give_back(connection, names, roles)
        else:
            objects = _objects(found.revision or "base", connection.info.server_version)
            _known(connection, roles)
            changes = _take(connection, names, objects, roles)
            _gone(connection, names, objects, roles)
        report = Report(found.database, names.application, 2, undo, dry_run, tuple(changes))
        if report.done:
            word = "undone" if undo else "rights withdrawn"
            who = f" of {', '.join(roles)}" if roles else ""
            _levels.record(connection, f"rollback level 2 {word}{who}", len(report.done), reason)
    return report


def _objects(revision: str, server_version: int) -> list[str]:
    """Tables, views and sequences that are in ``revision`` and not in the Phase 1 schema."""
    legacy = expected.expected("legacy", server_version).objects
    names = [name for name in expected.expected(revision, server_version).objects if name not in legacy]
    return [name.partition(" ")[2] for name in names if name.partition(" ")[0] in _KINDS]


def _known(connection: psycopg.Connection, roles: Sequence[str]) -> None:
    for role in roles:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        if row is None and role != "PUBLIC":
            raise UsageError(
                f'there is no role "{role}"', fix="--role as \\du of psql shows it; PUBLIC for everybody"
            )
        if row and row[0]:
            raise RefusedError(
                f"role {role} is a superuser: no right can be taken from it",
                fix="--role of the application",
                obj=role,
            )


def _take(
    connection: psycopg.Connection, names: Schemas, objects: list[str], roles: Sequence[str]
) -> list[Change]:
    held = connection.execute(
        _HELD, {"schema": names.application, "objects": objects, "roles": list(roles) or None}
    ).fetchall()
    foreign = sorted({f"{row[0]} (by {row[7]})" for row in held if row[6]})
    if foreign:
        raise RefusedError(
            f"rights on {', '.join(foreign[:6])} were not granted by the owner: they could not be given back as they were",
            fix="grant them as the owner instead",
        )
    changes = []
    kept: dict[str, list[str]] = {}
    for name, is_sequence, role, right, column, grantable, _, _ in held:
        on, to = _on(connection, names, name, is_sequence), f"{right}{_column(connection, column)}"
        kept.setdefault(f"{name} {role}", []).append(
            f"GRANT {to} ON {on} TO {role}{' WITH GRANT OPTION' if grantable else ''}"
        )
        connection.execute(f"REVOKE {to} ON {on} FROM {role}".encode())
        changes.append(Change(name, f"{role}: {to}", "none"))
    for identity, statements in kept.items():
        _levels.remember(connection, names, KIND, identity, statements)
    return changes


def _gone(connection: psycopg.Connection, names: Schemas, objects: list[str], roles: Sequence[str]) -> None:
    """Whoever was named may read nothing of it any more, by whatever way."""
    for role in roles:
        if role == "PUBLIC":
            continue
        rows = connection.execute(
            "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY (%s)"
            " AND c.relkind <> 'S' AND (has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
            "  OR has_any_column_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE')) ORDER BY 1",
            (names.application, objects, role, role),
        ).fetchall()
        if rows:
            raise RefusedError(
                f"role {role} would keep rights on {count(len(rows), 'object')} of Phase 2 ({', '.join(r[0] for r in rows[:4])}):"
                " it owns them, or has them as a member of another role or as PUBLIC",
                fix="name those roles too (--role may be repeated), or none of them for everybody but the owners",
                obj=role,
            )


def _give_back(connection: psycopg.Connection, names: Schemas, roles: Sequence[str]) -> list[Change]:
    """What is kept, statement by statement; what cannot be given back now stays kept, and is told."""
    changes = []
    for identity, statements in _levels.remembered(connection, names, KIND).items():
        name, _, role = identity.partition(" ")
        if roles and role.strip('"') not in roles:
            continue
        try:
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement.encode())
        except psycopg.Error as error:
            why = (error.diag.message_primary or str(error)).strip()
            changes += [Change(name, "none", f"{role}: nothing", f"not given back: {why}")]
            continue
        _levels.forget(connection, names, KIND, identity)
        changes += [
            Change(name, "none", f"{role}: {s.removeprefix('GRANT ').partition(' ON ')[0]}")
            for s in statements
        ]
    return changes


def _on(connection: psycopg.Connection, names: Schemas, name: str, is_sequence: bool) -> str:
    return f"{'SEQUENCE' if is_sequence else 'TABLE'} {sql.Identifier(names.application, name).as_string(connection)}"


def _column(connection: psycopg.Connection, name: Any) -> str:
    return f" ({sql.Identifier(name).as_string(connection)})" if name else ""

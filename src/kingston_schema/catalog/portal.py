"""What a schema holds: nothing, a portal and at which revision, half of one, or something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ..ddl.preflight import LEGACY_TABLES
from ..errors import NotAPortal
from ..settings import Schemas
from ..wording import count


@dataclass(frozen=True)
class Portal:
    """A schema as it was found."""

    database: str
    server: str
    schema: str
    revision: str | None
    tables: int
    missing: tuple[str, ...]
    origin: str | None

    @property
    def empty(self) -> bool:
        """Whether the schema holds no table at all."""
        return self.tables == 0


def read(connection: psycopg.Connection[Any], names: Schemas) -> Portal:
    """Look at the schema.

    Raises NotAPortal when it holds tables but no portal, half a portal, or a portal nobody has stamped.
    """
    rows = connection.execute(
        "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
        (names.application,),
    ).fetchall()
    tables = {row[0] for row in rows}
    ours = tables - {"alembic_version"}
    missing = tuple(sorted(set(LEGACY_TABLES) - tables))
    revision = recorded(connection, names)
    server, database = _one(connection, "SELECT current_setting('server_version'), current_database()")
    found = Portal(
        database=database,
        server=server.split()[0],
        schema=names.application,
        revision=revision,
        tables=len(ours),
        missing=missing,
        origin=_origin(connection, names),
    )
    if revision is None and ours:
        _refuse(names, ours, missing)
    if revision is not None and missing:
        raise NotAPortal(
            f"schema {names.application} is recorded at {revision}, but {len(missing)} of the"
            f" {len(LEGACY_TABLES)} tables of the portal are missing: {_some(missing)}",
            fix="point --url and --schema at the portal, or restore the missing tables",
            obj=names.application,
        )
    return found


def _refuse(names: Schemas, tables: set[str], missing: tuple[str, ...]) -> None:
    where = f"schema {names.application}"
    if not missing:
        raise NotAPortal(
            f"{where} holds the portal's tables, but no revision is recorded",
            fix="alembic stamp legacy, if this is the Phase 1 production schema",
            obj=names.application,
        )
    if len(missing) < len(LEGACY_TABLES):
        raise NotAPortal(
            f"{where} holds a half-built portal: {len(missing)} of {len(LEGACY_TABLES)} tables are missing:"
            f" {_some(missing)}",
            fix="use an empty database, or complete the portal and then: alembic stamp legacy",
            obj=names.application,
        )
    raise NotAPortal(
        f"{where} is not a portal: it holds other tables ({_some(sorted(tables))})",
        fix="point --url and --schema at the portal, or use an empty database",
        obj=names.application,
    )


def recorded(connection: psycopg.Connection[Any], names: Schemas) -> str | None:
    """The revision the schema is recorded at; None where nothing is recorded.

    Raises NotAPortal when several are.
    """
    version = sql.Identifier(names.application, "alembic_version")
    if _one(connection, "SELECT to_regclass(%s) IS NULL", version.as_string(connection))[0]:
        return None
    rows = connection.execute(sql.SQL("SELECT version_num FROM {} ORDER BY 1").format(version)).fetchall()
    if len(rows) > 1:
        raise NotAPortal(
            f"schema {names.application} has {count(len(rows), 'revision')} recorded: {_some([r[0] for r in rows])}",
            fix="correct the table alembic_version",
            obj="alembic_version",
        )
    return rows[0][0] if rows else None


def _origin(connection: psycopg.Connection[Any], names: Schemas) -> str | None:
    from ..ddl.sqltext import render

    if _one(connection, "SELECT to_regclass(%s) IS NULL", render("@control@.portal", names))[0]:
        return None
    row = connection.execute(
        render("SELECT origin FROM @control@.portal WHERE application_schema = %s", names).encode(),
        (names.application,),
    ).fetchone()
    return row[0] if row else None


def _one(connection: psycopg.Connection[Any], statement: str, *params: object) -> tuple[Any, ...]:
    row = connection.execute(statement.encode(), params or None).fetchone()
    assert row is not None  # every caller's query gives exactly one row
    return row


def _some(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(values[:6]) + (", …" if len(values) > 6 else "")


def populated(connection: psycopg.Connection[Any], names: Schemas) -> str | None:
    """The first of the portal's tables that holds a row; None when all are empty."""
    for table in LEGACY_TABLES:
        statement = sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(
            sql.Identifier(names.application, table)
        )
        row = connection.execute(statement).fetchone()
        if row and row[0]:
            return table
    return None


def exists(connection: psycopg.Connection[Any], names: Schemas, relation: str) -> bool:
    """Whether ``relation`` ("@control@.journal") is there."""
    from ..ddl.sqltext import render

    return bool(_one(connection, "SELECT to_regclass(%s) IS NOT NULL", render(relation, names))[0])

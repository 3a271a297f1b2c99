"""Before anything is changed: is this the portal that the recorded revision says it is, and may we?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import psycopg
from alembic.script import ScriptDirectory
from psycopg import sql

from ..errors import NotAPortal, RefusedError
from ..settings import Schemas
from ..wording import count
from . import before

LEGACY_TABLES = (
    "authentication", "available_funds", "available_portfolio_funds", "available_portfolios",
    "available_providers", "client_group_product_owners", "client_groups", "client_products",
    "holding_activity_log", "portfolio_fund_irr_values", "portfolio_fund_valuations", "portfolio_funds",
    "portfolio_irr_values", "portfolio_valuations", "portfolios", "product_owner_products", "product_owners",
    "profiles", "provider_switch_log", "session", "template_portfolio_generations", "user_page_presence",
)  # fmt: skip


def check(
    connection: psycopg.Connection[Any],
    names: Schemas,
    direction: str,
    script: ScriptDirectory,
    revision: str,
    allowed: Collection[str] = (),
) -> list[str]:
    """Refuse, changing nothing, what cannot end well; returns the revisions recorded in the database.

    Raises NotAPortal for a database that is not one, is half built or is not stamped; RefusedError
    for a standby or for missing privileges; Alembic's CommandError for an unknown revision.
    """
    if revision not in ("head", "heads", "base") and not set("+-@:") & set(revision):
        script.get_revision(revision)
    _writable(connection, names)
    tables = _tables(connection, names)
    recorded = _recorded(connection, names, tables)
    if direction == "stamp":
        return recorded
    present = [table for table in LEGACY_TABLES if table in tables]
    others = sorted(tables - set(LEGACY_TABLES) - {"alembic_version"})
    if recorded:
        missing = sorted(set(LEGACY_TABLES) - tables)
        if missing:
            raise NotAPortal(
                f"schema {names.application} is recorded at {', '.join(recorded)} but {len(missing)} of the 22 tables of the"
                f" portal are missing: {', '.join(missing)}",
                fix="point DATABASE_URL (and -x schema=…) at the portal, or restore the missing tables",
            )
        _owned(connection, names, direction)
        if direction == "downgrade":
            _may_go_down(connection, revision, tables, allowed)
            before.check_downgrade(connection, names, script, revision, recorded)
        else:
            before.check_upgrade(connection, names, script, revision, recorded)
    elif len(present) == len(LEGACY_TABLES):
        raise NotAPortal(
            f"schema {names.application} holds the portal, but no revision is recorded",
            fix="alembic stamp legacy, if this is the Phase 1 production schema; then run the same command again",
        )
    elif present:
        missing = sorted(set(LEGACY_TABLES) - tables)
        raise NotAPortal(
            f"schema {names.application} holds a half-built portal: {len(present)} of 22 tables, missing"
            f" {', '.join(missing)}",
            fix="use an empty database, or complete the portal and then: alembic stamp legacy",
        )
    elif others:
        raise NotAPortal(
            f"schema {names.application} is not a portal: it holds {count(len(others), 'other table')} ({', '.join(others[:5])}"
            f"{', …' if len(others) > 5 else ''})",
            fix="use an empty database or schema: alembic -x schema=firm_a upgrade head",
        )
    return recorded


def _tables(connection: psycopg.Connection[Any], names: Schemas) -> set[str]:
    rows = connection.execute(
        "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
        (names.application,),
    )
    return {row[0] for row in rows}


def _recorded(connection: psycopg.Connection[Any], names: Schemas, tables: set[str]) -> list[str]:
    if "alembic_version" not in tables:
        return []
    return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]


def _writable(connection: psycopg.Connection[Any], names: Schemas) -> None:
    row = connection.execute(
        "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean,"
        " has_database_privilege(current_database(), 'CREATE'), current_user, current_database(),"
        " to_regnamespace(%s) IS NOT NULL,"
        " coalesce(has_schema_privilege(to_regnamespace(%s), 'CREATE'), false),"
        " to_regnamespace(%s) IS NOT NULL AND to_regnamespace(%s) IS NOT NULL",
        (names.application, names.application, names.control, names.archive),
    ).fetchone()
    assert row is not None
    standby, read_only, may_create, user, database, exists, may_build, ours = row
    if standby or read_only:
        raise RefusedError(
            f"database {database} is {'a standby' if standby else 'read-only'}",
            fix="point DATABASE_URL at the primary",
        )
    if not exists and may_create:
        connection.execute(f'CREATE SCHEMA "{names.application}"'.encode())
    elif not exists or not may_build:
        what = (
            f"schema {names.application}"
            if exists
            else f"database {database}, to make schema {names.application}"
        )
        raise RefusedError(
            f"role {user} may not CREATE in {what}",
            fix=f"GRANT CREATE ON {'SCHEMA ' + names.application if exists else 'DATABASE ' + database} TO {user}",
        )
    if not ours and not may_create:
        raise RefusedError(
            f"role {user} may not CREATE in database {database}, to make the schemas {names.control} and {names.archive}"
            " that keep what a rollback takes out",
            fix=f"GRANT CREATE ON DATABASE {database} TO {user}",
        )


def _owned(connection: psycopg.Connection[Any], names: Schemas, direction: str) -> None:
    rows = connection.execute(
        "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class AS c"
        " WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY (%s) AND NOT pg_has_role(c.relowner, 'USAGE')"
        " ORDER BY 1",
        (names.application, list(LEGACY_TABLES)),
    ).fetchall()
    if rows:
        owners = sorted({row[1] for row in rows})
        raise RefusedError(
            f"the migrating role does not own {count(len(rows), 'table')} of the portal ({', '.join(r[0] for r in rows[:4])}, …)",
            fix=f"GRANT {owners[0]} TO CURRENT_USER, or run as {owners[0]}",
        )


def _may_go_down(
    connection: psycopg.Connection[Any], revision: str, tables: set[str], allowed: Collection[str]
) -> None:
    """Rollback switched off, or one that would end in dropping rows of the Phase 1 tables: refused at its start."""
    if "migration_control" in tables:
        row = connection.execute(
            "SELECT value FROM migration_control WHERE setting = 'rollback_enabled'"
        ).fetchone()
        if row and row[0] == "false":
            raise RefusedError(
                "rollback is switched off in this portal: rollback_enabled is false in migration_control",
                fix="UPDATE migration_control SET value = 'true' WHERE setting = 'rollback_enabled'",
            )
    if revision != "base" or "drop_legacy" in allowed:
        return
    full = [
        table
        for table in LEGACY_TABLES
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
    ]
    if full:
        raise RefusedError(
            f"legacy tables hold rows and would be dropped with them: {', '.join(full)}",
            fix="-x allow=drop_legacy:reason, on a scratch database only; downgrade legacy keeps them",
        )

"""The table of the event log and its functions: what they are, whether they are there, how they are made."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg

from ...errors import RefusedError
from ...settings import Schemas
from ..sqltext import render

OBJECTS = ("event_log", "event_log_guard", "event_hash", "log_event")
WRITER = "log_event(uuid, text, text, text, jsonb)"
# By the catalogue: to_regclass is an error for a role without rights on the schema.
_THERE = (
    "WITH there AS (SELECT n.oid AS place, c.oid AS log, p.oid AS writer FROM (SELECT %s::text AS name) AS s"
    " LEFT JOIN pg_namespace AS n ON n.nspname = s.name"
    " LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'event_log'"
    " LEFT JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = 'log_event')"
)


def texts() -> dict[str, str]:
    """Name → text of the objects of the log, in the order in which they are made."""
    folder = files("kingston_schema") / "sql" / "control"
    return {name: folder.joinpath(f"{name}.sql").read_text(encoding="utf-8") for name in OBJECTS}


def missing(connection: psycopg.Connection[Any], names: Schemas) -> bool:
    """Whether the log, or the function that writes it, is not there."""
    row = connection.execute(_THERE + " SELECT log IS NULL OR writer IS NULL FROM there", (names.control,))
    return bool(row.fetchone() != (False,))


def writable(connection: psycopg.Connection[Any], names: Schemas) -> bool:
    """Whether this session may write events, or make the log where it is missing."""
    row = connection.execute(
        _THERE
        + " SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean AND CASE"
        " WHEN log IS NOT NULL THEN has_schema_privilege(place, 'USAGE') AND has_table_privilege(log, 'SELECT')"
        "  AND has_table_privilege(log, 'INSERT')"
        " WHEN place IS NOT NULL THEN has_schema_privilege(place, 'CREATE')"
        " ELSE has_database_privilege(current_database(), 'CREATE') END FROM there",
        (names.control,),
    )
    return bool(row.fetchone() == (True,))


def another_roles(connection: psycopg.Connection[Any], names: Schemas) -> RefusedError:
    """The refusal, with the statements that hand the log over."""
    row = connection.execute(
        "SELECT current_user, pg_get_userbyid(c.relowner) FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = 'event_log'",
        (names.control,),
    ).fetchone()
    user, owner = row or ("?", "?")
    things = [f"SCHEMA {names.control}", f"TABLE {names.control}.event_log"]
    things += [
        f"ROUTINE {names.control}.{name}" for name in ("log_event", "event_hash", "refuse_event_rewrite")
    ]
    return RefusedError(
        f"role {user} may not write the event log {names.control}.event_log, which belongs to {owner}",
        fix=f"as {owner}: " + "; ".join(f"ALTER {thing} OWNER TO {user}" for thing in things),
        obj=f"{names.control}.event_log",
    )


def install(connection: psycopg.Connection[Any], names: Schemas) -> None:
    """Make the control schema and the log in it; harmless where they are."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 19732))", (names.control,))
        connection.execute(render("CREATE SCHEMA IF NOT EXISTS @control@", names).encode())
        connection.execute("SET LOCAL check_function_bodies = off")
        for text in texts().values():
            connection.execute(render(text, names).encode())

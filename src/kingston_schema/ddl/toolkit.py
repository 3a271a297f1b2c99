"""The control schema of a portal that arrived without it (stamped, or restored from a dump of its own schema only)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from ..settings import Schemas
from .sqltext import parse, quote, render

# On what is made here, and on nothing in the portal's own schema: a downgrade has to find that as it was.
_RIGHTS = """
SELECT @control@.grant_roles(ARRAY['control', 'archive'] || ARRAY(
    SELECT c.relname::text FROM pg_class AS c WHERE c.relnamespace = '@control@'::regnamespace))"""


def missing(connection: psycopg.Connection[Any], names: Schemas) -> bool:
    """Whether the toolkit that the operations call is not there, or the schema that it archives to."""
    row = connection.execute(
        "SELECT to_regclass(%s) IS NULL OR to_regnamespace(%s) IS NULL",
        (f"{quote(names.control)}.runner", quote(names.archive)),
    ).fetchone()
    return bool(row and row[0])


def install(connection: psycopg.Connection[Any], names: Schemas, frozen: Path) -> None:
    """Make both schemas and put the toolkit into them, as revision pre_migration_control (0010) does."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(frozen.glob("*/0010.sql"))]
    tables = [text for text in texts if parse(text).kind == "control"]
    functions = [text for text in texts if "@control@." in parse(text).identity]
    with connection.transaction():
        connection.execute(
            render(
                "CREATE SCHEMA IF NOT EXISTS @control@; CREATE SCHEMA IF NOT EXISTS @archive@", names
            ).encode()
        )
        connection.execute("SET LOCAL check_function_bodies = off")
        for text in tables + functions:
            connection.execute(render(text, names).encode())
        connection.execute(render(_RIGHTS, names).encode())

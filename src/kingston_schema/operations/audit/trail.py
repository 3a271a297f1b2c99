"""What every part of ``kingston audit`` needs: a portal that has a row history, and how its lines are printed."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from ...catalog import portal
from ...catalog.contents import PRINTING
from ...errors import RefusedError
from ...settings import Schemas


def require(connection: psycopg.Connection[Any], names: Schemas) -> None:
    """Raise RefusedError where the portal has no row history: below phase_2_audit."""
    row = connection.execute(
        "SELECT to_regclass(format('%%I.row_history', %s::text)) IS NULL", (names.application,)
    ).fetchone()
    if row and row[0]:
        found = portal.read(connection, names)
        raise RefusedError(
            f"there is no row history at {found.revision or 'an empty schema'}: it begins with phase_2_audit",
            fix="kingston upgrade phase_2",
            obj="row_history",
        )


def print_plainly(connection: psycopg.Connection[Any]) -> None:
    """Values as text the same on every server and in every session, until the transaction ends."""
    for name, value in PRINTING.items():
        connection.execute(sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), value))

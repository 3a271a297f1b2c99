"""What stands on record of a portal: gates and overrides, checkpoints here and registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ..catalog.portal import exists
from ..ddl.sqltext import render
from ..errors import RefusedError
from ..settings import Schemas
from . import checkpoint

_GATES = (
    "WITH newest AS (SELECT DISTINCT ON (g.phase, g.check_name) g.* FROM @control@.gate_result AS g"
    " WHERE g.check_name <> 'stamp' ORDER BY g.phase, g.check_name, g.id DESC),"
    " last AS (SELECT DISTINCT ON (n.phase) n.phase, n.checked_at, n.checked_by, n.run_id FROM newest AS n"
    "  ORDER BY n.phase, n.id DESC)"
    " SELECT l.phase, l.checked_at, coalesce({who}, l.checked_by), count(*),"
    " coalesce(array_agg(n.check_name ORDER BY n.id) FILTER (WHERE n.outcome = 'warning'), '{{}}'),"
    " coalesce(array_agg(n.check_name ORDER BY n.id) FILTER (WHERE n.outcome = 'allowed'), '{{}}'),"
    " coalesce(array_agg(n.check_name ORDER BY n.id) FILTER (WHERE n.outcome = 'failed'), '{{}}')"
    " FROM last AS l JOIN newest AS n ON n.phase = l.phase GROUP BY l.phase, l.checked_at, l.checked_by, l.run_id"
    " ORDER BY l.checked_at"
)
_WHO = "(SELECT coalesce(e.actor, e.os_user) FROM @control@.event_log AS e WHERE e.run_id = {run} ORDER BY e.id LIMIT 1)"
_OVERRIDES = (
    "SELECT DISTINCT ON (g.phase, g.check_name) g.phase, g.check_name, g.reason, g.found, coalesce({who}, g.checked_by),"
    " g.checked_at FROM @control@.gate_result AS g WHERE g.outcome = 'allowed' ORDER BY g.phase, g.check_name, g.id DESC"
)
_REGISTERED = (
    "SELECT checkpoint_name, phase, created_at, validated_at, validation_status, backup_location"
    " FROM @schema@.rollback_checkpoints WHERE is_active ORDER BY created_at DESC"
)


@dataclass(frozen=True)
class Gate:
    """What the checks of one gate last came to; ``by``: the name given, else the account, else the role."""

    phase: str
    at: datetime
    by: str
    checks: int
    warnings: tuple[str, ...]
    allowed: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Override:
    """A check that was passed over."""

    phase: str
    check: str
    reason: str | None
    found: str | None
    by: str
    at: datetime


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint of this portal.  ``at``: revision or phase; ``here``: its files are in the checkpoints' folder."""

    name: str
    at: str | None
    created_at: datetime | None
    proven_at: datetime | None
    state: str
    where: str | None
    here: bool


def gates(connection: psycopg.Connection[Any], names: Schemas) -> tuple[Gate, ...]:
    """The last evaluation of each gate, oldest first."""
    if not exists(connection, names, "@control@.gate_result"):
        return ()
    query = _GATES.format(who=_who(connection, names, "l.run_id"))
    rows = connection.execute(render(query, names).encode()).fetchall()
    return tuple(Gate(*row[:4], *(tuple(found) for found in row[4:])) for row in rows)


def overrides(connection: psycopg.Connection[Any], names: Schemas) -> tuple[Override, ...]:
    """Every check that was allowed to fail, with the reason last given."""
    if not exists(connection, names, "@control@.gate_result"):
        return ()
    query = _OVERRIDES.format(who=_who(connection, names, "g.run_id"))
    return tuple(Override(*row) for row in connection.execute(render(query, names).encode()))


def checkpoints(connection: psycopg.Connection[Any], names: Schemas) -> tuple[Checkpoint, ...]:
    """Those of this portal in the folder, and those it has registered elsewhere; newest first."""
    found = {}
    try:
        listed = checkpoint.listing()
    except RefusedError:
        listed = ()  # a manifest that cannot be read: kingston checkpoint list says which
    for item in listed:
        if item.schema == names.application and item.database == connection.info.dbname:
            found[item.name] = Checkpoint(
                item.name, item.revision, item.created_at, item.proven_at, item.state, item.folder, True
            )
    if exists(connection, names, "@schema@.rollback_checkpoints"):
        for name, phase, made, proven, state, where in connection.execute(
            render(_REGISTERED, names).encode()
        ):
            found.setdefault(name, Checkpoint(name, phase, made, proven, state or "pending", where, False))
    return tuple(sorted(found.values(), key=lambda c: str(c.created_at), reverse=True))


def _who(connection: psycopg.Connection[Any], names: Schemas, run: str) -> str:
    return _WHO.format(run=run) if exists(connection, names, "@control@.event_log") else "NULL"

"""Rollback of level 1: features of Phase 2 are switched off in migration_control, and on again as they were."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from ..errors import UsageError
from ..settings import Schemas
from . import _levels
from ._levels import Change, Report

KIND = "switch"
ABSENT = "on (not set)"
# What honours each of them; encryption_enabled is no feature: off, it would let plaintext in.
SWITCHES = {
    "information_items_enabled": "no new information item is accepted; the existing ones go on",
    "unmanaged_products_enabled": "no new unmanaged product",
    "objectives_enabled": "no new objective",
    "actions_enabled": "no new action",
    "global_actions_enabled": "no new global action is accepted; the existing ones go on",
    "liquidity_rankings_enabled": "a client group's own liquidity ranks do not count, the defaults do",
    "dense_ui_optimization": "the dense page is computed from the tables instead of its summary",
}


def run(
    url: str, schema: str | None = None, *, features: Sequence[str] = (), undo: bool = False, dry_run: bool = False,
    reason: str = "",
) -> Report:  # fmt: skip
    """Switch ``features`` off (default: all), or with ``undo`` back to what they were.  Raises UsageError for an unknown one."""
    for name in features:
        if name not in SWITCHES:
            raise UsageError(f'there is no feature "{name}"', fix=f"--feature {', '.join(SWITCHES)}")
    wanted = list(features or SWITCHES)
    operation = "rollback level 1" + (" undone" if undo else "")
    with _levels.working(url, schema, dry_run, operation) as (connection, names, found, event):
        changes = _on(connection, names, wanted) if undo else _off(connection, names, wanted)
        report = Report(found.database, names.application, 1, undo, dry_run, tuple(changes))
        event.rows, event.detail = len(report.done), reason or None
        if report.done:
            word = "undone" if undo else "switched off"
            what = ", ".join(change.object for change in report.done)
            _levels.record(connection, f"rollback level 1 {word}: {what}", len(report.done), reason)
    return report


def _off(connection: psycopg.Connection, names: Schemas, wanted: list[str]) -> list[Change]:
    changes = []
    for name in wanted:
        value, on = _now(connection, name)
        if not on:
            changes.append(Change(name, value, value, "is off already"))
            continue
        _levels.remember(connection, names, KIND, name, [value])
        _set(connection, name, "false")
        changes.append(Change(name, value or ABSENT, "false"))
    return changes


def _on(connection: psycopg.Connection, names: Schemas, wanted: list[str]) -> list[Change]:
    changes = []
    for name, kept in _levels.remembered(connection, names, KIND).items():
        if name not in wanted:
            continue
        value, on = _now(connection, name)
        _levels.forget(connection, names, KIND, name)
        if on:  # somebody decided since: the latest write wins
            changes.append(Change(name, value, value, "is on already"))
            continue
        _set(connection, name, kept[0])
        changes.append(Change(name, value, kept[0] or ABSENT))
    return changes


def _now(connection: psycopg.Connection, name: str) -> tuple[str, bool]:
    """The value ("" where it is not set), and whether it means on; a missing switch is on."""
    row = connection.execute(
        "SELECT value, lower(btrim(value)) NOT IN ('false', 'off', 'no', 'f', 'n', '0') FROM migration_control"
        " WHERE setting = %s FOR UPDATE",
        (name,),
    ).fetchone()
    return (str(row[0]), bool(row[1])) if row else ("", True)


def _set(connection: psycopg.Connection, name: str, value: str) -> None:
    if not value:
        connection.execute("DELETE FROM migration_control WHERE setting = %s", (name,))
        return
    connection.execute(
        "INSERT INTO migration_control AS c (setting, value) VALUES (%s, %s) ON CONFLICT (setting) DO UPDATE"
        " SET value = EXCLUDED.value, updated_at = clock_timestamp()",
        (name, value),
    )

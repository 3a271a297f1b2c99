"""``kingston archive purge``: how archives end, on record, one transaction per table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
from psycopg import sql

from ... import db
from ...catalog import portal
from ...ddl.event_log import recorded
from ...ddl.runner import alone
from ...ddl.sqltext import render
from ...errors import KingstonError, PartialError
from ...settings import Schemas, schemas
from ...wording import count
from .items import counted
from .purge_plan import Part, Plan, judge, meant, part_of, plan

__all__ = ["Part", "Plan", "judge", "plan", "run"]


def run(
    url: str,
    planned: Plan,
    *,
    reason: str | None = None,
    forced: str | None = None,
    story: Callable[[str], None] = lambda line: None,
) -> Plan:
    """Purge table by table; each is emptied and recorded in one transaction.  What really went is in the result.

    Raises RefusedError as judge() does; PartialError where it was stopped after the first table.
    """
    judge(planned, forced)
    names = schemas(planned.schema)
    why = forced or reason
    done: list[Part] = []
    with (
        db.connect(url, names.application) as connection,
        recorded(connection, names, "archive purge", ", ".join(part.name for part in planned.parts)) as event,
    ):
        event.detail = why
        try:
            with db.plain_errors(url), alone(connection, names):
                for part in planned.parts:
                    done.append(_purge(connection, names, planned, part, bool(forced), why))
                    story(f"{part.name}: {count(done[-1].rows, 'row')} purged")
        except (KeyboardInterrupt, KingstonError) as error:
            if not done:
                raise
            said = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            raise PartialError(
                f"{said}; {len(done)} of {len(planned.parts)} tables are purged and recorded, the others are as they were",
                fix="the same command again purges the rest",
            ) from error
        finally:
            event.rows = sum(part.rows for part in done)
    return replace(
        planned,
        parts=tuple(done),
        rows=sum(part.rows for part in done),
        waiting=sum(part.waiting for part in done),
        reason=why,
        purged=True,
    )


def _purge(
    connection: psycopg.Connection[Any],
    names: Schemas,
    planned: Plan,
    part: Part,
    forced: bool,
    reason: str | None,
) -> Part:
    """Empty one table of what is meant, and record it.  Judged again under the lock: nothing else goes than was asked."""
    table = sql.Identifier(names.archive, part.name)
    with connection.transaction():
        connection.execute("SELECT set_config('lock_timeout', '2s', true)")
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(table))
        item = counted(connection, names, part.name)
        now = part_of(
            connection,
            names,
            item,
            portal.read(connection, names).revision,
            planned.before,
            planned.quarantine,
        )
        judge(replace(planned, parts=(now,)), reason if forced else None)
        if not now.rows:
            return now  # somebody else was here since the question was asked
        if now.rows == item.rows:
            # The empty table stays: its sequence goes on, so that no id is ever handed out twice.
            connection.execute(sql.SQL("TRUNCATE {}").format(table))
        else:
            away, waiting = meant(item.kind, item.archived_at, planned.before, planned.quarantine)
            connection.execute(sql.SQL("DELETE FROM {} WHERE {} OR {}").format(table, away, waiting))
        connection.execute(
            render(
                "INSERT INTO @control@.archive_entry (revision, movement, table_name, archive_name, columns, rows_moved, reason)"
                " VALUES (%s, 'purged', %s, %s, nullif(%s::text[], '{}'), %s, %s)",
                names,
            ).encode(),
            (
                part.revision or "by hand",
                part.table,
                part.name,
                list(item.columns),
                now.rows,
                reason,
            ),
        )
    return now

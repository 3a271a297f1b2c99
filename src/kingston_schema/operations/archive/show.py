"""The rows of one table of the archive: key, when, why, by which rollback and run; secrets masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from ... import db
from ...ddl.sqltext import render
from ...errors import RefusedError, UsageError
from ...settings import Schemas, schemas
from . import masks, shape
from .items import Item, meant_by, registered, resting

# By which rollback a row came here: the last one that archived its table (or columns) before it went into quarantine.
_ROLLBACK = (
    "LEFT JOIN LATERAL (SELECT e.revision, e.run_id, e.moved_at FROM @control@.archive_entry AS e"
    " WHERE e.movement = 'archived' AND e.archive_name = {name} AND e.moved_at <= coalesce({at}, clock_timestamp())"
    " ORDER BY e.id DESC LIMIT 1) AS r ON true"
)
_NOBODY_KNOWS = (
    "CROSS JOIN (SELECT NULL::text AS revision, NULL::timestamptz AS moved_at, NULL::text AS run_id) AS r"
)


@dataclass(frozen=True)
class Row:
    """One row.  ``at``, ``reason`` and ``run`` (of the upgrade) only of what is in quarantine.

    ``rollback``: the revision whose downgrade took it out; ``lost``: the columns whose values only are kept.
    """

    key: str | None
    at: datetime | None
    reason: str | None
    run: str | None
    rollback: str | None
    rollback_at: datetime | None
    rollback_run: str | None
    lost: tuple[str, ...]
    values: dict[str, str | None]


@dataclass(frozen=True)
class Report:
    """What ``kingston archive show`` says.  ``matching``: rows there are; ``items``: those shown."""

    schema: str
    archive: str
    item: Item
    key: tuple[str, ...]
    masked: tuple[str, ...]
    matching: int
    items: tuple[Row, ...]


def run(url: str, schema: str | None, name: str, *, limit: int = 20, key: str | None = None) -> Report:
    """Read up to ``limit`` rows, newest in quarantine first, of the row ``key`` only if given.

    Raises UsageError for a name the archive does not hold, for a table without a key when one is asked for, and
    for a name that means several tables of the archive.
    """
    names = schemas(schema)
    if limit < 1:
        raise UsageError(f"--limit {limit} would show nothing", fix="--limit 20")
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        found = meant_by(resting(connection, names), name)
        found = [item for item in found if item.name == name] or found
        if len(found) > 1:
            raise UsageError(
                f'"{name}" is in the archive {len(found)} times: {", ".join(item.name for item in found)}',
                fix=f"kingston archive show {found[0].name}",
                obj=name,
            )
        built = shape.read(connection, names, found[0])
        if key is not None and not built.key:
            raise RefusedError(
                f"{found[0].name} has no key to look for", fix=f"kingston archive show {name}", obj=name
            )
        matching, rows = _rows(connection, names, built, limit, key)
    return Report(
        schema=names.application,
        archive=names.archive,
        item=found[0],
        key=built.key,
        masked=tuple(column for column in built.values if masks.sensitive(column)),
        matching=matching,
        items=tuple(rows),
    )


def _rows(
    connection: psycopg.Connection[Any], names: Schemas, built: shape.Shape, limit: int, key: str | None
) -> tuple[int, list[Row]]:
    def own(*columns: str) -> sql.Composable:
        here = [sql.Identifier("q", column) for column in columns if column in built.ours]
        return here[0] if here else sql.SQL("NULL")

    at, reason = own("quarantined_at"), own("quarantine_reason", "reason")
    run, lost = own("quarantine_run"), own("quarantine_columns")
    if built.item.kind == "columns":  # its rows do not say it, the register does
        run = sql.SQL(
            render(
                "(SELECT e.run_id FROM @control@.archive_entry AS e WHERE e.movement = 'quarantined'"
                " AND e.archive_name = {name} AND e.moved_at >= q.quarantined_at ORDER BY e.id LIMIT 1)",
                names,
            )
        ).format(name=built.item.name)
    # What is in quarantine came here with its table; anything else under the name it has in the archive.
    came_as = built.item.table if built.item.kind == "quarantine" else built.item.name
    condition = (
        sql.SQL("true") if key is None else sql.SQL("{} = {}").format(built.key_text("q"), sql.Literal(key))
    )
    source = sql.SQL("FROM {} AS q").format(built.table)
    counted = connection.execute(sql.SQL("SELECT count(*) {} WHERE {}").format(source, condition)).fetchone()
    order = sql.SQL(", ").join([sql.Identifier("q", column) for column in built.key or built.values[:1]])
    query = sql.SQL(
        "SELECT {key}, {at}::timestamptz, {reason}::text, {run}::text, r.revision, r.moved_at, r.run_id, {lost}::text[],"
        " ARRAY[{values}]::text[] {source} {rollback} WHERE {condition}"
        " ORDER BY {at}::timestamptz DESC NULLS LAST, {order} LIMIT {limit}"
    ).format(
        key=built.key_text("q"),
        at=at,
        reason=reason,
        run=run,
        lost=lost,
        values=sql.SQL(", ").join([sql.SQL("{}::text").format(sql.Identifier("q", c)) for c in built.values]),
        source=source,
        rollback=sql.SQL(render(_ROLLBACK if registered(connection, names) else _NOBODY_KNOWS, names)).format(
            name=sql.Literal(came_as), at=at
        ),
        condition=condition,
        order=order,
        limit=sql.Literal(limit),
    )
    rows = [_row(built, row) for row in connection.execute(query).fetchall()]
    return (counted[0] if counted else 0), rows


def _row(built: shape.Shape, found: tuple[Any, ...]) -> Row:
    key, at, reason, run, rollback, rollback_at, rollback_run, lost, values = found
    shown = {column: masks.shown(column, value) for column, value in zip(built.values, values, strict=True)}
    return Row(key, at, reason, run, rollback, rollback_at, rollback_run, tuple(lost or ()), shown)

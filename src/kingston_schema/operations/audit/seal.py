"""``kingston audit seal``: put the lines written since the last seal under seal, and export the chain."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ... import db
from ...ddl.sqltext import render
from ...errors import BusyError, RefusedError
from ...settings import Schemas, schemas
from .._noting import noted
from . import chain, trail
from .chain import BATCH, Seal, link

# A number is drawn from the sequence only under this lock: when those who hold it now are gone, no line with a lower
# number can appear any more.
_WRITERS = (
    "SELECT virtualtransaction, pid FROM pg_locks WHERE relation = 'row_history'::regclass"
    " AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()"
)


@dataclass(frozen=True)
class Report:
    """Seals made now (``made``, ``lines`` under them), seals in all, and the newest chain value."""

    made: int
    lines: int
    seals: int
    last_id: int
    chain: str
    exported_to: str | None
    dry_run: bool


def run(
    url: str, schema: str | None = None, *, to: Path | None = None, wait: float = 10.0, dry_run: bool = False
) -> Report:
    """Seal up to the newest line that is sure; ``wait``: seconds for transactions that are writing history now.

    Raises BusyError when they take longer (naming one), RefusedError below phase_2_audit, UsageError for the file.
    """
    names = schemas(schema)
    with (
        db.connect(url, names.application) as connection,
        noted(connection, names, "audit seal", dry_run=dry_run) as event,
        db.plain_errors(url),
    ):
        trail.require(connection, names)
        _require_table(connection, names)
        before = chain.read(connection, names)
        top = _newest(connection)
        if not dry_run:
            _outwait(connection, wait)
        with connection.transaction():
            trail.print_plainly(connection)
            if not dry_run:
                # One at a time; readers of the seals go on.
                connection.execute(
                    render("LOCK TABLE @control@.row_history_seal IN EXCLUSIVE MODE", names).encode()
                )
                before = chain.read(connection, names)
            made = list(_batches(connection, before, top))
            if not dry_run:
                _write(connection, names, made)
        event.rows = sum(seal.lines for seal in made)
    every = before + made
    if to is not None and not dry_run:
        chain.export(every, to)
    return Report(
        made=len(made),
        lines=sum(seal.lines for seal in made),
        seals=len(before) if dry_run else len(every),
        last_id=every[-1].last_id if every else 0,
        chain=every[-1].chain if every else "",
        exported_to=str(to) if to is not None and not dry_run else None,
        dry_run=dry_run,
    )


def _batches(connection: psycopg.Connection[Any], before: list[Seal], top: int) -> Iterator[Seal]:
    number, value, done = (before[-1].number, before[-1].chain, before[-1].last_id) if before else (0, "", 0)
    while done < top:
        row = connection.execute(
            "SELECT max(id) FROM (SELECT id FROM row_history WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) AS h",
            (done, top, BATCH),
        ).fetchone()
        if row is None or row[0] is None:
            return
        last = int(row[0])
        lines, digest = chain.measure(connection, done + 1, last)
        number, value = number + 1, link(value, done + 1, last, lines, digest)
        yield Seal(number, done + 1, last, lines, digest, value)
        done = last


def _write(connection: psycopg.Connection[Any], names: Schemas, made: list[Seal]) -> None:
    statement = render(
        "INSERT INTO @control@.row_history_seal (number, first_id, last_id, lines, digest, chain)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        names,
    ).encode()
    with connection.cursor() as cursor:
        cursor.executemany(
            statement, [(s.number, s.first_id, s.last_id, s.lines, s.digest, s.chain) for s in made]
        )


def _newest(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT coalesce(max(id), 0) FROM row_history").fetchone()
    assert row is not None
    return int(row[0])


def _outwait(connection: psycopg.Connection[Any], wait: float) -> None:
    """Until every transaction that was writing history when this was called has ended."""
    writing = {row[0]: row[1] for row in connection.execute(_WRITERS.encode())}
    until = time.monotonic() + wait
    while writing:
        still = {row[0] for row in connection.execute(_WRITERS.encode())}
        writing = {key: pid for key, pid in writing.items() if key in still}
        if writing and time.monotonic() > until:
            pid = next(iter(writing.values()))
            raise BusyError(
                f"a transaction (process {pid}) has written history and not ended for {wait:g} s; nothing was sealed",
                fix="kingston audit seal --wait 60",
                obj="row_history",
            )
        if writing:
            time.sleep(0.05)


def _require_table(connection: psycopg.Connection[Any], names: Schemas) -> None:
    row = connection.execute(
        "SELECT to_regclass(format('%%I.row_history_seal', %s::text)) IS NULL", (names.control,)
    ).fetchone()
    if row and row[0]:
        raise RefusedError(
            f"schema {names.control} has no table for seals: this portal came past phase_2_audit without it",
            fix="kingston rollback phase_1, then kingston upgrade",
            obj="row_history_seal",
        )

"""Plaintext from before brought into encrypted form, while the portal is in use."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ... import db
from ...crypto import batches, registry
from ...crypto.batches import Row
from ...crypto.fields import FIELDS, Field
from ...settings import schemas
from .._noting import noted
from .._rewriting import BLIND_INDEX, ENCRYPTION, Done, Tell, active, announce, columns, rewrite
from ..keys import state
from . import places
from .status import columns_of_theirs

WHAT = "kingston encrypt run"
# Longer than an autovacuum takes to give way.
_PATIENCE = "10s"


@dataclass(frozen=True)
class Report:
    """``fields``: what was done (in a dry run ``left`` is what would be); ``places``: what stays readable elsewhere."""

    schema: str
    key: int
    enabled: bool
    fields: tuple[Done, ...]
    places: tuple[places.Place, ...]
    seconds: float
    dry_run: bool


def run(
    url: str, schema: str | None = None, *, size: int = batches.SIZE, dry_run: bool = False,
    tell: Tell = lambda text: None,
) -> Report:  # fmt: skip
    """Encrypt every readable value of every sensitive field; stopped anywhere, the same call goes on.

    Statements carry ids, row versions and ciphertext, never a value.  Afterwards statistics are renewed and the old
    row versions vacuumed.  Raises KeyRingError, RefusedError.
    """
    names = schemas(schema)
    started = time.monotonic()
    with (
        db.connect(url, names.application) as connection,
        noted(connection, names, "encrypt run", dry_run=dry_run) as event,
        db.plain_errors(url),
    ):
        ring = state.usable(connection)
        entries = registry.read(connection)
        key, lookup = active(ring, entries, ENCRYPTION), active(ring, entries, BLIND_INDEX)
        theirs = columns_of_theirs(connection)
        done = []
        for of in FIELDS:
            where = batches.condition_plain(of)
            number = 0 if of.label in theirs else batches.count(connection, of, where)
            if dry_run or not number:
                done.append(Done(of.label, left=number))
                continue

            def make(row: Row, of: Field = of) -> dict[str, str | None]:
                plain = (row.mask if of.mask else row.stored) or ""
                return columns(of, row.id, plain, key, lookup)

            announce(connection, of, WHAT, "encrypt")
            done.append(rewrite(connection, of, where, make, WHAT, size, tell))
            event.rows = sum(d.rewritten for d in done)
        found = places.find(connection, names, theirs)
        if not dry_run:
            _renew(connection, names.application, found, tell)
            found = places.find(connection, names, theirs)
        row = connection.execute("SELECT feature_enabled('encryption_enabled')").fetchone()
    return Report(
        names.application, key.version, bool(row and row[0]), tuple(done), found, round(time.monotonic() - started, 3), dry_run
    )  # fmt: skip


def _renew(
    connection: psycopg.Connection[Any], schema: str, found: tuple[places.Place, ...], tell: Tell
) -> None:
    """New statistics without the old values, and no dead rows that hold them.

    An autovacuum at work there gives way; where somebody else holds a table longer, it is told and found by the status.
    """
    rewritten = {of.table for of in FIELDS}
    sampled = {
        p.place.split(".")[1] for p in found if p.kind == "statistics" and p.place.startswith(f"{schema}.")
    }
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (_PATIENCE,))
    for table in sorted(rewritten | sampled):
        tell(f"VACUUM ANALYZE {table}")
        try:
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(schema, table)))
        except psycopg.errors.LockNotAvailable:
            tell(f"{table} is held by somebody: its statistics are from before; kingston encrypt run again renews them")

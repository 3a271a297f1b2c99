"""All values brought under the active keys, while the portal is in use."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ... import db
from ...crypto import batches, registry
from ...crypto.batches import Row
from ...crypto.fields import FIELDS, Field
from ...settings import schemas
from .._noting import noted
from .._rewriting import BLIND_INDEX, ENCRYPTION, Done, Tell, active, announce, columns, opened, rewrite
from . import state

WHAT = "kingston keys rotate"


@dataclass(frozen=True)
class Report:
    """``fields``: what was done (in a dry run: ``left`` is what would be)."""

    schema: str
    encryption: int
    blind_index: int
    fields: tuple[Done, ...]
    seconds: float
    dry_run: bool


def run(
    url: str, schema: str | None = None, *, size: int = batches.SIZE, dry_run: bool = False,
    tell: Tell = lambda text: None,
) -> Report:  # fmt: skip
    """Re-encrypt what is under older keys, blind indexes included; stopped anywhere, the same call goes on.

    Raises KeyRingError, RefusedError.
    """
    names = schemas(schema)
    started = time.monotonic()
    with (
        db.connect(url, names.application) as connection,
        noted(connection, names, "keys rotate", dry_run=dry_run) as event,
        db.plain_errors(url),
    ):
        ring = state.usable(connection)
        entries = registry.read(connection)
        key, lookup = active(ring, entries, ENCRYPTION), active(ring, entries, BLIND_INDEX)
        done = []
        for of in FIELDS:
            where = batches.condition_other(of, key.version, lookup.version)
            number = batches.count(connection, of, where)
            if dry_run or not number:
                done.append(Done(of.label, left=number))
                continue

            def make(row: Row, of: Field = of) -> dict[str, str | None]:
                plain, decoy = opened(ring, of, row.id, row.stored or "")
                return columns(of, row.id, plain, key, lookup, decoy)

            announce(connection, of, WHAT, "encrypt")
            done.append(rewrite(connection, of, where, make, WHAT, size, tell))
            event.rows = sum(d.rewritten for d in done)
    return Report(
        names.application, key.version, lookup.version, tuple(done), round(time.monotonic() - started, 3), dry_run
    )  # fmt: skip

"""Decoys: values nobody has a reason to read.  What stands in the database looks like any other ciphertext."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from ... import db
from ...crypto import batches, registry
from ...crypto.fields import FIELDS, Field
from ...errors import RefusedError, UsageError
from ...settings import schemas
from .._rewriting import BLIND_INDEX, ENCRYPTION, active, announce, columns, opened
from ..keys import state

WHAT = "kingston encrypt decoy"


@dataclass(frozen=True)
class Report:
    """The value that is a decoy now, or no longer."""

    field: str
    row: int
    decoy: bool
    changed: bool
    dry_run: bool


def run(
    url: str, schema: str | None = None, *, value: str, undo: bool = False, dry_run: bool = False
) -> Report:
    """Mark an encrypted value (``product_owners/7/notes``) as a decoy; ``undo``: as an ordinary one.

    Raises UsageError for a name that is none, RefusedError for a row without such a value.
    """
    names = schemas(schema)
    of, number = _field(value)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        ring = state.usable(connection)
        entries = registry.read(connection)
        where = sql.SQL("t.{} = {} AND is_field_envelope(t.{})").format(
            sql.Identifier(of.key), sql.Literal(number), sql.Identifier(of.column)
        )
        rows = next(iter(batches.read(connection, of, where, 1)), [])
        if not rows:
            raise RefusedError(f"row {number} has no encrypted {of.label}", fix="kingston encrypt run")
        announce(connection, of, f"{WHAT} of row {number}", "encrypt")
        plain, decoy = opened(ring, of, number, rows[0].stored or "")
        changed = decoy is undo
        if changed and not dry_run:
            key, lookup = active(ring, entries, ENCRYPTION), active(ring, entries, BLIND_INDEX)
            made = columns(of, number, plain, key, lookup, decoy=not undo)
            if not batches.write(connection, of, [(rows[0], made)], WHAT, WHAT):
                raise RefusedError("somebody is changing this row", fix="run it again")
    return Report(of.label, number, not undo, changed, dry_run)


def _field(value: str) -> tuple[Field, int]:
    table, _, rest = value.partition("/")
    row, _, name = rest.partition("/")
    of = next((f for f in FIELDS if (f.table, f.name) == (table, name)), None)
    if of is None or not row.isdecimal():
        known = ", ".join(f"{f.table}/ID/{f.name}" for f in FIELDS)
        raise UsageError(
            f'"{value}" names no sensitive value: {known}',
            fix="kingston encrypt decoy product_owners/7/notes",
        )
    return of, int(row)

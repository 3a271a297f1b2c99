"""The end of a key version: refused while anything that can still be read needs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ... import db
from ...backup import manifest as manifests
from ...crypto import keyring, ledger, registry
from ...crypto.access import Access
from ...crypto.fields import Field
from ...crypto.places import uses
from ...errors import RefusedError, UsageError
from ...settings import Schemas, schemas
from ...wording import count
from .. import checkpoint
from .._noting import noted
from . import state


@dataclass(frozen=True)
class Need:
    """One place that still needs the key: a table (``schema.table``) with so many values, or a checkpoint."""

    place: str
    values: int
    fix: str


@dataclass(frozen=True)
class Report:
    """What retiring came to; ``left``: what the reason given leaves unreadable."""

    purpose: str
    version: int
    left: tuple[Need, ...]
    state: state.Report


def run(
    url: str, schema: str | None = None, *, purpose: str, version: int, leave_history: str = "", dry_run: bool = False
) -> Report:  # fmt: skip
    """Retire a version: no process decrypts with it any more; its material stays in the ring.

    ``leave_history``: why older lines of row_history may become unreadable; it goes to the ledger.
    Raises UsageError for a version that does not exist, RefusedError while it is active or needed.
    """
    names = schemas(schema)
    with (
        db.connect(url, names.application) as connection,
        noted(connection, names, "keys retire", f"{purpose} key {version}", dry_run=dry_run) as event,
        db.plain_errors(url),
        connection.transaction(),
    ):
        ring = state.usable(connection)
        registry.alone(connection)
        entry = next(
            (e for e in registry.read(connection) if (e.purpose, e.version) == (purpose, version)), None
        )
        said = f"{purpose} key {version}"
        if entry is None:
            raise UsageError(f"there is no {said}", fix="kingston keys status")
        if entry.status in ("active", "retired"):
            raise RefusedError(
                f"{said} is {entry.status}", fix="kingston keys add, promote and rotate come first"
            )
        found = needs(connection, names, purpose, version)
        history = f"{names.application}.row_history"
        left = tuple(n for n in found if n.place == history and leave_history)
        held = [n for n in found if n not in left]
        if held:
            told = "; ".join(f"{n.place} ({count(n.values, 'value')})" if n.values else n.place for n in held)
            raise RefusedError(f"{said} is still needed by {told}", fix=held[0].fix, obj=held[0].place)
        event.detail = f"older lines of the history may not be readable: {leave_history}" if left else None
        if not dry_run:
            connection.execute(
                "UPDATE encryption_keys SET status = 'retired', retired_at = now(),"
                " activated_at = coalesce(activated_at, now()) WHERE key_name = %s AND key_version = %s",
                (keyring.NAMES[purpose], version),
            )
            if left:
                where = Field("row_history", "changes", "changes")
                actor = Access("kingston keys retire", f"{said} retired: {leave_history}", "")
                ledger.write(connection, actor, where, [ledger.Line(0, version, ledger.GRANTED)], "access")
        return Report(
            purpose,
            version,
            left,
            state.report(connection, names.application, ring, (f"{said} retired",), dry_run),
        )


def needs(connection: psycopg.Connection[Any], names: Schemas, purpose: str, version: int) -> list[Need]:
    """Tables by content, checkpoints by their manifests; a checkpoint that does not say counts as needing it."""
    found = [
        Need(place, values, _way_out(names, place))
        for place, values in uses(connection, names).get((purpose, version), {}).items()
    ]
    known: set[str] = set()
    for item in checkpoint.listing():
        if item.state == "unfinished":
            continue
        held = manifests.read(Path(item.folder))
        known.add(item.name)
        if _another(connection, names, held):
            continue
        if held.keys is None or version in held.keys.get(purpose, []):
            found.append(Need(f"checkpoint {item.name}", 0, f"kingston checkpoint drop {item.name}"))
    rows = connection.execute(
        "SELECT checkpoint_name, backup_location FROM rollback_checkpoints WHERE is_active ORDER BY 1"
    )
    for name, location in rows.fetchall():
        if name not in known:
            try:
                keys = manifests.read(Path(location or "")).keys
            except RefusedError:
                keys = None
            if keys is None or version in keys.get(purpose, []):
                found.append(Need(f"checkpoint {name} in {location}", 0, f"kingston checkpoint drop {name}"))
    return found


def _another(connection: psycopg.Connection[Any], names: Schemas, held: manifests.Manifest) -> bool:
    """Whether a checkpoint is another portal's."""
    return (held.database, held.application) != (connection.info.dbname, names.application)


def _way_out(names: Schemas, place: str) -> str:
    if place.startswith(f"{names.archive}."):
        return f"kingston archive restore, or kingston archive purge {place.partition('.')[2]}"
    if place.endswith(".row_history"):
        return "keep the key; or --leave-history REASON: older values in the history can then not be read"
    return "kingston keys rotate"

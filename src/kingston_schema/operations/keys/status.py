"""Which key versions there are, their state, whether the ring holds them, and what they lock."""

from __future__ import annotations

from dataclasses import dataclass

from ... import db
from ...crypto import keyring, master, registry
from ...crypto.places import uses
from ...errors import KeyRingError
from ...settings import schemas
from . import state


@dataclass(frozen=True)
class Use:
    """How many values of a key version stand in a table (``schema.table``)."""

    purpose: str
    version: int
    place: str
    values: int


@dataclass(frozen=True)
class Report:
    """``trouble``: why the configured keys cannot be used; empty when they can."""

    state: state.Report
    uses: tuple[Use, ...]
    trouble: str


def run(url: str, schema: str | None = None) -> Report:
    """Look; nothing is written.  Works without a key, too.  Raises RefusedError below phase_2_field_encryption."""
    names = schemas(schema)
    trouble = ""
    ring = None
    try:
        ring = keyring.load()
    except KeyRingError as error:
        trouble = error.message
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        registry.require(connection)
        entries = registry.read(connection)
        if ring is not None:
            try:
                registry.compare(ring, entries)
            except KeyRingError as error:
                trouble = error.message
        elif not entries and not master.configured():
            trouble = "no key is configured, and this portal has none"
        found = uses(connection, names)
        listed = tuple(
            Use(purpose, version, place, number)
            for (purpose, version), places in sorted(found.items(), reverse=True)
            for place, number in places.items()
        )
        return Report(state.report(connection, names.application, ring), listed, trouble)

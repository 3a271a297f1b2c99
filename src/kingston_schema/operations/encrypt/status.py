"""What is encrypted, what is not, and where sensitive values could still be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ... import db
from ...crypto import batches, registry
from ...crypto.fields import FIELDS, Field
from ...crypto.keyring import BLIND_INDEX, ENCRYPTION
from ...crypto.vault import THEIRS
from ...settings import schemas
from . import places


@dataclass(frozen=True)
class Count:
    """One field: values there are, encrypted, of those under an older key, readable."""

    field: str
    filled: int
    encrypted: int
    older: int
    plain: int
    theirs: bool


@dataclass(frozen=True)
class Report:
    """``state`` in words: off, waiting (readable values are left), older (values under older keys), on."""

    schema: str
    enabled: bool
    key: int | None
    state: str
    fields: tuple[Count, ...]
    places: tuple[places.Place, ...]


def run(url: str, schema: str | None = None) -> Report:
    """Count and look; no key is needed and no value leaves the database.  Raises RefusedError below field encryption."""
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        registry.require(connection)
        active = {e.purpose: e.version for e in registry.read(connection) if e.status == "active"}
        theirs = columns_of_theirs(connection)
        counts = tuple(_count(connection, of, active, of.label in theirs) for of in FIELDS)
        row = connection.execute("SELECT feature_enabled('encryption_enabled')").fetchone()
        found = places.find(connection, names, theirs)
    plain = sum(c.plain for c in counts if not c.theirs)
    state = (
        "off"
        if ENCRYPTION not in active
        else "waiting"
        if plain
        else "older"
        if sum(c.older for c in counts)
        else "on"
    )
    return Report(names.application, bool(row and row[0]), active.get(ENCRYPTION), state, counts, found)


def columns_of_theirs(connection: psycopg.Connection[Any]) -> frozenset[str]:
    """Fields whose column the portal had before us."""
    return frozenset(row[0] for row in connection.execute(THEIRS.encode()))


def _count(connection: psycopg.Connection[Any], of: Field, active: dict[str, int], theirs: bool) -> Count:
    plain = batches.count(connection, of, batches.condition_plain(of))
    whole = sql.SQL("is_field_envelope(t.{})").format(sql.Identifier(of.column))
    encrypted = batches.count(connection, of, whole)
    older = 0
    if ENCRYPTION in active and not theirs:
        other = batches.condition_other(of, active[ENCRYPTION], active.get(BLIND_INDEX))
        older = batches.count(connection, of, other)
    return Count(of.label, plain + encrypted, encrypted, older, plain, theirs)

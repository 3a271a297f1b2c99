"""What a database is: one hash per object and one in all, and how it differs from what a revision should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import psycopg

from .. import db
from ..catalog import expected, fingerprint, history, portal
from ..catalog.fingerprint import Fingerprint
from ..catalog.words import Difference, explain
from ..errors import RefusedError
from ..settings import Schemas, schemas


@dataclass(frozen=True)
class Report:
    """``hashes`` {object: hash}; with ``against``, ``differences`` (empty: it is that revision).

    ``recorded`` is the revision that the database says it is at; None when it says nothing.
    """

    schema: str
    total: str
    hashes: Mapping[str, str]
    recorded: str | None
    against: str | None = None
    differences: tuple[Difference, ...] = ()


def run(url: str, schema: str | None = None, *, against: str | None = None) -> Report:
    """Read the catalogue; no lock beyond ACCESS SHARE.

    ``against``: a revision, ``head``, ``current`` (the recorded one), or relative to it (``-1``).  Owners, grants and
    where sequences stand are part of the hashes, and not of the comparison with a revision: they differ from
    one installation to the next.  Raises UsageError for what is no revision, RefusedError for ``current``
    where none is recorded, and without ``against`` for a role that may not read the sequences.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        recorded = portal.recorded(connection, names)
        revision = _revision(against, recorded, names) if against else None
        try:
            found = fingerprint.read(connection, names.application, state=revision is None)
        except psycopg.errors.InsufficientPrivilege as error:
            raise RefusedError(
                f"this role may not read every sequence: {str(error).splitlines()[0]}",
                fix=f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {names.application} TO this role;"
                " kingston fingerprint --diff current needs no such right",
            ) from error
        version = connection.info.server_version
    report = Report(names.application, found.total, found.hashes, recorded)
    if revision is None:
        return report
    differences = _differences(revision, version, found, names)
    return replace(report, against=revision, differences=differences)


def _revision(against: str, recorded: str | None, names: Schemas) -> str:
    if against == "current":
        if recorded is None:
            raise RefusedError(
                f"schema {names.application} has no revision recorded",
                fix="kingston fingerprint --diff legacy compares it with the Phase 1 schema",
                obj=names.application,
            )
        against = recorded
    position = history.target_position(against, recorded)
    return history.names()[position - 1] if position else "base"


def _differences(revision: str, version: int, found: Fingerprint, names: Schemas) -> tuple[Difference, ...]:
    should = expected.expected(revision, version)
    told = explain(should, found.portable(), partial(expected.origin, revision=revision), live=found)
    return tuple(difference.of(names) for difference in told)

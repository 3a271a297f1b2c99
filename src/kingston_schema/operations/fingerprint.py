"""What a database is: one hash per object and one in all, and how it differs from what a revision should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .. import db
from ..catalog import expected, fingerprint
from ..settings import schemas


@dataclass(frozen=True)
class Report:
    """``hashes`` {object: hash}; with ``against``, ``differences`` in words (empty: it is that revision)."""

    schema: str
    total: str
    hashes: Mapping[str, str]
    against: str | None = None
    differences: tuple[str, ...] = ()


def run(url: str, schema: str | None = None, *, against: str | None = None) -> Report:
    """Read the catalogue; no lock beyond ACCESS SHARE.  ``against``: a revision that ships with its fingerprint.

    Owners and grants are part of the hashes, and not of the comparison with a revision: they differ
    from one installation to the next.  Raises UsageError for a revision without a fingerprint.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        found = fingerprint.read(connection, names.application)
        version = connection.info.server_version
    differences: list[str] = []
    if against is not None:
        differences = fingerprint.differences(expected.expected(against, version), found.portable())
    return Report(names.application, found.total, found.hashes, against, tuple(differences))

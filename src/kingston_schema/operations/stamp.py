"""Stamping: say which revision a portal is at, after looking whether that is true."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from alembic import command

from .. import db
from ..catalog import fingerprint, history, matching, portal
from ..errors import NotAPortal, UsageError
from ..settings import schemas


@dataclass(frozen=True)
class Report:
    """``match``: the revision that was asked for, or the one that fits best; ``stamped``: whether it is recorded now."""

    database: str
    schema: str
    recorded: str | None
    match: matching.Match
    stamped: bool


def look(url: str, schema: str | None = None, revision: str | None = None) -> Report:
    """Compare the live catalogue with ``revision``, or (None) with every revision; changes nothing.

    Raises UsageError for an unknown revision or an empty schema.
    """
    names = schemas(schema)
    if revision is not None:
        revision = (
            history.names()[history.target_position(revision, None) - 1] if revision != "base" else revision
        )
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        try:
            recorded = portal.read(connection, names).revision
        except NotAPortal:
            recorded = None  # not stamped yet, or half of it missing: the comparison below says what
        found = fingerprint.read(connection, names.application)
        if not any(name.startswith("table ") for name in found.objects):
            raise UsageError(f"schema {names.application} is empty", fix="kingston upgrade legacy")
        version = connection.info.server_version
        match = (
            matching.against(revision, found, version, names)
            if revision
            else matching.detect(found, version, names)
        )
        database = connection.info.dbname
    return Report(database, names.application, recorded, match, False)


def run(url: str, seen: Report, allow: Sequence[str] = ()) -> Report:
    """Record ``seen.match.revision``; looks again, through the same env.py as plain ``alembic stamp``."""
    config = history.configuration()
    config.stdout = io.StringIO()
    config.attributes["url"] = url
    config.attributes["schema"] = seen.schema
    config.attributes["allow"] = list(allow)
    with db.plain_errors(url):
        command.stamp(config, seen.match.revision, purge=True)
    return Report(seen.database, seen.schema, seen.match.revision, seen.match, True)

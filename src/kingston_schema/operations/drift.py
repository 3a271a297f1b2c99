"""What changed in a portal since its last migration, object by object, with the SQL either way."""

from __future__ import annotations

from dataclasses import dataclass

from .. import db
from ..catalog import expected, fingerprint, matching, portal, statements
from ..catalog.words import Difference
from ..ddl.sqltext import quote, render
from ..errors import UsageError
from ..settings import schemas


@dataclass(frozen=True)
class Report:
    """``ours``: differences in what the revision made; ``theirs``: what the portal has beside.

    ``undo`` takes the portal back to its revision, ``again`` repeats the drift on a portal that has none: SQL scripts.
    """

    database: str
    schema: str
    revision: str
    ours: tuple[Difference, ...]
    theirs: tuple[Difference, ...]
    undo: str
    again: str


def run(url: str, schema: str | None = None) -> Report:
    """Look; changes nothing.  Raises UsageError for an empty schema, NotAPortal for anything but a portal."""
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        found = portal.read(connection, names)
        if found.revision is None:
            raise UsageError("the schema is empty: nothing can have drifted", fix="kingston upgrade legacy")
        live = fingerprint.read(connection, names.application)
        version = connection.info.server_version
    should = expected.expected(found.revision, version).objects
    match = matching.against(found.revision, live, version, names)
    now = live.portable().objects
    path = f"SET search_path = {quote(names.application)};"

    def script(before: statements.Objects, after: statements.Objects) -> str:
        lines = [statement.sql for statement in statements.between(before, after)]
        return render("\n".join([path, *lines]), names) + "\n" if lines else ""

    return Report(
        found.database,
        names.application,
        found.revision,
        match.blocking,
        match.harmless,
        script(now, should),
        script(should, now),
    )

"""Making a backup: the counts and hashes it is judged by come from the very snapshot that is dumped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from .. import __version__, db
from ..catalog import contents, fingerprint, portal
from ..crypto import places
from ..settings import Schemas
from . import manifest as manifests
from . import tools
from .manifest import Manifest

Tell = Callable[[str], None]


def dump(
    connection: psycopg.Connection, url: str, names: Schemas, found: portal.Portal, folder: Path, jobs: int,
    physical: bool, tell: Tell,
) -> Manifest:  # fmt: skip
    """Count, hash and dump the schemas of a portal from one snapshot; the manifest has no name yet."""
    version = connection.info.server_version
    existing = tuple(
        row[0]
        for row in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname = ANY (%s) ORDER BY 1",
            ([names.application, names.control, names.archive],),
        )
    )
    program = tools.find("pg_basebackup" if physical else "pg_dump", version)
    with _snapshot(connection, existing) as snapshot:
        tell(f"counting and hashing every table of {', '.join(existing)}")
        held = contents.read(url, existing, snapshot=snapshot, jobs=jobs)
        with db.connect(url) as other:
            prints = {s: dict(fingerprint.read(other, s).objects) for s in existing}
        keys: dict[str, list[int]] = {}
        for purpose, version in sorted(places.uses(connection, names)):
            keys.setdefault(purpose, []).append(version)
        tell(f"{program.name} into {folder}")
        if physical:
            tools.run(
                program, url, [f"--pgdata={folder / 'base'}", "--checkpoint=fast", "--wal-method=stream"]
            )
        else:
            chosen = [f"--schema={_pattern(s)}" for s in existing]
            shape = [
                "--format=directory",
                f"--jobs={jobs}",
                f"--snapshot={snapshot}",
                f"--file={folder / 'dump'}",
            ]
            tools.run(program, url, [*shape, *chosen])
    made = Manifest(
        name="",
        created_at=datetime.now(UTC),
        kind="physical" if physical else "logical",
        database=found.database,
        server=found.server,
        application=names.application,
        schemas=existing,
        revision=found.revision,
        tools={program.name: str(tools.version(program)), "kingston": __version__},
        seconds=0.0,
        contents=held,
        fingerprints=prints,
        keys=keys,
    )
    return manifests.with_files(folder, made)


@contextmanager
def _snapshot(connection: psycopg.Connection, names: tuple[str, ...]) -> Iterator[str]:
    """One snapshot for counting and dumping; tables are held against DDL, not against use."""
    every = contents.tables(connection, names)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        locked = [sql.Identifier(s, n) for s, n, kind in every if kind == "r"]
        if locked:
            connection.execute(
                sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.SQL(", ").join(locked))
            )
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield str(row[0])


def _pattern(schema: str) -> str:
    return '"' + schema.replace('"', '""') + '"'

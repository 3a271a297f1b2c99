"""Databases for the tests: one template per (server, revision, sample data or not), one clone per test."""

from __future__ import annotations

import contextlib
import io
import itertools
import time
from collections.abc import Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from kingston_schema import db, settings
from servers import StartedServer

SEED = {"clients": 13, "products": 100, "seed": 7}


def alembic_config(url: str, schema: str | None = None, allow: Sequence[str] = ()) -> Config:
    """The project's Alembic configuration for the database ``url``; ``allow`` as ``-x allow=…`` takes it.

    Without ``cmd_opts``, so that errors are raised (the command line gets a message and an exit code).
    """
    config = Config(
        str(settings.checkout() / "alembic.ini"), stdout=io.StringIO(), output_buffer=io.StringIO()
    )
    config.attributes["url"] = url
    config.attributes["schema"] = schema
    config.attributes["allow"] = list(allow)
    return config


def revisions() -> list[str]:
    """All revision ids, oldest first."""
    script = ScriptDirectory.from_config(Config(str(settings.checkout() / "alembic.ini")))
    return [revision.revision for revision in script.walk_revisions()][::-1]


class Portal:
    """A database of one test.  Rows with a single column come as the plain value."""

    def __init__(self, url: str, schema: str | None = None) -> None:
        self.url = url
        self.schema = schema
        self._open: list[psycopg.Connection] = []
        self._engine: sa.Engine | None = None

    def connect(self, user: str | None = None, **options: Any) -> psycopg.Connection:
        """A new autocommit connection with the search path set; closed when the test ends."""
        url = self.url if user is None else self.url.replace("//postgres@", f"//{user}@", 1)
        self._open.append(db.connect(url, self.schema, **options))
        return self._open[-1]

    @property
    def connection(self) -> psycopg.Connection:
        """The connection behind one(), all() and run(); a new one after the server cut the last."""
        if not self._open or self._open[0].closed:
            self._open.insert(0, db.connect(self.url, self.schema))
        return self._open[0]

    @property
    def engine(self) -> sa.Engine:
        """An SQLAlchemy engine on this database (no pool)."""
        if self._engine is None:
            self._engine = db.engine(self.url, self.schema)
        return self._engine

    def run(self, statement: Any, *params: Any) -> int:
        """Execute; returns the number of rows it touched."""
        return self.connection.execute(statement, params or None).rowcount

    def one(self, statement: Any, *params: Any) -> Any:
        """The first row, None when there is none."""
        row = self.connection.execute(statement, params or None).fetchone()
        return row[0] if row is not None and len(row) == 1 else row

    def all(self, statement: Any, *params: Any) -> list[Any]:
        """All rows."""
        rows = self.connection.execute(statement, params or None).fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]

    def alembic(self, name: str, *args: Any, allow: Sequence[str] = (), **options: Any) -> str:
        """Run an Alembic command in this process: ``portal.alembic("upgrade", "head")``.

        ``allow`` holds ``CHECK:reason`` as in ``-x allow=CHECK:reason``.  Returns what Alembic printed
        (with ``sql=True``: the script); errors are raised.
        """
        config = alembic_config(self.url, self.schema, allow)
        getattr(command, name)(config, *args, **options)
        return config.stdout.getvalue() + config.output_buffer.getvalue()

    def close(self) -> None:
        """Close what the test left open."""
        for connection in self._open:
            connection.close()
        if self._engine is not None:
            self._engine.dispose()


class Templates:
    """The template databases of one server."""

    def __init__(self, server: StartedServer, blank: str) -> None:
        self.server = server
        self.connect()
        self._made: dict[tuple[str, bool], str] = {("base", False): blank}
        self._numbers = itertools.count(1)

    def connect(self) -> None:
        """Connect to the server, also anew after it was restarted."""
        self._admin = psycopg.connect(self.server.server.dsn("postgres"), autocommit=True)

    def clone(self, revision: str, seed: bool = False) -> Portal:
        """A new database at ``revision`` (``base``: an empty one)."""
        return Portal(self.server.url(self._create(self._template(revision, seed), "portal")))

    def drop(self, portal: Portal) -> None:
        """Remove a database that clone() made."""
        portal.close()
        self._drop(sa.make_url(portal.url).database or "")

    def close(self) -> None:
        """Forget the server (its templates go with it)."""
        self._admin.close()

    def _template(self, revision: str, seed: bool) -> str:
        if revision == "head":
            revision = revisions()[-1]
        if (revision, seed) in self._made:
            return self._made[revision, seed]
        order = ["base", *revisions()]
        if revision not in order:
            raise ValueError(f"no such revision: {revision}")
        if seed and revision == "base":
            raise ValueError("an empty database cannot hold sample data")
        if seed and revision == "legacy":
            below, steps = self._template("legacy", False), []
        else:
            at = order.index(revision)
            first = order.index("legacy") if seed else 0
            if seed:
                self._template("legacy", True)
            nearest = next(i for i in range(at, first - 1, -1) if (order[i], seed) in self._made)
            below, steps = self._made[order[nearest], seed], [revision]
        name = self._create(below, f"template_{revision}{'_seeded' if seed else ''}")
        portal = Portal(self.server.url(name))
        try:
            for step in steps:
                portal.alembic("upgrade", step)
            if seed and revision == "legacy":
                from kingston_schema.operations import seed as operation

                operation.run(portal.url, schema=settings.schemas(None).application, **SEED)
        except BaseException:
            portal.close()
            self._drop(name)
            raise
        portal.close()
        self._made[revision, seed] = name
        return name

    def _create(self, template: str, prefix: str) -> str:
        name = f"{prefix}_{next(self._numbers)}"
        self._until_unused(template)
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def _drop(self, name: str) -> None:
        self._until_unused(name)
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _until_unused(self, name: str) -> None:
        """Wait a moment for closed connections to end: PostgreSQL itself only looks every 100 ms."""
        deadline = time.monotonic() + 0.2
        while time.monotonic() < deadline:
            with contextlib.closing(
                self._admin.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name])
            ) as found:
                if found.fetchone() == (0,):
                    return
            time.sleep(0.002)


class TestServer:
    """What ``server`` yields: a started server, and its databases cloned from templates (``blank``: an empty one)."""

    __test__ = False

    def __init__(self, started: StartedServer, blank: str) -> None:
        self.name = started.name
        self.major = int(started.name)
        self.started = started
        self.templates = Templates(started, blank)

    def url(self, dbname: str = "postgres", user: str = "postgres") -> str:
        """URL of a database on this server."""
        return self.started.url(dbname, user)

"""Databases of the benchmarks: portals of a size, seeded once, and copies of them."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from importlib import resources

import psycopg
from psycopg import sql

from kingston_schema.embedded import Server
from kingston_schema.operations import seed

from . import runs

SEED = 7
FILL = ("phase_3_ownership", "backfill", "fill_ownership")


def clients(products: int) -> int:
    """Client groups of a portal with so many products."""
    return max(products // 10, 1)


class Databases:
    """Made when somebody asks.  Seeded portals stay for the next run; whatever depends on revisions does not."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._admin = psycopg.connect(server.dsn("postgres"), autocommit=True)
        self._made: set[str] = set()
        self._step: runs.Step | None = None
        for name in self._names():
            if not name.startswith("seeded_"):
                self._drop(name)

    def close(self) -> None:
        """Drop everything but the seeded portals."""
        for name in self._made:
            self._drop(name)
        self._admin.close()

    @contextlib.contextmanager
    def empty(self) -> Iterator[str]:
        """An empty database; yields its URL."""
        with self._temporary("template0") as url:
            yield url

    @contextlib.contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """A copy of ``template``, gone at the end; yields its URL."""
        with self._temporary(template) as url:
            yield url

    def seeded(self, products: int) -> str:
        """A Phase 1 portal with sample data at revision legacy."""
        name = f"seeded_{products}_{_seed_version()}"
        if name not in self._names():
            for old in self._names():
                if old.startswith(f"seeded_{products}_"):
                    self._drop(old)
            self._create("seeding", "template0")
            url = self.server.url("seeding")
            runs.alembic(url, "upgrade", "legacy")
            seed.run(url, clients=clients(products), products=products, seed=SEED)
            self._run("seeding", "VACUUM ANALYZE")
            self._admin.execute(sql.SQL("ALTER DATABASE seeding RENAME TO {}").format(sql.Identifier(name)))
        return name

    def head(self, products: int) -> str:
        """The same portal at head."""
        return self.prepared(
            f"head_{products}", self.seeded(products), lambda url: runs.alembic(url, "upgrade", "head")
        )

    def keep_head(self, products: int, url: str) -> None:
        """Take the database of ``url``, which has just been upgraded, for ``head``."""
        name = f"head_{products}"
        if name not in self._made:
            self._create(name, runs.database(url))
            self._made.add(name)

    def prepared(self, name: str, template: str, prepare: Callable[[str], object]) -> str:
        """A copy of ``template`` after ``prepare(url)``, to be copied as often as anybody likes."""
        if name not in self._made:
            with self._temporary(template) as url:
                prepare(url)
                self._create(name, runs.database(url))
                self._made.add(name)
        return name

    def before_the_fill(self, products: int) -> str:
        """The same portal, interrupted in revision phase_3_ownership before the first document is made.

        Without the rows of tables that the fill does not look at: copies are faster.
        """
        fill = self._fill()

        def interrupt(url: str) -> None:
            runs.alembic(url, "upgrade", "phase_2")
            with psycopg.connect(runs.dsn(url), autocommit=True) as connection:
                connection.execute(
                    "TRUNCATE portfolio_fund_irr_values, portfolio_fund_valuations, portfolio_irr_values,"
                    " portfolio_valuations"
                )
            runs.alembic(url, "upgrade", FILL[0], stop_before=fill)

        return self.prepared(f"before_{products}", self.seeded(products), interrupt)

    def _fill(self) -> runs.Step:
        """The step that fills, as the journal of a run on an empty database counts it."""
        if self._step is None:
            with self.empty() as url:
                self._step = runs.alembic(url, "upgrade", FILL[0]).step(*FILL)
        return self._step

    @contextlib.contextmanager
    def _temporary(self, template: str) -> Iterator[str]:
        self._create("work", template)
        try:
            yield self.server.url("work")
        finally:
            self._drop("work")

    def _names(self) -> list[str]:
        found = self._admin.execute(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        )
        return [row[0] for row in found]

    def _create(self, name: str, template: str) -> None:
        self._drop(name)
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )

    def _drop(self, name: str) -> None:
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, name: str, statement: str) -> None:
        with psycopg.connect(self.server.dsn(name), autocommit=True) as connection:
            connection.execute(statement.encode())


def _seed_version() -> str:
    """Changes with the statements that make the sample data."""
    text = hashlib.sha256()
    for file in sorted(
        resources.files("kingston_schema.sql").joinpath("sample").iterdir(), key=lambda f: f.name
    ):
        text.update(file.read_bytes())
    return text.hexdigest()[:8]

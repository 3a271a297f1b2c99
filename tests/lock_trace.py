"""Which locks each operation of a revision takes on the portal's tables, read from pg_locks of a real run.

Two things end a transaction inside an operation and would take their locks out of sight: procedures that commit
per batch, whose COMMITs are taken out for the trace, and statements in autocommit, which get a transaction of
their own here.  Only CREATE and DROP INDEX CONCURRENTLY cannot run in one: their lock is the documented one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.operations import Operations

from kingston_schema.catalog.locks import STRENGTH
from portals import Portal, alembic_config, revisions

_CONCURRENTLY = re.compile(r"INDEX CONCURRENTLY (?:IF (?:NOT )?EXISTS )?\S+(?: ON (\w+))?")
_TABLES = "SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
# Writers wait for these, or readers and writers.
BLOCKING = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
Step = dict[str, Any]


def walk(portal: Portal, scans: list[str] | None = None) -> dict[str, dict[str, list[Step]]]:
    """{revision: {"up": [step], "down": [step]}} of every revision above legacy; ``portal`` is at legacy.

    Each revision goes up, down and up again, so that what comes back from the archive is traced, too; a step
    holds the strongest lock it had on each table in either.  ``scans`` takes the tables that a statement read from end to
    end while it held a lock on them for which writers wait.
    """
    found: dict[str, dict[str, list[Step]]] = {}
    below = "legacy"
    for revision in revisions()[1:]:
        first, down, again = (
            Trace(portal, scans if scans is not None else []).run(name, to)
            for name, to in (("upgrade", revision), ("downgrade", below), ("upgrade", revision))
        )
        found[revision] = {"up": [_both(a, b) for a, b in zip(first, again, strict=True)], "down": down}
        below = revision
    return found


def _both(first: Step, again: Step) -> Step:
    assert (first["operation"], first["object"]) == (again["operation"], again["object"])
    locks = dict(first["locks"])
    for table, mode in again["locks"].items():
        locks[table] = max(mode, locks.get(table, mode), key=STRENGTH.index)
    locks = dict(sorted(locks.items()))
    statements = max(first["statements"], again["statements"])
    return first | {
        "statements": statements,
        "locks": locks,
        "rewrites": sorted({*first["rewrites"], *again["rewrites"]}),
    }


class Trace:
    """One run of Alembic with a second connection that looks at the locks of the first."""

    def __init__(self, portal: Portal, scans: list[str]) -> None:
        self.portal = portal
        self.side = portal.connection
        self.steps: list[Step] = []
        self.scans = scans
        self.scanned: dict[str, int] = {}
        self.current: Step | None = None
        self.held: dict[str, str] = {}
        self.there: set[str] = set()

    def run(self, name: str, revision: str) -> list[Step]:
        """``command.<name>(revision)``; the steps it took."""
        self.there = set(self._files())
        original = Operations.invoke
        engine = self.portal.engine

        def invoke(operations: Any, operation: Any) -> Any:
            if self.current is not None:  # an operation inside an operation is the outer one's business
                return original(operations, operation)
            with self._step(operation, operations.get_context().connection):
                return original(operations, operation)

        Operations.invoke = invoke  # type: ignore[method-assign]
        config = alembic_config(self.portal.url)
        try:
            with engine.connect() as connection:
                self.listen(connection)
                config.attributes["connection"] = connection
                getattr(command, name)(config, revision)
        finally:
            Operations.invoke = original  # type: ignore[method-assign]
        return self.steps

    def listen(self, connection: sa.Connection) -> None:
        """Look at every statement of ``connection``."""
        sa.event.listen(connection, "before_cursor_execute", self._statement, retval=True)
        sa.event.listen(connection, "after_cursor_execute", self._executed)

    @contextmanager
    def _step(self, operation: Any, connection: sa.Connection) -> Iterator[None]:
        arguments = getattr(operation, "args", ())
        self.current = {
            "operation": type(operation).__name__,
            "object": str(arguments[0]) if arguments else "",
            "statements": 0,
            "locks": {},
            "rewrites": [],
        }
        files = self._files()
        self.held = self._held(connection)
        yield
        after = self._files()
        self.current["rewrites"] = sorted(
            t for t, node in files.items() if t in self.there and t in after and after[t] != node
        )
        self.current["locks"] = dict(sorted(self.current["locks"].items()))
        self.steps.append(self.current)
        self.current = None

    def _statement(
        self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        if self.current is None or statement.startswith(("SET", "RESET")):
            return statement, parameters
        if not _raw(connection).autocommit:
            self.scanned = self._scanned(connection)
            return statement, parameters
        found = _CONCURRENTLY.search(statement)
        if found:
            table = found.group(1) or self._table_of_index(statement)
            if table:
                self._note(table, "ShareUpdateExclusiveLock")
            return statement, parameters
        if statement.startswith("CALL"):
            self._without_commits()
        _raw(connection).execute("BEGIN")
        self.held = {}
        self.scanned = self._scanned(connection)
        return statement, parameters

    def _executed(
        self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        raw = _raw(connection)
        if self.current is None:
            return
        if not statement.startswith(("SET", "RESET")):
            self.current["statements"] += 1
        if raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            return
        held = self._held(connection)
        for table, mode in held.items():
            if self.held.get(table) != mode:
                self._note(table, mode)
        for table, number in self._scanned(connection).items():
            if number > self.scanned.get(table, 0) and held.get(table) in BLOCKING:
                self.scans.append(f"{table} under {held[table]}: {statement[:90]}")
        if raw.autocommit:
            raw.execute("COMMIT")
            self.held = {}

    def _note(self, table: str, mode: str) -> None:
        assert self.current is not None
        if table in self.there:
            self.current["locks"][table] = max(
                mode, self.current["locks"].get(table, mode), key=STRENGTH.index
            )

    def _held(self, connection: Any) -> dict[str, str]:
        rows = self.side.execute(
            "SELECT c.relname, l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation"
            " WHERE l.pid = %s AND l.granted AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
            " AND c.relname <> 'alembic_version'",
            [_raw(connection).info.backend_pid],
        )
        held: dict[str, str] = {}
        for table, mode in rows:
            held[table] = max(mode, held.get(table, mode), key=STRENGTH.index)
        return held

    def _scanned(self, connection: sa.Connection) -> dict[str, int]:
        """How often the session has read each table that was there from end to end, as far as it has not told the server."""
        rows = _raw(connection).execute(
            "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE schemaname = 'public' AND seq_scan > 0"
        )
        return {table: number for table, number in rows if table in self.there}

    def _files(self) -> dict[str, int]:
        return dict(self.side.execute(_TABLES.encode()).fetchall())

    def _table_of_index(self, statement: str) -> str | None:
        name = statement.split()[-1].strip(";")
        row = self.side.execute(
            "SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = to_regclass(%s)", [name]
        ).fetchone()
        return row[0] if row else None

    def _without_commits(self) -> None:
        rows = self.side.execute(
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'kingston'::regnamespace AND prokind = 'p'"
        ).fetchall()
        for (text,) in rows:
            if "COMMIT;" in text:
                self.side.execute(text.replace("COMMIT;", "NULL;").encode())


def _raw(connection: Any) -> psycopg.Connection[Any]:
    return connection.connection.dbapi_connection

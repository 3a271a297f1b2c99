"""What repairs have in common: short lock attempts, patient waits that are announced, and a record of each repair."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg

from ... import db
from ...catalog.names import quote
from ...ddl import sessions
from ...ddl.attempts import Watch
from ...ddl.events import SilentReporter
from ...ddl.runner import Register
from ...ddl.sqltext import render
from ...errors import BusyError
from ...settings import Schemas

Story = Callable[[str], None]
# Nothing waits without an end; validating a large table takes as long as it takes.
SESSION = sessions.work() | {
    "lock_timeout": "2s",
    "statement_timeout": "0",
    "client_connection_check_interval": "500ms",
}


class _Told(SilentReporter):
    def __init__(self, story: Story) -> None:
        self._story = story

    def note(self, text: str) -> None:
        self._story(text)


class Hands:
    """One run of ``kingston doctor --fix`` on the connection that holds the runner's locks."""

    def __init__(
        self, url: str, connection: psycopg.Connection[Any], names: Schemas, revision: str, story: Story
    ) -> None:
        self.url, self.connection, self.names = url, connection, names
        self.revision, self.story = revision, story
        self.run = uuid.uuid4()
        self.register = Register(connection, names, self.run, connection.info.backend_pid, "doctor --fix")
        self._step = 0

    def execute(self, statement: str, *parameters: object) -> psycopg.Cursor[Any]:
        """One statement with @schema@, @control@ and @archive@ in it."""
        return self.connection.execute(render(statement, self.names).encode(), parameters or None)

    def there(self, relation: str) -> bool:
        """Whether ``@control@.journal`` or the like exists."""
        row = self.execute("SELECT to_regclass(%s) IS NOT NULL", render(relation, self.names)).fetchone()
        return bool(row and row[0])

    def alter(self, statement: str, table: str, mode: str) -> None:
        """A statement that needs ``mode`` on ``table``, in short attempts where the portal has the function for that.

        Raises BusyError, or psycopg's LockNotAvailable, where somebody holds the table to the end.
        """
        if self.there("@control@.runner"):
            self.execute("SELECT @control@.in_attempts(ARRAY[%s], ARRAY[%s], %s)", statement, table, mode)
        else:
            self.execute(statement)

    @contextlib.contextmanager
    def patient(self, what: str) -> Iterator[None]:
        """A wait for older transactions, which blocks nobody: said while it lasts, bounded by
        ``kingston.snapshot_wait_seconds`` (600), and then BusyError naming who was in the way."""
        self.execute(
            "SELECT set_config('lock_timeout',"
            " coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false)"
        )
        with db.connect(self.url, self.names.application) as second:
            watch = Watch(
                second, quote(self.names.control), self.connection.info.backend_pid, what, _Told(self.story)
            )
            watching = watch.watching() if self.there("@control@.runner") else contextlib.nullcontext()
            try:
                with watching:
                    yield
            except psycopg.errors.LockNotAvailable as error:
                raise BusyError(
                    f"{what} waited too long for older transactions; in the way: {watch.seen or 'nobody any more'}",
                    fix="end what is in the way and run kingston doctor --fix again",
                ) from error
            finally:
                self.execute("SELECT set_config('lock_timeout', %s, false)", SESSION["lock_timeout"])

    def record(self, code: str, name: str, said: str) -> None:
        """Write the repair into the journal of steps, in the transaction that is open; nothing without a journal."""
        if not self.there("@control@.step_journal"):
            return
        self._step += 1
        self.execute(
            "INSERT INTO @control@.step_journal (run_id, revision, direction, step, operation, arguments,"
            " acknowledged_at, outcome, settled) VALUES (%s, %s, 'repair', %s, %s, ARRAY[%s], clock_timestamp(), 'applied', %s)",
            self.run,
            self.revision,
            self._step,
            f"doctor {code}",
            name,
            said,
        )

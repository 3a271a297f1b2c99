"""What a run writes down on its second connection: journal, event log, the row of the runner, results of gates."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ..settings import Schemas
from ..wording import count
from .event_log import EventLog
from .events import Told
from .journal import Journal
from .runner import Register
from .settling import Settled


@dataclass
class Current:
    """The revision that is being run; ``direction``: up or down."""

    revision: str
    direction: str
    started: float = field(default_factory=time.monotonic)
    steps: int = 0
    """Operations begun so far."""
    open_step: int | None = None
    """The number of the operation that has not returned; None between two."""

    @property
    def seconds(self) -> float:
        """Since its beginning."""
        return time.monotonic() - self.started


class Records:
    """The records of one run.  ``side``: an autocommit connection; ``backend``: the process id of the working session.

    ``command``: what the row of the runner says is being done; ``actor``: who the person says to be.
    Whatever the database has no table for yet is not written.
    """

    def __init__(
        self,
        side: psycopg.Connection[Any],
        names: Schemas,
        *,
        backend: int = 0,
        command: str = "",
        actor: str | None = None,
    ) -> None:
        self.side = side
        self.names = names
        self.backend = backend
        self.run = uuid.uuid4()
        self.journal = Journal(side, names, self.run, backend)
        self.events = EventLog(side, names, self.run, actor)
        self.register = Register(side, names, self.run, backend, command)

    def begun(self, current: Current, files: Mapping[str, str]) -> None:
        """Intent of a revision; ``files``: its texts with their hashes."""
        self.journal.started(current.revision, current.direction)
        self.events.write(
            "begun", current.direction, current.revision, revision=current.revision, files=files
        )

    def completed(self, current: Current) -> tuple[float, int]:
        """The revision has been committed; returns the seconds it took and the rows it moved."""
        seconds = current.seconds
        rows = self.journal.completed(seconds)
        self.events.write(
            "ended", current.direction, current.revision, outcome="done", seconds=seconds, rows=rows
        )
        return seconds, rows

    def failed(self, current: Current, outcome: str, seconds: float, error: str) -> None:
        """The end of a revision and of the run; ``outcome``: failed or unknown."""
        self.events.write(
            "ended", current.direction, current.revision, outcome=outcome, seconds=seconds, detail=error
        )
        self.register.end(outcome, error)

    def settled(self, found: Iterable[Settled]) -> None:
        """What became of runs that had ended without a word."""
        for item in found:
            subject = f"{item.direction} {item.revision}"
            self.events.write("noted", "settled", subject, outcome=item.status, detail=item.how)

    def quarantined(self, revision: str) -> list[Told]:
        """Rows that could not go back: they are never moved in silence (design section 7)."""
        if not self.journal.there:
            return []
        found = self.journal.execute(
            "SELECT table_name, sum(rows_moved) FROM @control@.archive_entry"
            " WHERE run_id = %s AND revision = %s AND movement = 'quarantined' GROUP BY table_name ORDER BY 1",
            (str(self.run), revision),
        )
        command = f"kingston archive list --quarantine{self.names.option}"
        return [
            Told("quarantine", table, f"{count(rows, 'row')} could not go back; {command}", command)
            for table, rows in found
        ]

    def check(self, phase: str, check: Any, outcome: str, found: str, reason: str | None) -> None:
        """The result of one gate check, where the rollback of the revision cannot reach it."""
        self.journal.execute(
            "INSERT INTO @control@.gate_result (run_id, phase, check_name, severity, outcome, found, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (self.run, phase, check.name, check.severity, outcome, found, reason),
        )

    def gate(self, phase: str, outcome: str, counts: str) -> None:
        """What a gate as a whole came to, for the event log; each check stands in gate_result."""
        self.events.write("noted", "gate", phase, outcome=outcome, detail=counts)

"""What a run tells whoever watches it, and the plain watcher that plain ``alembic`` uses."""

from __future__ import annotations

import sys
from typing import NamedTuple, Protocol

from ..wording import count


class Told(NamedTuple):
    """Something that somebody should look at, though the run goes on: ``fix`` is a query or a command."""

    code: str
    object: str
    message: str
    fix: str

    @property
    def line(self) -> str:
        """In the story of a run: ``warning: phase_1 half_links: 3 links have no product or no owner``."""
        return f"{self.code.rpartition('_')[2]}: {self.object}: {self.message}"


class Reporter(Protocol):
    """Receives the story of a run; the command line draws progress bars from it."""

    def revision_started(self, revision: str, title: str, direction: str) -> None: ...

    def revision_finished(self, revision: str, seconds: float, rows: int) -> None: ...

    def revision_failed(self, revision: str, seconds: float, error: str) -> None: ...

    def progress(self, what: str, done: int, total: int | None) -> None: ...

    def note(self, text: str) -> None: ...

    def finding(self, found: Told) -> None: ...


class PlainReporter:
    """One line per event on standard error; nothing that needs a terminal.  Keeps the ``findings``."""

    def __init__(self) -> None:
        self.findings: list[Told] = []

    def revision_started(self, revision: str, title: str, direction: str) -> None:
        arrow = "up  " if direction == "up" else "down"
        print(f"{arrow} {revision}: {title}", file=sys.stderr, flush=True)

    def revision_finished(self, revision: str, seconds: float, rows: int) -> None:
        moved = f", {count(rows, 'row')}" if rows else ""
        print(f"     {revision} done in {seconds:.2f} s{moved}", file=sys.stderr, flush=True)

    def revision_failed(self, revision: str, seconds: float, error: str) -> None:
        print(f"     {revision} FAILED after {seconds:.2f} s", file=sys.stderr, flush=True)

    def progress(self, what: str, done: int, total: int | None) -> None:
        of = f" of {total:,}" if total else ""
        print(f"     {what}: {done:,}{of}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        print(f"     {text}", file=sys.stderr, flush=True)

    def finding(self, found: Told) -> None:
        self.findings.append(found)
        self.note(found.line)


class SilentReporter:
    """Hears everything, says nothing."""

    def revision_started(self, revision: str, title: str, direction: str) -> None: ...

    def revision_finished(self, revision: str, seconds: float, rows: int) -> None: ...

    def revision_failed(self, revision: str, seconds: float, error: str) -> None: ...

    def progress(self, what: str, done: int, total: int | None) -> None: ...

    def note(self, text: str) -> None: ...

    def finding(self, found: Told) -> None: ...

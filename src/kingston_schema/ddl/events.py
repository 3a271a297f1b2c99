"""What a run tells whoever watches it, and the plain watcher that plain ``alembic`` uses."""

from __future__ import annotations

import sys
from typing import Protocol


class Reporter(Protocol):
    """Receives the story of a run; the command line draws progress bars from it."""

    def revision_started(self, revision: str, title: str, direction: str) -> None: ...

    def revision_finished(self, revision: str, seconds: float, rows: int) -> None: ...

    def revision_failed(self, revision: str, seconds: float, error: str) -> None: ...

    def progress(self, what: str, done: int, total: int | None) -> None: ...

    def note(self, text: str) -> None: ...


class PlainReporter:
    """One line per event on standard error; nothing that needs a terminal."""

    def revision_started(self, revision: str, title: str, direction: str) -> None:
        arrow = "up  " if direction == "up" else "down"
        print(f"{arrow} {revision}: {title}", file=sys.stderr, flush=True)

    def revision_finished(self, revision: str, seconds: float, rows: int) -> None:
        moved = f", {rows:,} rows" if rows else ""
        print(f"     {revision} done in {seconds:.2f} s{moved}", file=sys.stderr, flush=True)

    def revision_failed(self, revision: str, seconds: float, error: str) -> None:
        print(f"     {revision} FAILED after {seconds:.2f} s", file=sys.stderr, flush=True)

    def progress(self, what: str, done: int, total: int | None) -> None:
        of = f" of {total:,}" if total else ""
        print(f"     {what}: {done:,}{of}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        print(f"     {text}", file=sys.stderr, flush=True)


class SilentReporter:
    """Hears everything, says nothing."""

    def revision_started(self, revision: str, title: str, direction: str) -> None: ...

    def revision_finished(self, revision: str, seconds: float, rows: int) -> None: ...

    def revision_failed(self, revision: str, seconds: float, error: str) -> None: ...

    def progress(self, what: str, done: int, total: int | None) -> None: ...

    def note(self, text: str) -> None: ...

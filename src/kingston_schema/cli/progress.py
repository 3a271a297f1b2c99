"""The story of a run on stderr: bars on a terminal, one plain line per event elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ..ddl.events import PlainReporter, Reporter, Told
from ..wording import count
from .render import console, seconds


@contextmanager
def reporter(revisions: int, color: bool = True) -> Iterator[PlainReporter | BarReporter]:
    """A reporter for a run of so many revisions."""
    story = console(sys.stderr, color)
    if not story.is_terminal:
        yield PlainReporter()
        return
    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=story,
        transient=True,
    )
    with bars:
        yield BarReporter(story, bars, revisions)


@contextmanager
def single(color: bool = True) -> Iterator[Reporter]:
    """A reporter for one long movement whose rows are counted over all tables."""
    story = console(sys.stderr, color)
    if not story.is_terminal:
        yield PlainReporter()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=story, transient=True) as bars:
        yield SingleBar(story, bars)


class BarReporter:
    """One bar for the whole run, one for the data movement at hand, one finished line per revision."""

    def __init__(self, story: Console, bars: Progress, revisions: int) -> None:
        self._story = story
        self._bars = bars
        self._whole = bars.add_task("revisions", total=revisions)
        self._moving: dict[str, TaskID] = {}
        self.findings: list[Told] = []
        self._lock = threading.Lock()  # progress() comes from the thread that watches a data movement

    def revision_started(self, revision: str, title: str, direction: str) -> None:
        """A revision begins."""
        self._bars.update(self._whole, description=f"{direction} {revision}")

    def revision_finished(self, revision: str, seconds_taken: float, rows: int) -> None:
        """A revision is done."""
        self._clear()
        moved = count(rows, "row") if rows else ""
        self._story.print(f"  done    {revision:<28} {seconds(seconds_taken):>10}  {moved}")
        self._bars.advance(self._whole)

    def revision_failed(self, revision: str, seconds_taken: float, error: str) -> None:
        """A revision failed; the error itself is reported by who called."""
        self._clear()
        self._story.print(f"  FAILED  {revision:<28} {seconds(seconds_taken):>10}", style="red")

    def progress(self, what: str, done: int, total: int | None) -> None:
        """A data movement got so far."""
        with self._lock:
            if what not in self._moving:
                self._moving[what] = self._bars.add_task(what, total=total)
            self._bars.update(self._moving[what], completed=done, total=total)

    def note(self, text: str) -> None:
        """Something worth saying."""
        self._story.print(f"          {text}")

    def finding(self, found: Told) -> None:
        """Something to look at; the JSON document lists it too."""
        self.findings.append(found)
        self.note(found.line)

    def _clear(self) -> None:
        with self._lock:
            for task in self._moving.values():
                self._bars.remove_task(task)
            self._moving.clear()


class SingleBar(BarReporter):
    """One bar; what moves is its label."""

    def __init__(self, story: Console, bars: Progress) -> None:
        super().__init__(story, bars, 0)
        bars.remove_task(self._whole)
        self._bar = bars.add_task("", total=None)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """Rows so far, over everything."""
        self._bars.update(self._bar, description=what, completed=done, total=total)

"""Counting the steps of a rehearsal for whoever watches it."""

from __future__ import annotations

from typing import Protocol

from . import pair


class Progress(Protocol):
    """Hears which step is at work, how many are done, and how many there are."""

    def progress(self, what: str, done: int, total: int | None) -> None: ...


class Steps:
    """Counts the steps of all pairs and passes them on."""

    def __init__(self, report: Progress | None, pairs: int) -> None:
        self._report = report
        self._all = pairs
        self._head = ""
        self._done = 0
        self.pairs = 0

    def pair(self, upper: str, lower: str) -> None:
        """Another pair begins."""
        self.pairs += 1
        self._head = f"{upper} down to {lower}, "
        self._done = (self.pairs - 1) * pair.STEPS

    def tell(self, text: str) -> None:
        """Another step begins."""
        if self._report is not None:
            self._report.progress(self._head + text, self._done, self._all * pair.STEPS)
        self._done += bool(self._head)

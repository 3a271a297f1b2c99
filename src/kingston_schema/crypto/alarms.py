"""Alarms while the application runs: many values for one actor, a value that does not decrypt, a decoy."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import psycopg

from . import ledger

VOLUME = 100
WINDOW_SECONDS = 600.0

Sound = Callable[[str, str], None]
_log = logging.getLogger("kingston_schema.crypto")


def log(code: str, message: str) -> None:
    """Where alarms go unless the application says otherwise: the log, at level critical."""
    _log.critical("%s: %s", code, message)


class VolumeAlarm:
    """Counts the values of an actor over a sliding window, in the ledger: whatever process, machine or purpose read them.

    Each process sounds once when the limit is passed, and again after it was not.  Where the role may write the
    ledger and not read it, what this process read counts, and ``kingston audit decrypts`` counts over all of them.
    """

    def __init__(self, sound: Sound, limit: int = VOLUME, seconds: float = WINDOW_SECONDS) -> None:
        self.sound = sound
        self.limit = limit
        self.seconds = seconds
        self._read: dict[str, deque[tuple[float, int]]] = defaultdict(deque)
        self._loud: set[str] = set()
        self._lock = threading.Lock()

    def count(self, connection: psycopg.Connection[Any], actor: str, values: int) -> None:
        """``actor`` read so many values now; their lines are in the ledger already."""
        try:
            over = ledger.more_than(connection, actor, self.limit, self.seconds)
        except psycopg.errors.InsufficientPrivilege:
            over = self._here(actor, values) > self.limit
        with self._lock:
            first = over and actor not in self._loud
            (self._loud.add if over else self._loud.discard)(actor)
        if first:
            self.sound(
                "volume", f"{actor} read more than {self.limit:,} secrets within {self.seconds / 60:g} minutes"
            )

    def _here(self, actor: str, values: int) -> int:
        now = time.monotonic()
        with self._lock:
            read = self._read[actor]
            read.append((now, values))
            while read[0][0] < now - self.seconds:
                read.popleft()
            return sum(number for _, number in read)

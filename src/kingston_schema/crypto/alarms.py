"""Alarms while the application runs: many values for one actor, a value that does not decrypt, a decoy."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

VOLUME = 100
WINDOW_SECONDS = 600.0

Sound = Callable[[str, str], None]
_log = logging.getLogger("kingston_schema.crypto")


def log(code: str, message: str) -> None:
    """Where alarms go unless the application says otherwise: the log, at level critical."""
    _log.critical("%s: %s", code, message)


class VolumeAlarm:
    """Counts values per actor over a sliding window, in this process; sounds once when the limit is passed.

    ``kingston audit decrypts`` counts over all processes, from the ledger.
    """

    def __init__(self, sound: Sound, limit: int = VOLUME, seconds: float = WINDOW_SECONDS) -> None:
        self.sound = sound
        self.limit = limit
        self.seconds = seconds
        self._read: dict[str, deque[tuple[float, int]]] = defaultdict(deque)
        self._loud: set[str] = set()
        self._lock = threading.Lock()

    def count(self, actor: str, values: int) -> None:
        """``actor`` read so many values now."""
        now = time.monotonic()
        with self._lock:
            read = self._read[actor]
            read.append((now, values))
            while read[0][0] < now - self.seconds:
                read.popleft()
            total = sum(number for _, number in read)
            over = total > self.limit
            first = over and actor not in self._loud
            (self._loud.add if over else self._loud.discard)(actor)
        if first:
            self.sound("volume", f"{actor} read {total:,} secrets within {self.seconds / 60:g} minutes")

"""What else the machine is doing, for the report: figures of a busy machine are no figures of the software."""

from __future__ import annotations

import time
from pathlib import Path

WATCHED = 1.0  # seconds


def others() -> float | None:
    """Share (0 to 1) of all processors' time that is in use while we do nothing; None where Linux does not say."""
    first = _times()
    if first is None:
        return None
    time.sleep(WATCHED)
    second = _times()
    assert second is not None
    total = sum(second) - sum(first)
    idle = sum(second[3:5]) - sum(first[3:5])  # idle, waiting for a disk
    return round(1 - idle / total, 2) if total > 0 else None


def _times() -> list[int] | None:
    """Hundredths of a second since the start: user, nice, system, idle, waiting, interrupts, taken by the host."""
    try:
        line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return None
    return [int(field) for field in line.split()[1:9]]

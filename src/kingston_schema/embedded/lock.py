"""A file lock: two processes never start or stop the same server at once."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BusyError

LONGEST_WAIT = 120.0


@contextmanager
def file_lock(folder: Path, longest_wait: float = LONGEST_WAIT) -> Iterator[None]:
    """Hold the lock of ``folder`` (file ``lock`` in it); the kernel releases it if we die.

    Raises BusyError after ``longest_wait`` seconds.
    """
    path = folder / "lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        owner = folder.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(handle, owner.st_uid, owner.st_gid)  # or the folder's owner could not take it later
        deadline = time.monotonic() + longest_wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BusyError(
                        f"another process is starting or stopping the server under {folder} (lock {path})",
                        fix="wait for it, then run the same command again",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)

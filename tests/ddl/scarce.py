"""A disk that runs full: a tablespace on a file system of a few hundred kilobytes, where one can be mounted.

Where that is not allowed (a container without the right), the server's processes may not write beyond a certain
place of any file, which stops them in the same statement.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Beyond the 16 MB of a WAL segment, so that only a table can meet it.
LIMIT = 17 * 2**20


class Disk:
    """``fits``: bytes that a copy may have; ``make_room()`` ends the shortage."""

    fits: int
    visible: bool

    def make_room(self) -> None:
        raise NotImplementedError


class Mounted(Disk):
    """A tmpfs with a filler in it."""

    fits, visible = 256 * 1024, True

    def __init__(self, place: Path) -> None:
        self.place = place
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0755", "kingston-test", str(place)],
            check=True,
            capture_output=True,
        )
        (place / "data").mkdir()

    def fill(self) -> None:
        """Leave room for ``fits`` bytes."""
        with open(self.place / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 4096)
        with open(self.place / "filler", "r+b") as filler:
            filler.truncate((self.place / "filler").stat().st_size - self.fits)

    def make_room(self) -> None:
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.place)], check=True)

    def end(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.place)], check=True)  # the server closes its files later


class Limited(Disk):
    """No file of the server may grow beyond LIMIT."""

    fits, visible = LIMIT, False

    def __init__(self, server: Any) -> None:
        self.server = server

    def fill(self) -> None:
        self._limit(str(LIMIT))

    def make_room(self) -> None:
        self._limit("unlimited")

    def _limit(self, size: str) -> None:
        """For the postmaster, whose children inherit it; asked for by its own account, which needs no right."""
        file = self.server.data / "postmaster.pid"
        account = (
            {"user": file.stat().st_uid, "group": file.stat().st_gid, "extra_groups": []}
            if os.geteuid() == 0
            else {}
        )
        pid = file.read_text().splitlines()[0]
        subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={size}:unlimited"], check=True, **account)


@contextlib.contextmanager
def scarce(portal: Any, server: Any) -> Iterator[Disk]:
    """New tables of ``portal`` go to a disk that can be filled; ``server`` is its embedded Server."""
    place = Path(tempfile.mkdtemp(prefix="kingston-scarce-"))
    place.chmod(0o755)
    try:
        disk = Mounted(place)
    except (subprocess.CalledProcessError, FileNotFoundError):
        limited = Limited(server)
        yield limited
        limited.make_room()
        place.rmdir()
        return
    database = portal.one("SELECT current_database()")
    name, owner = f"scarce_{database}", server.data.stat()
    os.chown(place / "data", owner.st_uid, owner.st_gid)
    portal.run(f"CREATE TABLESPACE {name} LOCATION '{place / 'data'}'")
    portal.run(f'ALTER DATABASE "{database}" SET default_tablespace = {name}')
    try:
        yield disk
    finally:
        disk.make_room()
        portal.run(f'ALTER DATABASE "{database}" RESET default_tablespace')
        for kind in ("TABLE", "INDEX"):
            portal.run(f"ALTER {kind} ALL IN TABLESPACE {name} SET TABLESPACE pg_default")
        portal.run("CHECKPOINT")  # files of dropped tables go with it
        portal.run(f"DROP TABLESPACE {name}")
        disk.end()
        place.rmdir()

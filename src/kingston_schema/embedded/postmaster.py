"""What ``postmaster.pid`` says, and whether it is true."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Postmaster:
    """The server process that a data folder's ``postmaster.pid`` names."""

    data: Path
    pid: int
    socket_folder: Path
    ready: bool

    @classmethod
    def read(cls, data: Path) -> Postmaster | None:
        """The process named in the file; None when there is no (complete) file.

        Raises PermissionError when the folder belongs to somebody else.
        """
        try:
            lines = (data / "postmaster.pid").read_text("utf-8", "surrogateescape").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not lines or not lines[0].strip().isdigit():
            return None
        folder = Path(lines[4]) if len(lines) > 4 and lines[4] else data
        return cls(data, int(lines[0]), folder, len(lines) > 7 and lines[7].strip() == "ready")

    def alive(self) -> bool:
        """Whether that process runs and really is the server of this folder.

        After a crash or in a restarted container the number often belongs to some other process; a
        postmaster's working directory is its data folder.
        """
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            # Another account's process; a server whose file we can read would be our own (or we are root).
            return False
        try:
            return Path(os.readlink(f"/proc/{self.pid}/cwd")).resolve() == self.data.resolve()
        except FileNotFoundError:
            return not Path("/proc/self").exists()  # no /proc on this system: believe the file
        except PermissionError:
            return True

    @classmethod
    def clear_stale(cls, data: Path) -> None:
        """Remove a ``postmaster.pid`` whose process is gone or is something else."""
        path = data / "postmaster.pid"
        found = cls.read(data)
        if path.exists() and (found is None or not found.alive()):
            path.unlink()

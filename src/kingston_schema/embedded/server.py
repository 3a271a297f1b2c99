"""One PostgreSQL server: make its data folder, start it, stop it, say where it is.

Every step is safe to repeat and to interrupt: the data folder is filled under another name and renamed,
a file lock keeps two starters apart, and what a crash left behind is recognised and cleared.
"""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from ..errors import UnreachableError
from . import account as accounts
from .binaries import major_version, reachable
from .cluster import SUPERUSER, log_tail, make_cluster
from .lock import file_lock
from .place import choose_data, existing_data, make_home, socket_folder
from .postmaster import Postmaster

DEFAULT_DATABASE = "portal"
PORT = 5432
START_SECONDS = 60


class Server:
    """A server with binaries ``bindir`` and everything else under ``home``.

    ``options`` are server settings; without any, PostgreSQL's own (safe) defaults hold.
    """

    def __init__(self, bindir: Path, home: Path, options: Mapping[str, str] | None = None) -> None:
        self.bindir = Path(bindir)
        self.home = Path(os.path.abspath(home))
        self.options = dict(options or {})

    # --- what is -----------------------------------------------------------------------------------

    @property
    def data(self) -> Path:
        """The data folder (resolved; it may not exist yet)."""
        return (existing_data(self.home) or self.home / "data").resolve()

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.data / "server.log"

    @property
    def major(self) -> int:
        """Major version of the binaries."""
        return major_version(self.bindir)

    def running(self) -> bool:
        """Whether the server of this data folder accepts connections."""
        with self._readable():
            found = Postmaster.read(self.data)
            return found is not None and found.alive() and found.ready

    def url(self, dbname: str = DEFAULT_DATABASE, user: str = SUPERUSER) -> str:
        """``postgresql+psycopg://`` URL of a database on the running server; no password exists.

        Raises UnreachableError when the server is not running.
        """
        with self._readable():
            found = Postmaster.read(self.data)
        if found is None or not found.alive():
            raise UnreachableError("the embedded PostgreSQL is not running", fix="kingston up")
        folder = quote(str(found.socket_folder), safe="/")
        return f"postgresql+psycopg://{quote(user, '')}@/{quote(dbname, '')}?host={folder}&port={PORT}"

    # --- what to do --------------------------------------------------------------------------------

    def start(self) -> bool:
        """Make the data folder if there is none and start the server; False when it ran already."""
        make_home(self.home)
        with self._readable(), file_lock(self.home):
            if self._serves():
                return False
            account = self._account()
            bindir = reachable(self.bindir, account)
            data = choose_data(self.home, account).resolve()
            make_cluster(bindir, data, account, sync=self.options.get("fsync") != "off")
            self._launch(bindir, data, account)
            return True

    def stop(self, mode: str = "fast") -> bool:
        """Stop the server (``mode``: smart, fast, immediate); False when it was not running."""
        if not self.home.is_dir():
            return False
        with self._readable(), file_lock(self.home):
            found = Postmaster.read(self.data)
            if found is None or not found.alive():
                return False
            account = self._account()
            bindir = reachable(self.bindir, account)
            code, said = accounts.run(
                account, [bindir / "pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", "-t", "60"]
            )
            # The postmaster may have ended on its own between our look and pg_ctl's.
            if code != 0 and found.alive():
                raise UnreachableError(f"the PostgreSQL in {self.data} does not stop: {said}")
            return True

    def create_database(self, name: str = DEFAULT_DATABASE) -> bool:
        """Create database ``name`` unless it is there; True when it was created."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return False  # the second error: two processes created it at once
        return True

    def dsn(self, dbname: str = DEFAULT_DATABASE, user: str = SUPERUSER) -> str:
        """The same as ``url`` in the form psycopg and libpq take."""
        return self.url(dbname, user).replace("postgresql+psycopg://", "postgresql://", 1)

    def destroy(self) -> None:
        """Stop the server and remove its data, socket folder and home.  For servers of tests only."""
        found = Postmaster.read(self.data)
        self.stop("immediate")
        data = self.data
        if found is not None and found.socket_folder != data:
            shutil.rmtree(found.socket_folder, ignore_errors=True)
        if data.exists():
            shutil.rmtree(data)
        shutil.rmtree(self.home, ignore_errors=True)

    # --- how ---------------------------------------------------------------------------------------

    def _account(self) -> accounts.Account:
        return accounts.choose(self.data, self.home)

    def _launch(self, bindir: Path, data: Path, account: accounts.Account) -> None:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": _listed(socket_folder(data, account)),
            "unix_socket_permissions": "0700",
            **self.options,
        }
        given = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        command: list[str | Path] = [bindir / "pg_ctl", "start", "-D", data, "-l", data / "server.log", "-w"]
        command += ["-t", str(START_SECONDS), "-o", given]
        deadline = time.monotonic() + START_SECONDS
        while True:
            Postmaster.clear_stale(data)
            code, said = accounts.run(account, command, timeout=START_SECONDS + 10)
            if code == 0:
                return
            log = log_tail(data / "server.log")
            # Children of a killed postmaster end on their own within moments; until then it cannot start.
            leftover = "pre-existing shared memory block" in log or "lock file" in log
            if not leftover or time.monotonic() > deadline:
                raise UnreachableError(
                    f"PostgreSQL did not start in {data}; its log ends with:\n{log or said}"
                )
            time.sleep(0.2)

    def _serves(self) -> bool:
        """Whether a server runs here and answers; waits for one that starts, stops or was just killed."""
        deadline = time.monotonic() + START_SECONDS
        while (found := Postmaster.read(self.data)) is not None and found.alive():
            if found.ready:
                try:
                    psycopg.connect(self.dsn("postgres"), connect_timeout=START_SECONDS).close()
                    return True
                except psycopg.OperationalError:
                    pass  # starting, stopping or gone by now: the next look tells
            if time.monotonic() > deadline:
                raise UnreachableError(
                    f"PostgreSQL does not answer in {self.data}; its log ends with:\n{log_tail(self.log)}",
                    fix="run the same command again",
                )
            time.sleep(0.05)
        return False

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise UnreachableError(
                f"the embedded PostgreSQL under {self.home} is another account's ({error.filename})",
                fix="run the command as that account or root, or set KINGSTON_HOME to a folder of your own",
            ) from error


def _listed(folder: Path) -> str:
    """One element of unix_socket_directories, quoted: the setting is a comma-separated list."""
    return '"' + str(folder).replace('"', '""') + '"'

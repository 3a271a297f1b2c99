"""What can go wrong around a run (promise P5): each ends in bounded time, says the truth, and the same command completes it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kingston_schema import settings
from kingston_schema.ddl import backfill, connecting, helping, sessions
from kingston_schema.embedded import Server
from kingston_schema.embedded import account as accounts
from portals import Portal, TestServer
from proxy import Proxy
from servers import OPTIONS, StartedServer, discover, start

DONE, REFUSED, RETRY, PARTIAL, UNKNOWN = 0, 3, 4, 5, 6


@pytest.fixture(scope="module")
def own_server() -> Iterator[TestServer]:
    """A server that may be stopped and copied."""
    name, bindir = next(iter(discover().items()))
    made = TestServer(start(name, bindir), "template0")
    yield made
    made.templates.close()
    made.started.stop()


@pytest.fixture
def own_portal(own_server) -> Iterator[Portal]:
    """A portal at pre_migration_control on that server."""
    portal = own_server.templates.clone("pre_migration_control")
    yield portal
    own_server.templates.drop(portal)


def last(portal: Portal) -> tuple[str, str]:
    """Status of the newest entry of the journal, and how it was settled."""
    return portal.one("SELECT status, coalesce(settled, '') FROM kingston.journal ORDER BY id DESC LIMIT 1")


def version(portal: Portal) -> str:
    return portal.one("SELECT version_num FROM alembic_version")


def test_a_lock_held_beyond_the_cap(newest_portal_at, crasher):
    portal = newest_portal_at("phase_3_ownership")
    portal.run(
        f"ALTER DATABASE \"{portal.one('SELECT current_database()')}\" SET kingston.lock_cap_seconds = '0.3'"
    )
    holder = portal.connect()
    holder.execute("BEGIN")
    holder.execute("LOCK TABLE client_products IN ACCESS SHARE MODE")
    ended = crasher.run(portal.url, "downgrade", "phase_2")
    assert ended.code == PARTIAL, "the reports were gone already"
    assert f"in the way: pid {holder.info.backend_pid}" in ended.said
    assert last(portal)[0] == "failed"
    assert portal.all(
        "SELECT operation, outcome FROM kingston.step_journal WHERE revision = 'phase_3_ownership' AND direction = 'down'"
    )[-1] == ("lock_tables", "failed")
    assert version(portal) == "phase_3_ownership"
    holder.execute("COMMIT")
    assert crasher.run(portal.url, "downgrade", "phase_2").code == DONE
    assert version(portal) == "phase_2"


@pytest.mark.parametrize(
    ("mode", "status", "how"),
    [
        ("answer lost", "completed", "the version table holds pre_migration: it was committed"),
        ("request lost", "failed", "the version table holds pre_migration_roles: it was not committed"),
    ],
)
def test_the_connection_is_lost_at_commit(newest_portal_at, crasher, mode, status, how):
    portal = newest_portal_at("pre_migration_roles")
    with Proxy(portal.url, mode) as proxy:
        ended = crasher.run(proxy.url, "upgrade", "pre_migration")
    assert ended.code == UNKNOWN, ended.said
    assert "was lost" in ended.said
    assert last(portal)[0] == "started", "nobody could write anything down"
    again = crasher.run(portal.url, "upgrade", "pre_migration")
    assert again.code == DONE, again.said
    assert f"pre_migration up had ended without a word: {how}" in again.said
    assert ("already at pre_migration, nothing to do" in again.said) is (status == "completed")
    assert (
        portal.all("SELECT status FROM kingston.journal WHERE revision = 'pre_migration'") == ["completed"]
        if status == "completed"
        else ["failed", "completed"]
    )
    assert (
        portal.one(
            "SELECT settled FROM kingston.journal WHERE revision = 'pre_migration' ORDER BY id LIMIT 1"
        )
        == how
    )
    assert version(portal) == "pre_migration"


@pytest.mark.parametrize(("mode", "status"), [("answer lost", "completed"), ("request lost", "failed")])
def test_only_the_working_connection_is_lost_and_the_other_finds_out(newest_portal_at, crasher, mode, status):
    portal = newest_portal_at("pre_migration_control")
    with Proxy(portal.url, mode, everything=False) as proxy:
        ended = crasher.run(proxy.url, "upgrade", "pre_migration")
        assert ended.code == PARTIAL, ended.said
        assert f"it was {'' if status == 'completed' else 'not '}committed" in ended.said
        assert last(portal)[0] == status
    assert crasher.run(portal.url, "upgrade", "pre_migration").code == DONE
    assert version(portal) == "pre_migration"


def test_a_half_open_connection_ends_in_bounded_time(newest_portal_at, crasher):
    """Nothing is forwarded any more and nothing is closed: TCP notices nothing, the heartbeat does."""
    portal = newest_portal_at("pre_migration_control")
    with Proxy(portal.url, "silence") as proxy:
        ended = crasher.run(proxy.url, "upgrade", "pre_migration", server_silence="1")
        assert ended.code == UNKNOWN, ended.said
        assert "the server has not answered for 1 s" in ended.said
        # The server still believes in its client: the next run does not begin beside that session.
        waiting = crasher.run(portal.url, "upgrade", "pre_migration", runner_wait="0.3")
        assert waiting.code in (DONE, RETRY), waiting.said
    assert crasher.run(portal.url, "upgrade", "pre_migration").code == DONE
    assert version(portal) == "pre_migration"


def frozen(server: Server) -> list[int]:
    """The processes of a server, its postmaster first."""
    postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
    children = [
        int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _parent(stat) == postmaster
    ]
    return [postmaster, *children]


def _parent(stat: Path) -> int | None:
    with contextlib.suppress(OSError):
        return int(stat.read_text().rpartition(")")[2].split()[1])
    return None


@pytest.fixture
def pause(tmp_path) -> Path:
    """The file of a pause."""
    return tmp_path / "paused"


def reached(file: Path) -> None:
    """Wait until a run pauses."""
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("patience", [30, 1])
def test_a_paused_server(own_server, own_portal, crasher, pause, patience):
    """Waited for, as long as it comes back in time."""
    run = crasher.start(
        own_portal.url, "upgrade", "pre_migration",
        fail_at="pre_migration:up:2:before:pause", fail_file=str(pause), server_silence=str(patience),
    )  # fmt: skip
    reached(pause)
    processes = frozen(own_server.started.server)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        pause.unlink()
        if patience == 1:
            ended = crasher.wait(run)
            assert ended.code == UNKNOWN
            assert "the server has not answered for 1 s" in ended.said
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    if patience > 1:
        assert crasher.wait(run).code == DONE
    assert crasher.run(own_portal.url, "upgrade", "pre_migration").code == DONE
    assert version(own_portal) == "pre_migration"
    assert last(own_portal)[0] == "completed"


def test_limits_of_role_and_database_do_not_end_a_migration(newest_portal_at, crasher):
    portal = newest_portal_at("phase_1")
    name = portal.one("SELECT current_database()")
    portal.run(
        "CREATE FUNCTION slowly() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.2); END'"
    )
    portal.run(
        "CREATE EVENT TRIGGER slowly ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION slowly()"
    )
    for setting in (
        "statement_timeout",
        "idle_session_timeout",
        "transaction_timeout",
        "idle_in_transaction_session_timeout",
    ):
        if portal.one("SELECT count(*) FROM pg_settings WHERE name = %s", setting):
            portal.run(f"ALTER DATABASE \"{name}\" SET {setting} = '1s'")
    with pytest.raises(Exception, match="timeout"):
        portal.connect().execute("COMMENT ON TABLE profiles IS 'slow'")
    ended = crasher.run(portal.url, "upgrade", "phase_2_product_owners")
    assert ended.code == DONE, ended.said


@contextlib.contextmanager
def small_disk(server: TestServer, megabytes: int) -> Iterator[Path | None]:
    """A tablespace ``small`` on a file system of its own; None where nobody may mount one."""
    folder = Path(tempfile.mkdtemp(prefix="kingston-disk-"))
    mounted = os.geteuid() == 0 and shutil.which("mount") is not None and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=False, capture_output=True
    ).returncode == 0  # fmt: skip
    admin = Portal(server.url("postgres"))
    try:
        if mounted:
            folder.chmod(0o755)
            (folder / "data").mkdir()
            accounts.give(folder / "data", accounts.choose(server.started.server.data))
            admin.run(f"CREATE TABLESPACE small LOCATION '{folder / 'data'}'")
        yield folder if mounted else None
    finally:
        if mounted:
            admin.run("DROP TABLESPACE IF EXISTS small")
            subprocess.run(["umount", str(folder)], check=True)
        admin.close()
        folder.rmdir()


def test_a_full_disk(own_server, crasher, record_property):
    """A tablespace on a small file system that something else fills up; else, no room for temporary files."""
    portal = own_server.templates.clone("legacy", seed=True)
    name = portal.one("SELECT current_database()")
    with small_disk(own_server, 48) as disk:
        record_property("disk", "tablespace" if disk else "temp_file_limit")
        portal.close()
        portal._open.clear()
        admin = own_server.templates._admin
        filler = disk / "filler" if disk else None
        if filler:
            admin.execute(f'ALTER DATABASE "{name}" SET TABLESPACE small')
            free = os.statvfs(filler.parent)
            filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 1_000_000))
        else:
            portal.run("INSERT INTO product_owner_products (product_owner_id, product_id)"
                       " SELECT l.product_owner_id, l.product_id FROM product_owner_products AS l, generate_series(1, 500)")  # fmt: skip
            portal.close()
            portal._open.clear()
            admin.execute(f"ALTER DATABASE \"{name}\" SET temp_file_limit = '0'")
            admin.execute(f"ALTER DATABASE \"{name}\" SET maintenance_work_mem = '1MB'")
        try:
            ended = crasher.run(portal.url, "upgrade", "head")
            assert ended.code == PARTIAL, ended.said
            assert ("No space left on device" if disk else "temp_file_limit") in ended.said
        finally:
            if filler:
                filler.unlink()
        assert last(portal)[0] == "failed"
        admin.execute(f'ALTER DATABASE "{name}" RESET ALL')
        again = crasher.run(portal.url, "upgrade", "head")
        assert again.code == DONE, again.said
        assert portal.all("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == []
        own_server.templates.drop(portal)


def test_a_standby_is_refused_and_migrates_once_it_is_promoted(own_server, own_portal, crasher):
    primary = own_server.started.server
    home = Path(tempfile.mkdtemp(prefix="kingston-standby-", dir=primary.home.parent))
    home.chmod(0o755)
    account = accounts.choose(primary.data)
    (home / "data").mkdir(mode=0o700)
    accounts.give(home / "data", account)
    code, said = accounts.run(
        account, [primary.bindir / "pg_basebackup", "-R", "-c", "fast", "-D", home / "data", "-d", primary.dsn("postgres")]
    )  # fmt: skip
    assert code == 0, said
    for socket_file in (home / "data").glob(
        ".s.PGSQL.*"
    ):  # of the primary; a backup takes the folder as it is
        socket_file.unlink()
    standby = StartedServer(own_server.name, Server(primary.bindir, home, OPTIONS))
    try:
        standby.server.start()
        database = own_portal.one("SELECT current_database()")
        url = standby.url(database)
        ended = crasher.run(url, "upgrade", "pre_migration")
        assert ended.code == REFUSED
        assert "is a standby" in ended.said
        promoted = Portal(url)
        assert promoted.one("SELECT pg_promote()")
        assert crasher.run(url, "upgrade", "pre_migration").code == DONE
        assert version(promoted) == "pre_migration"
        promoted.close()
        assert version(own_portal) == "pre_migration_control"
    finally:
        standby.server.destroy()


def test_privileges_revoked_between_two_steps(newest_portal_at, crasher, pause):
    portal = newest_portal_at("legacy", seed=True)
    name = portal.one("SELECT current_database()")
    portal.run("DROP SCHEMA kingston CASCADE")  # the event log of whoever built it
    portal.run("DROP ROLE IF EXISTS migrator")
    portal.run("CREATE ROLE migrator LOGIN")
    try:
        portal.run(f'GRANT CREATE ON DATABASE "{name}" TO migrator; GRANT ALL ON SCHEMA public TO migrator; '
                   "DO $$ DECLARE r record; BEGIN FOR r IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class AS c"
                   " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') LOOP"
                   " EXECUTE format('ALTER %s %s OWNER TO migrator', CASE r.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, r.name);"
                   " END LOOP; END $$")  # fmt: skip
        url = portal.url.replace("//postgres@", "//migrator@")
        run = crasher.start(
            url, "upgrade", "phase_2_owner_phones",
            fail_at="phase_2_owner_phones:up:4:before:pause", fail_file=str(pause),
        )  # fmt: skip
        reached(pause)
        portal.run("REVOKE CREATE ON SCHEMA public FROM migrator")
        pause.unlink()
        ended = crasher.wait(run)
        assert ended.code == PARTIAL, ended.said
        assert "missing privilege" in ended.said
        assert last(portal)[0] == "failed"
        portal.run("GRANT CREATE ON SCHEMA public TO migrator")
        again = crasher.run(url, "upgrade", "phase_2_owner_phones")
        assert again.code == DONE, again.said
    finally:
        portal.run("REASSIGN OWNED BY migrator TO postgres; DROP OWNED BY migrator; DROP ROLE migrator")


def test_a_clock_that_goes_back_a_day_between_two_runs(newest_portal_at, crasher):
    """To the second run everything the first one wrote lies in the future.  What came first is known by number."""
    portal = newest_portal_at("phase_1", seed=True)
    ended = crasher.run(portal.url, "upgrade", "phase_2", fail_at="phase_2_audit:up:4:after:kill")
    assert ended.code == -signal.SIGKILL
    for table, column in portal.all(
        "SELECT c.relname, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'kingston'::regnamespace AND c.relkind = 'r' AND c.relname <> 'event_log' AND a.atttypid = 'timestamptz'::regtype AND a.attnum > 0"
    ):
        portal.run(f"UPDATE kingston.{table} SET {column} = {column} + interval '1 day'")
    again = crasher.run(portal.url, "upgrade", "phase_2")
    assert again.code == DONE, again.said
    assert portal.all(
        "SELECT direction, status FROM kingston.journal WHERE revision = 'phase_2_audit' ORDER BY id"
    ) == [("up", "failed"), ("up", "completed")]
    assert (
        portal.all("SELECT step FROM kingston.step_journal WHERE outcome IS NULL OR outcome = 'unknown'")
        == []
    )
    assert portal.all("SELECT outcome FROM kingston.runner WHERE outcome IS NULL") == []
    assert crasher.run(portal.url, "downgrade", "phase_1").code == DONE


def test_waiting_is_bounded_on_both_connections(newest_portal_at):
    portal = newest_portal_at("base")
    bounds = ("lock_timeout", "idle_in_transaction_session_timeout", "client_connection_check_interval")

    def shown(ask) -> list[str]:
        return [ask(f"SHOW {name}") for name in (*bounds, "statement_timeout")]

    with portal.engine.connect() as connection:
        connecting.prepare(connection, settings.schemas())
        sessions.prepare(connection.connection.dbapi_connection, sessions.work())
        assert shown(lambda q: connection.exec_driver_sql(q).scalar()) == ["50ms", "1min", "500ms", "0"]
    side = portal.connect()
    sessions.prepare(side, sessions.SIDE)
    assert shown(lambda q: side.execute(q).fetchone()[0]) == ["2s", "1min", "500ms", "1min"]
    assert side.info.get_parameters()["tcp_user_timeout"] == "25000"


def test_the_second_session_of_a_fill_has_the_limits_of_the_first(newest_portal_at, monkeypatch):
    portal = newest_portal_at("phase_2")
    given: list[dict[str, str]] = []

    def noted(url, schema, limits, call, reporter):
        given.append(limits)
        return helping.helping(url, schema, limits, call, reporter)

    monkeypatch.setattr(backfill, "helping", noted)
    portal.alembic("upgrade", "phase_3_ownership")
    assert given == [{**sessions.SESSION, **sessions.work()}]

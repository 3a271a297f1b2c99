"""One runner at a time: who it is, for how long, with which version; and what a dead one leaves."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from kingston_schema.errors import BusyError, RefusedError
from portals import revisions


@pytest.fixture
def at_work(newest_portal_at, crasher, tmp_path):
    """(portal, process) with a runner that stands still at the second step of phase_1; it goes on after the test."""
    portal = newest_portal_at("pre_migration")
    pause = Path(tmp_path / "paused")
    run = crasher.start(
        portal.url, "upgrade", "phase_1",
        fail_at="phase_1:up:2:before:pause", fail_file=str(pause), server_silence="1",
    )  # fmt: skip
    until = time.monotonic() + 60
    while not pause.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    yield portal, run
    pause.unlink()
    assert crasher.wait(run).code == 0
    assert portal.one("SELECT outcome FROM kingston.runner ORDER BY since DESC LIMIT 1") == "verified"


def test_a_second_runner_says_who_is_at_work(at_work, monkeypatch):
    portal, run = at_work
    monkeypatch.setenv("KINGSTON_RUNNER_WAIT", "0.2")
    with pytest.raises(BusyError, match="another runner is still at work on schema public") as busy:
        portal.alembic("upgrade", "head")
    for part in (
        f"process {run}",
        '"upgrade phase_1" with version',
        "since 20",
        "now at phase_1 up",
        "last heard of",
    ):
        assert part in str(busy.value)


def test_it_gives_a_sign_of_life(at_work):
    portal, _ = at_work
    first = portal.one("SELECT heartbeat_at FROM kingston.runner WHERE ended_at IS NULL")
    until = time.monotonic() + 30
    while portal.one("SELECT heartbeat_at FROM kingston.runner WHERE ended_at IS NULL") == first:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_older_version_is_refused_while_a_newer_one_is_at_work(at_work):
    portal, _ = at_work
    portal.run("UPDATE kingston.runner SET version = '99.1' WHERE ended_at IS NULL")
    with pytest.raises(RefusedError, match=r"version 99\.1 of kingston-schema is at work, this is version"):
        portal.alembic("upgrade", "head")


def test_a_revision_of_another_version_is_refused(newest_portal_at):
    portal = newest_portal_at("phase_1")
    portal.run("UPDATE alembic_version SET version_num = 'phase_7'")
    portal.run("UPDATE kingston.journal SET detail = jsonb_set(detail, '{version}', '\"99.1\"')")
    with pytest.raises(
        RefusedError, match=r'"phase_7", which version .* does not know; version 99\.1 was the last'
    ):
        portal.alembic("upgrade", "head")


def test_a_dead_runner_is_replaced(newest_portal_at, crasher):
    portal = newest_portal_at("pre_migration")
    ended = crasher.run(portal.url, "upgrade", "phase_1", fail_at="phase_1:up:2:before:kill")
    assert ended.code == -signal.SIGKILL
    assert portal.one("SELECT count(*) FROM kingston.runner WHERE ended_at IS NULL") == 1
    again = crasher.run(portal.url, "upgrade", "phase_1")
    assert again.code == 0
    assert "the last runner ended without a word" in again.said
    assert '"upgrade phase_1" at phase_1 up, last heard of at' in again.said
    assert portal.all(
        "SELECT outcome FROM kingston.runner WHERE command = 'upgrade phase_1' ORDER BY since"
    ) == [
        "unknown",
        "verified",
    ]


def test_nobody_begins_beside_a_session_that_outlived_its_client(newest_portal_at, monkeypatch):
    """The lock of the second connection is free, the session that does the work still there."""
    from kingston_schema import settings
    from kingston_schema.ddl import runner
    from kingston_schema.ddl.events import SilentReporter

    portal = newest_portal_at("legacy")
    monkeypatch.setenv("KINGSTON_RUNNER_WAIT", "0.2")
    side, work, other = (portal.connect() for _ in range(3))
    with runner.one_runner(side, work, settings.schemas(), SilentReporter()):
        side.close()
        with (
            pytest.raises(BusyError, match=f"session {work.info.backend_pid} of postgres"),
            runner.one_runner(other, portal.connect(), settings.schemas(), SilentReporter()),
        ):
            raise AssertionError("two at once")


def test_ten_at_once_and_one_does_the_work(newest_portal_at, crasher):
    portal = newest_portal_at("base")
    runs = [crasher.start(portal.url, "upgrade", "head") for _ in range(10)]
    ended = [crasher.wait(run) for run in runs]
    assert [run.code for run in ended] == [0] * 10, [run.said for run in ended if run.code]
    head = revisions()[-1]
    assert sum(f"already at {head}, nothing to do" in run.said for run in ended) == 9
    assert sum("waiting for another runner" in run.said for run in ended) >= 1
    assert portal.all("SELECT revision FROM kingston.journal ORDER BY id") == revisions()[1:]
    assert portal.all("SELECT DISTINCT status FROM kingston.journal") == ["completed"]
    assert portal.all("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == []
    assert portal.one("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    assert (
        portal.one(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        == 0
    )

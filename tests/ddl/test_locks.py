"""Locks in short attempts: nobody queues behind us for long (P4)."""

from __future__ import annotations

import threading
import time

import pytest


def test_the_blocker_is_named_and_the_cap_is_kept(controlled, ops):
    reader = controlled.connect()
    reader.execute("BEGIN; SELECT count(*) FROM profiles")

    def migrate() -> None:
        with ops(controlled) as op:
            op.execute("SET kingston.lock_cap_seconds = '0.3'")
            op.lock_tables("profiles")

    with pytest.raises(Exception, match="no ACCESS EXCLUSIVE lock on profiles") as refused:
        migrate()
    assert f"pid {reader.info.backend_pid}" in str(refused.value)
    assert "SELECT count(*) FROM profiles" in str(refused.value)


def test_it_gets_the_lock_once_the_reader_is_gone(controlled, ops):
    reader = controlled.connect()
    reader.execute("BEGIN; SELECT count(*) FROM profiles")
    threading.Timer(0.3, lambda: reader.execute("COMMIT")).start()
    with ops(controlled) as op:
        op.lock_tables("profiles", "client_groups")
        held = controlled.one(
            "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
            " AND relation IN ('profiles'::regclass, 'client_groups'::regclass)"
        )
    assert held == 2


def test_readers_behind_us_get_through_between_two_attempts(controlled, ops):
    """One reader holds the table; we try for it; a second reader must not wait until we give up."""
    holder, second = controlled.connect(), controlled.connect()
    holder.execute("BEGIN; SELECT count(*) FROM profiles")
    second.execute("SET lock_timeout = '2s'")
    failed: list[BaseException] = []

    def migrate() -> None:
        try:
            with ops(controlled) as op:
                op.execute("SET kingston.lock_cap_seconds = '1.5'")
                op.lock_tables("profiles")
        except Exception as error:
            failed.append(error)

    runner = threading.Thread(target=migrate)
    runner.start()
    reads = 0
    while runner.is_alive():
        second.execute("SELECT count(*) FROM profiles")
        reads += 1
        time.sleep(0.01)
    runner.join()
    assert len(failed) == 1
    assert reads >= 5


def test_the_session_timeout_is_as_before(controlled, ops):
    with ops(controlled) as op:
        op.lock_tables("profiles")
        assert op.get_bind().exec_driver_sql("SHOW lock_timeout").scalar() == "50ms"


def test_tables_that_do_not_exist_are_passed_over(controlled, ops):
    with ops(controlled) as op:
        op.lock_tables("no_such_table")

"""Locks in short attempts: nobody queues behind us for long (P4)."""

from __future__ import annotations

import itertools
import threading
import time

import psycopg
import pytest
import sqlalchemy as sa

from kingston_schema.errors import UsageError


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


def test_while_it_waits_it_says_who_is_in_the_way(controlled, ops, told):
    reader = controlled.connect()
    reader.execute("BEGIN; SELECT count(*) FROM profiles")

    def migrate() -> None:
        with ops(controlled, reporter=told) as op:
            op.add_check_online("profiles", "has_email", "email <> ''")

    runner = threading.Thread(target=migrate)
    runner.start()
    while runner.is_alive() and not told.notes:
        runner.join(0.05)
    assert runner.is_alive()
    reader.execute("COMMIT")
    runner.join(30)
    assert told.notes[0].startswith("waiting for profiles (ACCESS EXCLUSIVE) for 00:00:01; in the way: ")
    assert f"pid {reader.info.backend_pid} (postgres, idle in transaction, for 00:00:0" in told.notes[0]
    assert told.notes[0].endswith("SELECT count(*) FROM profiles")
    assert controlled.one("SELECT convalidated FROM pg_constraint WHERE conname = 'has_email'") is True


def test_pauses_between_attempts_are_never_the_same(controlled):
    """Jitter: two runners, or a runner and a job of the portal, do not meet in step for ever."""
    controlled.connect().execute("BEGIN; SELECT count(*) FROM profiles")
    runner = controlled.connect()
    begun: list[float] = []
    runner.add_notice_handler(
        lambda told: begun.append(time.monotonic()) if "still waiting for" in (told.message_primary or "") else None
    )
    # Makes each attempt be heard of as it begins.
    runner.execute("SET deadlock_timeout = '1ms'; SET log_lock_waits = on; SET client_min_messages = log")
    runner.execute("SET kingston.lock_cap_seconds = '3'; SET kingston.lock_attempt_ms = '10'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        runner.execute("SELECT kingston.take_locks(ARRAY['profiles'])")
    pauses = sorted(later - earlier for earlier, later in itertools.pairwise(begun))
    assert len(pauses) >= 10
    # The middle half of them: what a busy machine adds to one or the other proves nothing.
    quarter = len(pauses) // 4
    assert pauses[-quarter - 1] - pauses[quarter] > 0.01


def test_one_attempt_is_one_budget_for_all_tables(controlled, ops):
    """Ten tables, each held by somebody for less than an attempt: the first is not held meanwhile for ten attempts."""
    tables = controlled.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1 LIMIT 10"
    )
    holder = controlled.connect()
    holder.execute(f"BEGIN; SELECT 1 FROM {tables[-1]} LIMIT 1")

    def migrate() -> None:
        with ops(controlled) as op:
            op.execute("SET kingston.lock_cap_seconds = '0'")
            op.lock_tables(*tables)

    with pytest.raises(Exception, match="no ACCESS EXCLUSIVE lock on") as refused:
        migrate()
    assert "after 1 attempts in 00:00:00" in str(refused.value)


def test_nothing_is_waited_for_while_tables_are_held(controlled, ops):
    """Whoever waits for one table while it holds another keeps everybody from both."""
    reader = controlled.connect()
    reader.execute("BEGIN; SELECT count(*) FROM profiles")
    began = time.monotonic()
    with (
        pytest.raises(Exception, match="no ACCESS EXCLUSIVE lock on profiles after 1 attempts"),
        ops(controlled) as op,
        op.lock_tables("client_groups"),
    ):
        op.drop_checks("profiles", "has_email")
    assert time.monotonic() - began < 30, "the cap is 60 s"


def test_a_step_that_commits_cannot_stand_among_held_tables(controlled, ops):
    with (
        pytest.raises(UsageError, match=r"cannot stand inside op\.lock_tables"),
        ops(controlled) as op,
        op.lock_tables("profiles"),
    ):
        op.add_check_online("profiles", "has_email", "email <> ''")


def test_held_tables_are_free_again_after_the_block(controlled, ops):
    with ops(controlled) as op:
        with op.lock_tables("profiles"):
            op.drop_checks("profiles", "none_such")
        controlled.run("SET lock_timeout = '1s'; INSERT INTO profiles (id) VALUES (1)")


def test_a_strong_lock_is_given_back_before_the_next_step(controlled, ops):
    """Each step that takes one ends in COMMIT: what follows in the revision holds nothing."""
    with ops(controlled) as op:
        op.drop_checks("profiles", "none_such")
        assert controlled.all(STRONG) == []
        op.add_columns("profiles", sa.Column("nick", sa.Text))
        assert controlled.all(STRONG) == []
        op.set_default("profiles", "nick", "'x'")
        assert controlled.all(STRONG) == []
        op.copy_columns("profiles", "nick")
        assert controlled.all(STRONG) == []
        op.archive_columns("profiles", "nick")
        assert controlled.all(STRONG) == []


def test_autovacuum_gives_way(newest_server, newest_portal_at, ops):
    """G18: it goes only for a wait longer than deadlock_timeout, and no attempt is that long."""
    portal = newest_portal_at("pre_migration_control")
    portal.run("INSERT INTO profiles (id, email) SELECT g, 'p' || g FROM generate_series(1, 20000) AS g")
    portal.run(
        "ALTER TABLE profiles SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,"
        " autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)"
    )
    portal.run("UPDATE profiles SET email = email || '!'")
    portal.run("ALTER SYSTEM SET autovacuum_naptime = '1s'")
    portal.run("SELECT pg_reload_conf()")
    try:
        at_work = (
            "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE l.granted"
            " AND l.relation = 'profiles'::regclass AND a.backend_type = 'autovacuum worker'"
        )
        while not portal.one(at_work):
            time.sleep(0.05)
        with ops(portal) as op:
            op.lock_tables("profiles")
            assert portal.one(at_work) == 0
    finally:
        portal.run("ALTER SYSTEM RESET autovacuum_naptime")
        portal.run("SELECT pg_reload_conf()")


STRONG = (
    "SELECT relation::regclass::text, mode FROM pg_locks WHERE granted AND relation = 'profiles'::regclass"
    " AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock')"
)

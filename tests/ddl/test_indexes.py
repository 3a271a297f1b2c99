"""Indexes built concurrently: journaled, rebuilt after a crash, never taken on trust."""

from __future__ import annotations

import threading

import pytest

from kingston_schema.errors import BusyError, RefusedError

VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'profiles_email_idx'::regclass"


def build(op, **options):
    op.create_index_online("profiles_email_idx", "profiles", ["lower(email)", "id DESC"], **options)


def test_built_published_and_forgotten(controlled, ops):
    for _ in range(2):
        with ops(controlled) as op:
            build(op, where="email IS NOT NULL")
    assert controlled.one(VALID) is True
    assert "lower(email), id DESC) WHERE (email IS NOT NULL)" in controlled.one(
        "SELECT pg_get_indexdef('profiles_email_idx'::regclass)"
    )
    assert (
        controlled.one("SELECT published_oid = 'profiles_email_idx'::regclass FROM kingston.index_journal")
        is True
    )
    for _ in range(2):
        with ops(controlled) as op:
            op.drop_index_online("profiles_email_idx")
    assert controlled.one("SELECT to_regclass('profiles_email_idx')") is None
    assert controlled.one("SELECT count(*) FROM kingston.index_journal") == 0


def test_E198_an_invalid_leftover_is_rebuilt_not_accepted(controlled, ops):
    """A unique build over duplicates fails and leaves an invalid index behind, as a crash would."""
    controlled.run("INSERT INTO profiles (id, email) VALUES (1, 'a'), (2, 'a')")
    with pytest.raises(Exception, match="could not create unique index"), ops(controlled) as op:
        op.create_index_online("profiles_email_idx", "profiles", ["email"], unique=True)
    assert controlled.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1
    controlled.run("DELETE FROM profiles WHERE id = 2")
    with ops(controlled) as op:
        op.create_index_online("profiles_email_idx", "profiles", ["email"], unique=True)
    assert controlled.one(VALID) is True
    assert controlled.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0


def test_an_index_of_somebody_else_is_refused(controlled, ops):
    controlled.run("CREATE INDEX profiles_email_idx ON profiles (last_name)")
    with pytest.raises(RefusedError, match="was not made by this package"), ops(controlled) as op:
        build(op)
    assert "last_name" in controlled.one("SELECT pg_get_indexdef('profiles_email_idx'::regclass)")


def test_writers_go_on_while_it_is_built(controlled, ops):
    """The build waits for an old snapshot and still blocks nobody: an insert gets through meanwhile."""
    old = controlled.connect()
    old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM client_groups")

    def run() -> None:
        with ops(controlled) as op:
            build(op)

    builder = threading.Thread(target=run)
    builder.start()
    try:
        for number in range(100, 120):
            controlled.run(
                "SET lock_timeout = '2s'; INSERT INTO profiles (id, email) VALUES (" + str(number) + ", 'w')"
            )
        assert builder.is_alive()
    finally:
        old.execute("COMMIT")
        builder.join(30)
    assert controlled.one(VALID) is True


def test_include_and_access_method(controlled, ops):
    with ops(controlled) as op:
        op.create_index_online("profiles_email_idx", "profiles", ["email"], include=["first_name"])
        op.create_index_online("presence_gin", "user_page_presence", ["user_info"], using="gin")
    assert "INCLUDE (first_name)" in controlled.one("SELECT pg_get_indexdef('profiles_email_idx'::regclass)")
    assert "USING gin" in controlled.one("SELECT pg_get_indexdef('presence_gin'::regclass)")


INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"


def test_the_wait_for_an_old_snapshot_is_announced(controlled, ops, told):
    """Who is in the way, on what, for how long; said while the build still waits, and it completes afterwards."""
    old = controlled.connect()
    old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM client_groups")

    def run() -> None:
        with ops(controlled, reporter=told) as op:
            build(op)

    builder = threading.Thread(target=run)
    builder.start()
    while builder.is_alive() and not told.notes:
        builder.join(0.05)
    assert builder.is_alive()
    old.execute("COMMIT")
    builder.join(30)
    assert told.notes[0].startswith(
        f"building profiles_email_idx waits for pid {old.info.backend_pid} (postgres, idle in transaction, for 00:00:0"
    )
    assert told.notes[0].endswith("SELECT count(*) FROM client_groups")
    assert controlled.one(VALID) is True


def test_the_wait_for_an_old_snapshot_is_bounded_and_the_leftover_is_rebuilt(controlled, ops):
    old = controlled.connect()
    old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM client_groups")

    def run() -> None:
        with ops(controlled) as op:
            op.execute("SET kingston.snapshot_wait_seconds = '0.6'")
            build(op)

    with pytest.raises(BusyError, match="building profiles_email_idx waited too long") as refused:
        run()
    assert refused.value.exit_code == 4
    assert f"in the way: pid {old.info.backend_pid} " in refused.value.message
    old.execute("COMMIT")
    assert controlled.one(INVALID) == 1
    run()
    assert controlled.one(INVALID) == 0
    assert controlled.one(VALID) is True


def test_a_drop_that_ran_out_of_time_is_completed_or_built_again(controlled, ops):
    """A drop waits for whoever has used the table; cut off, it leaves the index invalid under its own name."""
    with ops(controlled) as op:
        build(op)
    old = controlled.connect()
    old.execute("BEGIN; SELECT count(*) FROM profiles")

    def drop() -> None:
        with ops(controlled) as op:
            op.execute("SET kingston.snapshot_wait_seconds = '0.6'")
            op.drop_index_online("profiles_email_idx")

    with pytest.raises(BusyError, match="dropping profiles_email_idx waited too long"):
        drop()
    old.execute("COMMIT")
    assert controlled.one(VALID) is False
    with ops(controlled) as op:
        build(op)
    assert controlled.one(VALID) is True
    drop()
    assert controlled.one("SELECT to_regclass('profiles_email_idx')") is None
    assert controlled.one(INVALID) == 0


def test_an_index_that_was_built_but_not_published_is_taken_over(controlled, ops):
    """G3: after the client was killed the server may have finished the build."""
    with ops(controlled) as op:
        build(op)
    controlled.run("ALTER INDEX profiles_email_idx RENAME TO profiles_email_idx__building")
    controlled.run("UPDATE kingston.index_journal SET published_at = NULL, published_oid = NULL")
    oid = controlled.one("SELECT 'profiles_email_idx__building'::regclass::oid")
    with ops(controlled) as op:
        build(op)
    assert controlled.one("SELECT 'profiles_email_idx'::regclass::oid") == oid
    assert controlled.one("SELECT published_oid FROM kingston.index_journal") == oid


def test_a_valid_leftover_of_another_definition_is_not_taken_over(controlled, ops):
    with ops(controlled) as op:
        build(op)
    controlled.run("ALTER INDEX profiles_email_idx RENAME TO profiles_email_idx__building")
    controlled.run("UPDATE kingston.index_journal SET published_at = NULL, published_oid = NULL")
    with ops(controlled) as op:
        build(op, where="email IS NOT NULL")
    assert "WHERE (email IS NOT NULL)" in controlled.one(
        "SELECT pg_get_indexdef('profiles_email_idx'::regclass)"
    )
    assert controlled.one("SELECT to_regclass('profiles_email_idx__building')") is None


def test_lock_attempts_are_short_again_after_a_build(controlled, ops):
    with ops(controlled) as op:
        build(op)
        assert op.get_bind().exec_driver_sql("SHOW lock_timeout").scalar() == "50ms"

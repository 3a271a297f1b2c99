"""Indexes built concurrently: journaled, rebuilt after a crash, never taken on trust."""

from __future__ import annotations

import threading

import pytest

from kingston_schema.errors import RefusedError

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

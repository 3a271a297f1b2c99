"""The event log: who did what, how it ended, and that nobody can change it unseen."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.types.json import Jsonb

from kingston_schema.ddl import event_log
from kingston_schema.errors import GateFailed, RefusedError, UsageError
from kingston_schema.settings import Schemas

HASH = "SELECT count(*) FROM kingston.event_log AS e WHERE e.hash <> kingston.event_hash(e)"


def events(portal, columns="stage, event, subject, outcome", since=0) -> list:
    return portal.all(
        f"SELECT {columns} FROM kingston.event_log WHERE id > {since} AND event <> 'gate' ORDER BY id".encode()
    )


def last(portal) -> int:
    return portal.one("SELECT max(id) FROM kingston.event_log")


def test_up_down_and_up_again_is_recorded_and_stays(newest_portal_at, monkeypatch):
    portal = newest_portal_at("legacy")
    assert events(portal)[0] == ("begun", "upgrade", "legacy", None)
    before = last(portal)
    monkeypatch.setenv("KINGSTON_ACTOR", "Ada Lovelace")
    portal.alembic("upgrade", "pre_migration_control")
    assert events(portal, since=before) == [
        ("begun", "upgrade", "pre_migration_control", None),
        ("begun", "up", "pre_migration_control", None),
        ("ended", "up", "pre_migration_control", "done"),
        ("ended", "upgrade", "pre_migration_control", "done"),
    ]
    before = last(portal)
    portal.alembic("downgrade", "legacy")
    assert events(portal, "event, outcome", before)[-1] == ("downgrade", "done")
    row = portal.one(
        "SELECT role, os_user IS NOT NULL, actor, host IS NOT NULL, application, version, seconds > 0, revision,"
        " run_id = (SELECT run_id FROM kingston.runner ORDER BY since DESC LIMIT 1) FROM kingston.event_log"
        " ORDER BY id DESC LIMIT 1"
    )
    assert row[:3] == ("postgres", True, "Ada Lovelace")
    assert row[4].startswith("kingston_schema")
    assert row[6:] == (True, "legacy", True)
    files = portal.one("SELECT files FROM kingston.event_log WHERE event = 'down' AND stage = 'begun'")
    assert "versions/0010_pre_migration_control.py" in files
    assert "sql/event_log/0010.sql" in files
    assert portal.one(HASH) == 0
    assert portal.all("SELECT id FROM kingston.event_log ORDER BY id") == list(range(1, last(portal) + 1))
    assert portal.one(
        "SELECT bool_and(previous = before) FROM (SELECT previous, lag(hash, 1, repeat('0', 64)) OVER (ORDER BY id) AS before"
        " FROM kingston.event_log) AS e"
    )


def test_failures_refusals_and_overrides_are_recorded(newest_portal_at):
    portal = newest_portal_at("pre_migration_roles")
    portal.run("UPDATE kingston.portal SET origin = 'production'")
    before = last(portal)
    with pytest.raises(GateFailed):
        portal.alembic("upgrade", "pre_migration")
    assert events(portal, since=before) == [
        ("begun", "upgrade", "pre_migration", None),
        ("begun", "up", "pre_migration", None),
        ("ended", "up", "pre_migration", "failed"),
        ("ended", "upgrade", "pre_migration", "refused"),
    ]
    gate = portal.one(
        "SELECT outcome, detail FROM kingston.event_log WHERE event = 'gate' ORDER BY id DESC LIMIT 1"
    )
    assert gate[0] == "failed"
    assert "failed: " in gate[1]
    before = last(portal)
    portal.run("ALTER TABLE product_owners RENAME TO elsewhere")
    with pytest.raises(RefusedError):
        portal.alembic("upgrade", "pre_migration")
    portal.run("ALTER TABLE elsewhere RENAME TO product_owners")
    assert events(portal, since=before)[-1] == ("ended", "upgrade", "pre_migration", "refused")
    before = last(portal)
    portal.alembic("stamp", "legacy", allow=["stamp:to see it recorded"])
    assert events(portal, "stage, event, subject, outcome, detail", before) == [
        ("begun", "stamp", "legacy", None, None),
        ("noted", "allow", "stamp", "given", "to see it recorded"),
        ("ended", "stamp", "legacy", "done", None),
    ]


def test_a_crash_leaves_a_beginning_and_the_next_run_says_what_became_of_it(newest_portal_at, crasher):
    portal = newest_portal_at("pre_migration")
    before = last(portal)
    crasher.run(portal.url, "upgrade", "phase_1", fail_at="phase_1:up:commit:after:kill")
    assert [row[:2] for row in events(portal, since=before)] == [("begun", "upgrade"), ("begun", "up")]
    assert portal.one(
        "SELECT count(*) FROM kingston.event_log AS e JOIN pg_stat_activity AS a ON a.pid = e.backend"
        f" AND a.backend_start = e.backend_start WHERE e.id > {before} AND a.pid <> pg_backend_pid()".encode()
    ) == 0  # fmt: skip
    before = last(portal)
    portal.alembic("upgrade", "phase_1")
    assert ("noted", "settled", "up phase_1", "completed") in events(portal, since=before)


def test_nobody_changes_what_stands_there(newest_portal_at):
    portal = newest_portal_at("legacy")
    for statement in (
        "UPDATE kingston.event_log SET outcome = 'done'",
        "DELETE FROM kingston.event_log WHERE false",
        "TRUNCATE kingston.event_log",
    ):
        for role in ("origin", "replica"):
            portal.run(f"SET session_replication_role = {role}")
            with pytest.raises(psycopg.errors.RestrictViolation, match="the event log is append-only"):
                portal.run(statement)
    portal.run(
        "SET session_replication_role = origin; SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'German'"
    )
    assert portal.one(HASH) == 0  # the text that is hashed takes no setting of a session


def test_writers_at_the_same_time_make_one_chain(newest_portal_at):
    portal = newest_portal_at("legacy")
    first, second = portal.connect(), portal.connect()
    write = "SELECT kingston.log_event(gen_random_uuid(), 'noted', 'test', %s, %s)"
    first.execute("BEGIN")
    first.execute(write, ("first", Jsonb({})))
    second.execute("SET lock_timeout = '20ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.execute(write, ("second", Jsonb({})))
    first.execute("COMMIT")
    second.execute(write, ("second", Jsonb({"seconds": 1.23456, "rows": 7, "detail": "x" * 9000})))
    assert portal.one(HASH) == 0
    found = portal.all(
        "SELECT id, subject, previous, hash, seconds, length(detail) FROM kingston.event_log ORDER BY id DESC LIMIT 2"
    )
    assert [row[1] for row in found] == ["second", "first"]
    assert found[0][2] == found[1][3]
    assert (str(found[0][4]), found[0][5]) == ("1.235", 4000)


def test_a_command_that_fails_or_may_not_write(newest_portal_at, monkeypatch):
    portal, names = newest_portal_at("legacy"), Schemas()
    with (
        pytest.raises(KeyboardInterrupt),
        event_log.recorded(portal.connection, names, "checkpoint create", "x"),
    ):
        raise KeyboardInterrupt
    assert events(portal)[-1] == ("ended", "checkpoint create", "x", "interrupted")
    portal.run("CREATE ROLE only_reads LOGIN")
    reader = portal.connect(user="only_reads")
    before = last(portal)
    with event_log.recorded(reader, names, "checkpoint create", "y"):
        pass
    assert last(portal) == before
    portal.run("DROP SCHEMA kingston CASCADE")
    with event_log.recorded(portal.connection, names, "checkpoint create", "z") as done:
        done.rows = 3
    assert events(portal, "id, stage, rows_moved") == [(1, "begun", None), (2, "ended", 3)]
    monkeypatch.setenv("KINGSTON_ACTOR", "two\nlines")
    with pytest.raises(UsageError):
        event_log.EventLog(portal.connection, names)
    portal.run("DROP ROLE only_reads")

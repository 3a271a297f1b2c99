"""Revision phase_3_ownership on a portal large enough for a second session: both fill, either may die"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from ownership_data import differences, people
from portals import Portal
from promises.stages import copy
from revisions.test_phase_3_ownership import AT, BELOW, documents, expected
from revisions.test_phase_3_ownership_live import LEFT, until

PRODUCTS = 22_000
HELPER = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'kingston_schema helper'"
MAIN = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CALL kingston.fill_ownership%'"
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND query LIKE 'CALL kingston.%'"
)
# Nobody writes before two sessions are about to, nor while the gate is closed, until the meeting is over.
MEETING, GATE = 4712, 4713
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {} AND mode = '{}' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
BOTH_THERE = HELD.format(MEETING, "ShareLock").replace("count(*)", "count(*) = 2")
MEET = f"""
CREATE SCHEMA meeting;
CREATE TABLE meeting.over ();
CREATE FUNCTION meeting.wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock_shared({MEETING});
    FOR i IN 1 .. 3000 LOOP
        EXIT WHEN ({HELD.format(MEETING, "ShareLock")}) > 1 AND ({HELD.format(GATE, "ExclusiveLock")}) = 0
               OR EXISTS (SELECT FROM meeting.over);
        PERFORM pg_sleep(0.01);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER meeting BEFORE UPDATE ON client_products FOR EACH STATEMENT EXECUTE FUNCTION meeting.wait();
"""

# As a server at its limit of connections: whoever is refused hears it while connecting.  Nobody writes before.
REFUSE = """
CREATE SCHEMA meeting;
CREATE SEQUENCE meeting.refused;
CREATE FUNCTION meeting.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') = 'kingston_schema helper' THEN
        PERFORM nextval('meeting.refused');
        RAISE EXCEPTION 'sorry, too many clients already' USING ERRCODE = 'too_many_connections';
    END IF;
END $$;
CREATE EVENT TRIGGER refuse ON login EXECUTE FUNCTION meeting.refuse();
CREATE FUNCTION meeting.wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 3000 LOOP
        EXIT WHEN pg_sequence_last_value('meeting.refused') IS NOT NULL;
        PERFORM pg_sleep(0.01);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER meeting BEFORE UPDATE ON client_products FOR EACH STATEMENT EXECUTE FUNCTION meeting.wait();
"""


def make_large(portal):
    """Products without links, with links, with several."""
    people(portal, 40)
    portal.run(
        "INSERT INTO client_products (product_name) SELECT 'P' || g FROM generate_series(1, %s) AS g",
        PRODUCTS,
    )
    portal.run(
        "INSERT INTO product_owner_products (product_id, product_owner_id, created_at)"
        " SELECT p.id, 1 + (p.id * 7 + n * 13) % 40, now() - make_interval(secs => (n * 31 % 7))"
        " FROM client_products AS p, generate_series(1, 5) AS n WHERE p.id % 4 = 1 AND n <= p.id % 7"
    )


@pytest.fixture(scope="module")
def large(newest_server) -> Iterator[Portal]:
    """A large portal, below; to be copied."""
    portal = newest_server.templates.clone(BELOW)
    make_large(portal)
    yield portal
    newest_server.templates.drop(portal)


@pytest.fixture
def portal(newest_server, large) -> Iterator[Portal]:
    found = copy(newest_server, large)
    yield found
    newest_server.templates.drop(found)


class Upgrade(threading.Thread):
    """The upgrade in a thread; ``error`` is what it ended with."""

    def __init__(self, portal):
        super().__init__()
        self.portal, self.error = portal, None
        self.start()

    def run(self):
        try:
            self.portal.alembic("upgrade", AT)
        except BaseException as error:
            self.error = error

    def finish(self):
        self.join(timeout=120)
        assert not self.is_alive()
        return self.error


def check(portal):
    """Everything is as an undisturbed run with one session leaves it."""
    assert documents(portal) == expected(portal)
    assert differences(portal) == []
    progress = "SELECT done, total, finished_at IS NOT NULL FROM kingston.backfill_progress WHERE step = 'fill_ownership'"
    assert portal.one(progress) == (PRODUCTS, PRODUCTS, True)
    assert portal.one(OTHERS) == 0


def test_two_sessions_fill_it_together(portal_at, capsys):
    portal = portal_at(BELOW)
    make_large(portal)
    portal.run(MEET)
    portal.run("CREATE TABLE meeting.batch (pid integer, product bigint)")
    portal.run(
        "CREATE FUNCTION meeting.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO meeting.batch SELECT pg_backend_pid(), n.id FROM written AS n; RETURN NULL; END $$"
    )
    portal.run(
        "CREATE TRIGGER note AFTER UPDATE ON client_products REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION meeting.note()"
    )
    portal.alembic("upgrade", AT)
    check(portal)
    assert portal.one("SELECT count(DISTINCT pid), count(*), count(DISTINCT product) FROM meeting.batch") == (
        2,
        PRODUCTS,
        PRODUCTS,
    )
    moved = portal.one("SELECT sum(rows_moved) FROM kingston.archive_entry WHERE movement = 'filled'")
    assert moved == PRODUCTS, "what both did is counted once"
    assert "one session" not in capsys.readouterr().err


def test_the_second_session_dies_and_the_first_goes_on(portal, capsys):
    portal.run(MEET)
    gate = portal.connect()
    gate.execute("SELECT pg_advisory_lock(%s)", [GATE])
    upgrade = Upgrade(portal)
    until(portal, BOTH_THERE)
    portal.run("SELECT pg_terminate_backend(%s)", portal.one(HELPER))
    until(portal, HELPER.replace("pid FROM", "count(*) = 0 FROM"))
    portal.run("INSERT INTO meeting.over DEFAULT VALUES")
    gate.close()
    assert upgrade.finish() is None
    assert "going on with one session, the second one ended" in capsys.readouterr().err
    check(portal)


def test_a_second_session_that_cannot_connect_is_no_error(portal, capsys):
    portal.run(REFUSE)
    portal.alembic("upgrade", AT)
    said = capsys.readouterr().err
    assert "going on with one session, the second one ended" in said
    assert "too many clients" in said
    assert portal.one("SELECT last_value FROM meeting.refused") == 1, "asked once, not again and again"
    check(portal)


def test_the_first_session_dies_and_takes_the_second_with_it(portal):
    portal.run(MEET)
    gate = portal.connect()
    gate.execute("SELECT pg_advisory_lock(%s)", [GATE])
    upgrade = Upgrade(portal)
    until(portal, BOTH_THERE)
    portal.run("SELECT pg_terminate_backend(%s)", until(portal, MAIN))
    assert upgrade.finish() is not None
    assert portal.one(OTHERS) == 0
    assert portal.one(LEFT) == PRODUCTS
    gate.close()
    portal.alembic("upgrade", AT)
    check(portal)


def test_a_killed_client_ends_both_sessions(portal, crasher):
    portal.run(MEET)
    gate = portal.connect()
    gate.execute("SELECT pg_advisory_lock(%s)", [GATE])
    run = crasher.start(portal.url, "upgrade", AT)
    until(portal, BOTH_THERE)
    os.kill(run, signal.SIGKILL)
    assert crasher.wait(run).code == -signal.SIGKILL
    until(portal, OTHERS.replace("count(*)", "count(*) = 0"))
    assert portal.one(LEFT) == PRODUCTS
    gate.close()
    assert crasher.run(portal.url, "upgrade", AT).code == 0
    check(portal)


def test_a_helper_without_work_returns(portal):
    portal.alembic("upgrade", AT)
    portal.run("SET statement_timeout = '20s'")
    portal.run("CALL kingston.help_fill_ownership('0 seconds')")
    assert portal.one("SELECT count(*) FROM client_products WHERE ownership_details IS NULL") == 0

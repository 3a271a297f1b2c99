"""Traps of PostgreSQL and Alembic that others fell into, each with the tests that keep us out of it.

Findings about migrations
A01 a test harness empties the database of the configuration   tests/ddl/test_run.py::test_a_test_must_say_on_which_database
A02 an advisory lock on Alembic's own connection rolls all back  ::test_A02_G16_a_connection_that_is_in_use_already
A03 a blocking advisory lock and a concurrent index deadlock     ::test_A03_G15_a_second_runner_and_a_concurrent_index
A04 a check that takes locks                                     tests/promises/test_models.py::test_check_takes_no_lock_beyond_reading
A05 a replaced object loses grants, comments, indexes            tests/ddl/test_objects.py::test_grants_of_a_dropped_view_come_back_with_it,
                                                                 tests/promises/test_walk.py::test_base_to_head_and_back_twice_leaves_no_difference_at_any_revision
A07 a restore point inside the transaction it should precede     ::test_A07_G27_nobody_sets_a_restore_point
A08 a COMMIT that failed may have committed                      tests/ddl/test_failures.py::test_the_connection_is_lost_at_commit
A09 the statement of a killed client runs on                     ::test_A09_G01_G03_a_client_killed_while_an_index_is_built
A10 a damaged dump that lists without an error                   tests/operations/test_checkpoint.py::test_damage_is_found_and_named
A11 a rollback that fails and says it succeeded                  tests/promises/test_errata.py::test_E019_a_rollback_finishes_and_says_so,
                                                                 tests/ddl/test_verification.py::test_what_a_rollback_leaves_behind_is_found
A12 wall-clock tolerance alone is noise                          tests/operations/test_baseline.py::test_how_it_judges

Alembic and concurrent indexes
B01 releases of Alembic compare different things                 ::test_B01_what_is_compared_is_named
B02 a second runner waiting in pg_advisory_lock                  as A03; tests/ddl/test_runner.py::test_ten_at_once_and_one_does_the_work
B03 an invalid index that IF NOT EXISTS accepts                  tests/ddl/test_indexes.py::test_the_wait_for_an_old_snapshot_is_bounded_and_the_leftover_is_rebuilt,
                                                                 tests/ddl/test_indexes.py::test_E198_an_invalid_leftover_is_rebuilt_not_accepted

Faults
G01 client killed, statement running                             as A09
G02 client killed, idle in a transaction or holding the lock     tests/ddl/test_runner.py::test_a_dead_runner_is_replaced
G03 client killed during an index build                          as A09; tests/ddl/test_indexes.py::test_an_index_that_was_built_but_not_published_is_taken_over
G04 killed between DDL and the version table                     tests/promises/test_crash.py::test_killed_anywhere_the_same_command_completes_it
G05 G06 G07 backend or server gone                               the same
G08 G09 outcome of COMMIT unknown                                as A08
G10 G11 G12 G13 disk full                                        tests/ddl/test_failures.py::test_a_full_disk
G14 a reader holds the table                                     tests/ddl/test_locks.py::test_readers_behind_us_get_through_between_two_attempts,
                                                                 tests/ddl/test_locks.py::test_one_attempt_is_one_budget_for_all_tables
G15 deadlock of two runners                                      as A03
G16 lock on the runner's own connection                          as A02
G17 an old snapshot holds up a concurrent index                  tests/ddl/test_indexes.py::test_the_wait_for_an_old_snapshot_is_announced
G18 autovacuum holds the table                                   tests/ddl/test_locks.py::test_autovacuum_gives_way
G19 connection lost or half open                                 tests/ddl/test_failures.py::test_a_half_open_connection_ends_in_bounded_time
G20 stalled server                                               tests/ddl/test_failures.py::test_a_paused_server
G21 stalled client                                               tests/ddl/test_failures.py::test_waiting_is_bounded_on_both_connections
G22 a statement is cancelled                                     ::test_G22_a_cancelled_statement
G23 clock                                                        tests/ddl/test_failures.py::test_a_clock_that_goes_back_a_day_between_two_runs
G24 rights                                                       tests/ddl/test_failures.py::test_privileges_revoked_between_two_steps
G25 standby                                                      tests/ddl/test_failures.py::test_a_standby_is_refused_and_migrates_once_it_is_promoted
G26 damaged dump                                                 as A10
G27 misuse of a restore point                                    as A07
G28 half-dropped database                                        ::test_G28_a_half_dropped_database
G29 a damaged page                                               ::test_G29_a_damaged_page_makes_no_checkpoint
G30 triggers passed by                                           tests/ddl/test_copy_columns.py::test_G30_a_session_that_ordinary_triggers_do_not_see_is_noted_as_well
G31 keys missing, wrong, rotated half way                        tests/operations/test_keys.py::test_keys_that_cannot_be_used_are_refused_with_a_reason,
                                                                 tests/crypto/test_rotation.py::test_killed_half_way_and_resumed_under_a_live_writer

Not here: A06 (alert rules of another project), G32 (there is no cache).
"""

from __future__ import annotations

import os
import re
import signal
import time

import psycopg
import pytest
from alembic import command

from conventions.history import ROOT
from kingston_schema.ddl.alembic_command import PLUGINS
from kingston_schema.errors import DamagedError
from kingston_schema.operations import checkpoint
from portals import TestServer, alembic_config
from servers import discover, start

INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
BUILDING = (
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND state = 'active'"
)


def test_every_test_named_above_is_there():
    named = re.findall(r"(tests/[\w/]+\.py)?::(test_\w+)", __doc__)
    assert len(named) > 30
    for path, name in named:
        text = (ROOT / (path or "tests/promises/test_traps.py")).read_text(encoding="utf-8")
        assert f"def {name}(" in text, f"{path}::{name}"


def test_A02_G16_a_connection_that_is_in_use_already(newest_portal_at):
    """Somebody's lock, and with it a transaction, on the connection that is handed over: the migration is durable."""
    portal = newest_portal_at("legacy")
    config = alembic_config(portal.url)
    with portal.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(1)")
        config.attributes["connection"] = connection
        command.upgrade(config, "pre_migration_control")
    assert portal.one("SELECT version_num FROM alembic_version") == "pre_migration_control"
    assert portal.one("SELECT count(*) FROM migration_control") > 0


def old_snapshot(portal) -> psycopg.Connection:
    """A transaction that a concurrent build has to wait for."""
    old = psycopg.connect(portal.url.replace("+psycopg", ""), autocommit=True)
    old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM profiles")
    return old


def until(portal, query: str) -> object:
    """What ``query`` gives as soon as it gives something."""
    deadline = time.monotonic() + 60
    while (found := portal.one(query)) is None:
        assert time.monotonic() < deadline, query
        time.sleep(0.02)
    return found


def test_A03_G15_a_second_runner_and_a_concurrent_index(newest_portal_at, crasher):
    """The second one waits for the first without a snapshot that the first would wait for."""
    portal = newest_portal_at("phase_3")
    with old_snapshot(portal) as old:
        runners = [crasher.start(portal.url, "upgrade", "phase_4_indexes")]
        backend = until(portal, BUILDING)
        runners.append(crasher.start(portal.url, "upgrade", "phase_4_indexes"))
        # A journal connection each: the second one is there and asks for the lock.
        until(portal, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'kingston_schema journal' HAVING count(*) = 2")
        time.sleep(1.5)  # longer than deadlock_timeout: a deadlock would have ended one of them
        assert portal.one(BUILDING) == backend
        old.execute("COMMIT")
        ended = [crasher.wait(runner) for runner in runners]
    assert [run.code for run in ended] == [0, 0], [run.said for run in ended]
    assert portal.one(INVALID) == 0
    assert portal.one("SELECT version_num FROM alembic_version") == "phase_4_indexes"


def test_A07_G27_nobody_sets_a_restore_point():
    """WAL has the restore point before the COMMIT of the transaction that sets it: the work would be missing."""
    texts = [*ROOT.glob("src/**/*.py"), *ROOT.glob("src/**/*.sql"), *ROOT.glob("alembic/**/*.py")]
    assert len(texts) > 200
    assert [path for path in texts if "pg_create_restore_point" in path.read_text(encoding="utf-8")] == []


def test_A09_G01_G03_a_client_killed_while_an_index_is_built(newest_portal_at, crasher):
    """The server notices within a second, and the next run drops the invalid leftover and builds again."""
    portal = newest_portal_at("phase_3")
    with old_snapshot(portal) as old:
        runner = crasher.start(portal.url, "upgrade", "phase_4_indexes")
        backend = until(portal, BUILDING)
        os.kill(runner, signal.SIGKILL)
        assert crasher.wait(runner).code == -signal.SIGKILL
        gone = f"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = {backend})"
        until(portal, gone)
        assert portal.one(INVALID) == 1
        old.execute("COMMIT")
    again = crasher.run(portal.url, "upgrade", "phase_4_indexes")
    assert again.code == 0, again.said
    assert portal.one(INVALID) == 0
    assert portal.one("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_\\_building'") == 0


def test_B01_what_is_compared_is_named(newest_portal_at):
    """Alembic 1.19.0 compared named CHECKs by default, 1.20 does not: neither default is relied on."""
    assert PLUGINS == ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname", "kingston_schema"]
    newest_portal_at("head").alembic("check")


def test_G22_a_cancelled_statement(newest_portal_at, crasher):
    """An administrator ends what waits for a lock: safe to repeat, and said so."""
    portal = newest_portal_at("phase_1")
    reader = psycopg.connect(portal.url.replace("+psycopg", ""), autocommit=True)
    with reader:
        reader.execute("BEGIN; SELECT count(*) FROM product_owners")
        runner = crasher.start(portal.url, "upgrade", "phase_2_product_owners")
        until(
            portal,
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%hold_tables%' AND state = 'active'"
            " AND pid <> pg_backend_pid()",
        )
        ended = crasher.wait(runner)
        assert ended.code == 4, ended.said
        assert "canceling statement due to user request" in ended.said
        reader.execute("COMMIT")
    assert crasher.run(portal.url, "upgrade", "phase_2_product_owners").code == 0


def test_G28_a_half_dropped_database(newest_portal_at, newest_server, crasher):
    """DROP DATABASE that was cut off leaves one that nobody may enter."""
    portal = newest_portal_at("legacy")
    name = portal.one("SELECT current_database()")
    portal.close()
    portal._open.clear()
    with psycopg.connect(newest_server.url().replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("UPDATE pg_database SET datconnlimit = -2 WHERE datname = %s", [name])
        try:
            ended = crasher.run(portal.url, "upgrade", "head")
        finally:
            admin.execute("UPDATE pg_database SET datconnlimit = -1 WHERE datname = %s", [name])
    assert ended.code == 4, ended.said
    assert f'cannot connect to invalid database "{name}"' in ended.said
    assert "Traceback" not in ended.said


@pytest.mark.parametrize("name", ["lock_timeout", "client_connection_check_interval"])
def test_A09_the_settings_that_bound_it_are_in_every_script(newest_portal_at, name):
    assert f"SET {name} = " in newest_portal_at("legacy").alembic("upgrade", "legacy:head", sql=True)


def test_G29_a_damaged_page_makes_no_checkpoint(tmp_path):
    """The server's checksums find it; the checkpoint is refused and leaves nothing behind."""
    own = TestServer(start(*next(iter(discover().items()))), "template0")
    try:
        portal = own.templates.clone("pre_migration_control", seed=True)
        assert portal.one("SHOW data_checksums") == "on"
        file = own.started.server.data / portal.one("SELECT pg_relation_filepath('client_products')")
        portal.run("CHECKPOINT")
        portal.close()
        own.templates.close()
        own.started.server.stop()
        page = bytearray(file.read_bytes())
        page[8000] ^= 1
        file.write_bytes(page)
        own.started.server.start()
        with pytest.raises(DamagedError, match="invalid page in block 0"):
            checkpoint.create(portal.url, name="damaged", folder=str(tmp_path / "checkpoints"))
        assert [*tmp_path.glob("checkpoints/*")] == []
        with psycopg.connect(portal.url.replace("+psycopg", "")) as told:
            outcomes = told.execute("SELECT outcome FROM kingston.event_log WHERE event = 'checkpoint create' ORDER BY id").fetchall()
        assert outcomes == [(None,), ("failed",)]
    finally:
        own.started.stop()

"""kingston doctor: each kind of damage planted for real, found, put right, and nothing is left to find."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from kingston_schema.catalog import fingerprint
from kingston_schema.ddl.helping import APPLICATION_NAME
from kingston_schema.errors import BusyError
from kingston_schema.operations.doctor import run as doctor
from promises.writes import contents, fill

PHASES = ["legacy", "pre_migration", "phase_1", "phase_2", "phase_3", "phase_4", "phase_5", "head"]
BUILDING = (
    "SELECT pid FROM pg_stat_activity WHERE query LIKE '%INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'"
)


def state(portal):
    return fingerprint.read(portal.connection, "public").objects, contents(portal)


def codes(report):
    return sorted(found.code for found in report.found)


def healed(portal, report=None):
    """Everything is put right, once."""
    report = report or doctor.run(portal.url, fix=True)
    assert report.left == (), report
    again = doctor.run(portal.url, fix=True)
    assert (again.found, again.repaired) == ((), ())
    return report


def until(portal, query):
    deadline = time.monotonic() + 60
    while (found := portal.one(query)) is None:
        assert time.monotonic() < deadline, query
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("phase", PHASES)
def test_an_undamaged_portal_is_found_healthy(newest_portal_at, phase):
    portal = newest_portal_at(phase)
    report = doctor.run(portal.url)
    assert (report.revision, report.found) == ("phase_6" if phase == "head" else phase, ())


# What people do to a portal, and what is said and done about it.
PLANTED = {
    "switched_off": "ALTER TABLE client_products DISABLE TRIGGER ALL;"
    " ALTER TABLE product_owner_products DISABLE TRIGGER ownership_insert",
    "not_valid": "ALTER TABLE profiles ADD CONSTRAINT theirs CHECK (id > 0) NOT VALID;"
    " ALTER TABLE client_actions DROP CONSTRAINT action_name_not_empty;"
    " ALTER TABLE client_actions ADD CONSTRAINT action_name_not_empty CHECK (length(btrim(action_name::text)) > 0) NOT VALID",
    "stale_runner": "INSERT INTO kingston.runner (run_id, command, version, os_user, host, pid, work_backend)"
    " VALUES (gen_random_uuid(), 'upgrade head', '0', 'somebody', 'elsewhere', 1, 1)",
    "unknown_outcome": "INSERT INTO kingston.step_journal (run_id, revision, direction, step, operation, arguments)"
    " VALUES (gen_random_uuid(), 'phase_5_audit', 'up', 1, 'backfill', '{x}')",
    "unpopulated": "CREATE MATERIALIZED VIEW theirs AS SELECT 1 AS one WITH NO DATA",
    "invalid_index": "ALTER INDEX idx_client_items_type RENAME TO idx_client_items_type__building;"
    " UPDATE kingston.index_journal SET published_at = NULL WHERE index_name = 'idx_client_items_type'",
    "leftover_copy": "SET kingston.revision = 'phase_2_product_owners';"
    " SELECT kingston.begin_copy('product_owners', 'phase_2_product_owners', '{updated_by}')",
}  # fmt: skip


def test_what_people_and_crashes_leave_is_put_right_and_recorded(kingston, newest_portal_at):
    portal = newest_portal_at("head", seed=True)
    fill(portal)
    whole = state(portal)
    for statement in PLANTED.values():
        portal.run(statement)
    with psycopg.connect(
        portal.url.replace("+psycopg", ""), application_name=APPLICATION_NAME, autocommit=True
    ) as helper:
        seen = kingston("doctor", "--json", portal=portal)
        assert seen.code == 1
        assert {finding["code"] for finding in seen.json["findings"]} == {*PLANTED, "stale_session"}
        assert {finding["fix"] for finding in seen.json["findings"]} == {"kingston doctor --fix"}
        tried = kingston("doctor", "--fix", "--dry-run", "--json", portal=portal)
        assert (tried.code, tried.json["data"]["found"]) == (1, seen.json["data"]["found"])
        refused = kingston("doctor", "--fix", portal=portal)
        assert (refused.code, "no terminal to ask on" in refused.err) == (2, True)
        fixed = kingston("doctor", "--fix", "--yes", "--json", portal=portal)
        with pytest.raises(psycopg.OperationalError):
            helper.execute("SELECT 1")
    assert fixed.code == 0, fixed.json["findings"]
    repaired = fixed.json["data"]["repaired"]
    assert len(repaired) == len(seen.json["findings"]) == len(fixed.err.splitlines())
    assert portal.all(
        "SELECT operation, settled FROM kingston.step_journal WHERE direction = 'repair' ORDER BY step"
    ) == [(f"doctor {repair['code']}", repair["done"]) for repair in repaired]
    assert portal.one("SELECT command, outcome FROM kingston.runner ORDER BY since DESC LIMIT 1") == (
        "doctor --fix",
        "verified",
    )
    portal.run("ALTER TABLE profiles DROP CONSTRAINT theirs; DROP MATERIALIZED VIEW theirs")
    healed(portal)
    assert state(portal) == whole


def test_what_a_person_has_to_decide_is_named_with_the_next_command(newest_portal_at):
    portal = newest_portal_at("phase_5", seed=True)
    portal.run(
        "CREATE TABLE theirs (id int PRIMARY KEY, n int, group_id bigint); INSERT INTO theirs VALUES (7, 1, -1), (8, 1, NULL);"
        " ALTER TABLE theirs ADD CONSTRAINT positive CHECK (id > 7) NOT VALID, ADD CONSTRAINT grouped FOREIGN KEY (group_id)"
        " REFERENCES client_groups (id) NOT VALID; ALTER TABLE client_liquidity_customization SET UNLOGGED;"
        " DROP TRIGGER client_actions_touch ON client_actions"
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        portal.run("CREATE UNIQUE INDEX CONCURRENTLY theirs_n ON theirs (n)")
    report = doctor.run(portal.url, fix=True)
    assert report.repaired == ()
    left = {found.object: found for found in report.left}
    assert left["constraint theirs.positive"].message.endswith("1 row breaks it: 7")
    assert left["constraint theirs.grouped"].message.endswith("1 row breaks it: 7")
    assert left["index theirs_n"].message.endswith("1 value occurs more than once")
    for name in ("constraint theirs.positive", "constraint theirs.grouped", "index theirs_n"):
        assert len(portal.all(left[name].fix.partition(";")[0])) == 1
    assert left["trigger client_actions_touch on client_actions"].fix == "kingston drift --sql"
    portal.run("UPDATE theirs SET id = id + 2, n = id, group_id = NULL")
    assert "table client_liquidity_customization" in left
    portal.run(left["table client_liquidity_customization"].fix.partition(";")[0])
    report = doctor.run(portal.url, fix=True)
    assert {repair.object for repair in report.repaired} == {
        "constraint theirs.positive", "constraint theirs.grouped", "index theirs_n"
    }  # fmt: skip
    assert [found.code for found in report.left] == ["drift"]


def test_a_half_restored_archive_goes_back_where_nothing_newer_stands(newest_portal_at):
    """A table that is in both places, and values whose column is there already."""
    portal = newest_portal_at("head", seed=True)
    fill(portal)
    portal.run("UPDATE product_owners SET date_signed_tc = date '2020-01-01' + id::integer")
    whole = state(portal)
    portal.run(
        "CREATE TABLE kingston_archive.client_actions AS TABLE client_actions;"
        " INSERT INTO kingston.archive_entry (revision, movement, table_name, archive_name)"
        " VALUES ('phase_2_objectives_actions', 'archived', 'client_actions', 'client_actions')"
    )
    portal.run(
        "SET session_replication_role = replica; DELETE FROM client_actions WHERE id % 2 = 0; RESET ALL"
    )
    portal.run(
        "SET search_path = public; CREATE TABLE kingston_archive.product_owners__phase_2_product_owners AS"
        " SELECT id, date_signed_tc, NULL::timestamptz AS quarantined_at, NULL::text AS reason FROM product_owners WHERE id < 6;"
        " INSERT INTO kingston.archive_entry (revision, movement, table_name, archive_name, columns) VALUES"
        " ('phase_2_product_owners', 'archived', 'product_owners', 'product_owners__phase_2_product_owners', '{date_signed_tc}');"
        " UPDATE product_owners SET date_signed_tc = CASE WHEN id = 1 THEN date '2024-02-03' END WHERE id < 6"
    )
    lost = portal.one("SELECT count(*) FROM kingston_archive.client_actions WHERE id % 2 = 0")
    assert lost > 0
    found = doctor.run(portal.url).found
    assert [(f.code, f.object) for f in found] == [
        ("half_restored", "table client_actions"),
        ("half_restored", "table product_owners"),
    ]
    actions, owners = healed(portal).repaired
    assert actions.done.startswith(f"{lost} row")
    assert owners.done.startswith("4 rows went back, 1 stay")
    assert all("in quarantine" in repair.done for repair in (actions, owners))
    assert state(portal)[1]["client_actions"] == whole[1]["client_actions"]
    signed = portal.all("SELECT date_signed_tc::text FROM product_owners WHERE id < 4 ORDER BY id")
    assert signed == ["2024-02-03", "2020-01-03", "2020-01-04"]


def old_snapshot(portal, table):
    """A transaction that a concurrent build has to wait for."""
    old = psycopg.connect(portal.url.replace("+psycopg", ""), autocommit=True)
    old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM " + table)
    return old


def cut_off(portal, crasher, command, target, table):
    """Kill a run while it builds or drops an index, and wait until the server has noticed."""
    with old_snapshot(portal, table) as old:
        runner = crasher.start(portal.url, command, target)
        backend = until(portal, BUILDING)
        os.kill(runner, signal.SIGKILL)
        assert crasher.wait(runner).code == -signal.SIGKILL
        until(portal, f"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = {backend})")
        old.execute("COMMIT")


def test_a_wait_for_older_transactions_is_announced_and_bounded(newest_portal_at):
    """What REINDEX CONCURRENTLY leaves when it is cut off; then the doctor meets the same transaction."""
    portal = newest_portal_at("phase_1")
    name = portal.one("SELECT current_database()")
    with old_snapshot(portal, "profiles") as old:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            portal.connect(options="-c lock_timeout=300ms").execute(
                "REINDEX INDEX CONCURRENTLY profiles_pkey"
            )
        portal.run(f"ALTER DATABASE \"{name}\" SET kingston.snapshot_wait_seconds = '1.5'")
        said: list[str] = []
        (left,) = doctor.run(portal.url, fix=True, story=said.append).left
        assert (left.code, left.object) == ("invalid_index", "index profiles_pkey_ccnew")
        assert (
            f"waited too long for older transactions; in the way: pid {old.info.backend_pid} " in left.message
        )
        assert said[0].startswith(f"dropping profiles_pkey_ccnew waits for pid {old.info.backend_pid} ")
        old.execute("COMMIT")
    (repair,) = healed(portal).repaired
    assert repair.done == "dropped"


@pytest.mark.parametrize(
    ("first", "command", "target", "table", "done"),
    [("phase_2", "upgrade", "phase_3_ownership", "client_groups", "dropped"),
     ("phase_4_indexes", "downgrade", "phase_3", "networth_statements", "built again")],
)  # fmt: skip
def test_a_runner_killed_at_an_index(newest_portal_at, crasher, first, command, target, table, done):
    """The recorded revision decides whether the index is built again or dropped; then either way can be gone."""
    portal = newest_portal_at(first, seed=True)
    whole = state(portal)
    cut_off(portal, crasher, command, target, table)
    assert portal.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1
    found = doctor.run(portal.url)
    assert {"stale_runner", "unknown_outcome", "invalid_index"} <= set(codes(found))
    report = doctor.run(portal.url, fix=True)
    assert [r.done for r in report.repaired if r.code == "invalid_index"] == [done]
    assert portal.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert {left.code for left in report.left} <= {"interrupted"}
    back = "downgrade" if command == "upgrade" else "upgrade"
    assert crasher.run(portal.url, back, first).code == 0
    healed(portal)
    assert state(portal) == whole


def test_a_rollback_killed_while_it_copies(newest_portal_at, crasher):
    """The copies go; what else the rollback left is told, with the command for each way."""
    portal = newest_portal_at("phase_2_product_owners", seed=True)
    portal.run("UPDATE product_owners SET notes = 'kept' WHERE id % 2 = 0")
    whole = state(portal)
    ended = crasher.run(
        portal.url, "downgrade", "phase_1", fail_at="phase_2_product_owners:down:8:before:kill"
    )
    assert ended.code == -signal.SIGKILL
    assert portal.one("SELECT count(*) FROM pg_trigger WHERE tgname = 'kingston_copy'") == 1
    report = doctor.run(portal.url, fix=True)
    assert "leftover_copy" in {repair.code for repair in report.repaired}
    assert portal.one("SELECT count(*) FROM pg_trigger WHERE tgname = 'kingston_copy'") == 0
    (left,) = report.left
    assert (left.code, left.object) == ("interrupted", "phase_2_product_owners")
    assert "kingston upgrade phase_2_product_owners puts the portal back" in left.fix
    assert crasher.run(portal.url, "upgrade", "phase_2_product_owners").code == 0
    healed(portal)
    assert state(portal) == whole


def test_it_refuses_while_a_runner_is_alive(kingston, newest_portal_at, crasher, tmp_path):
    portal = newest_portal_at("pre_migration")
    pause = Path(tmp_path / "paused")
    run = crasher.start(
        portal.url, "upgrade", "phase_1", fail_at="phase_1:up:2:before:pause", fail_file=str(pause)
    )
    while not pause.exists():
        time.sleep(0.01)
    try:
        with pytest.raises(BusyError, match=f"process {run}"):
            doctor.run(portal.url)
        told = kingston("doctor", "--fix", "--json", portal=portal)
        assert (told.code, told.finding["code"]) == (4, "busy")
    finally:
        pause.unlink()
        assert crasher.wait(run).code == 0
    healed(portal)


@pytest.mark.parametrize("revision", ["legacy", "phase_3"])
def test_a_portal_that_arrived_without_its_control_schema(newest_portal_at, revision):
    """Restored from a dump of its own schema only, or never migrated."""
    portal = newest_portal_at(revision)
    portal.run("DROP SCHEMA IF EXISTS kingston CASCADE; DROP SCHEMA IF EXISTS kingston_archive CASCADE")
    assert doctor.run(portal.url).found == ()
    portal.run("ALTER TABLE profiles ADD CONSTRAINT theirs CHECK (id > 0) NOT VALID")
    portal.run("ALTER TABLE client_products DISABLE TRIGGER ALL")
    assert codes(doctor.run(portal.url)) == ["not_valid", "switched_off"]
    healed(portal)


def test_an_empty_schema_is_no_patient(kingston, newest_portal_at):
    assert kingston("doctor", "--json", portal=newest_portal_at("base")).code == 2

"""kingston status"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files

import pytest

from kingston_schema.cli import status as view
from kingston_schema.cli.render import console
from kingston_schema.errors import GateFailed
from kingston_schema.operations import status as operation


def test_empty_schema(kingston, newest_portal_at):
    status = kingston("status", "--json", portal=newest_portal_at("base"))
    assert status.code == 0
    data = status.json["data"]
    assert (data["revision"], data["phase"], data["tables"]) == (None, None, 0)
    assert data["next"].startswith("kingston upgrade legacy")


def test_phase_1_portal(kingston, portal_at, server):
    status = kingston("status", "--json", portal=portal_at("legacy"))
    data = status.json["data"]
    assert (data["revision"], data["phase"], data["tables"]) == ("legacy", "legacy", 22)
    assert data["server"].split(".")[0] == server.name
    assert data["pending"] == data["applied"] + data["pending"] - 1
    assert data["next"].startswith("kingston upgrade applies")


def test_part_of_the_way(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.alembic("upgrade", "phase_1")
    data = kingston("status", "--json", portal=portal).json["data"]
    assert (data["revision"], data["phase"]) == ("phase_1", "phase_1")
    phases = {phase["name"]: phase for phase in data["phases"]}
    assert phases["pre_migration"]["applied"] == phases["pre_migration"]["revisions"] == 3
    assert phases["pre_migration"]["finished_at"]
    assert phases["phase_2"]["applied"] == 0
    assert data["last_run"]["status"] == "completed"


def test_for_people(kingston, newest_portal_at):
    out = kingston("status", portal=newest_portal_at("legacy")).out
    assert "phase          legacy" in out
    assert "next: kingston upgrade applies" in out
    assert not [line for line in out.splitlines() if line != line.rstrip()]


def test_counts_archived_rows(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.alembic("upgrade", "phase_1")
    kept = portal.one("SELECT count(*) FROM migration_log") + portal.one(
        "SELECT count(*) FROM migration_control"
    )
    portal.alembic("downgrade", "legacy")
    data = kingston("status", "--json", portal=portal).json["data"]
    assert data["archived_rows"] >= kept
    assert data["quarantined_rows"] == 0


def test_changes_nothing(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    before = portal.one("SELECT pg_current_wal_insert_lsn()")
    kingston("status", portal=portal)
    assert portal.one("SELECT pg_current_xact_id_if_assigned()") is None
    written = portal.one("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", before)
    assert written < 100_000  # background work of the server only; no table of ours was written


def test_after_a_failed_run_it_names_the_revision(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("COMMENT ON TABLE alembic_version IS NULL")  # production, and empty: the gate refuses
    assert kingston("upgrade", "--yes", "--skip-checks", "a test", portal=portal).code == 5
    data = kingston("status", "--json", portal=portal).json["data"]
    assert data["last_run"]["status"] == "failed"
    assert data["next"].startswith("kingston upgrade continues; it stopped at pre_migration")


def test_portal_in_another_schema(kingston, newest_portal_at):
    portal = newest_portal_at("base")
    assert kingston("upgrade", "legacy", "--yes", "--schema", "firm_a", portal=portal).code == 0
    data = kingston("status", "--schema", "firm_a", "--json", portal=portal).json["data"]
    assert (data["schema"], data["revision"]) == ("firm_a", "legacy")
    assert "--schema firm_a" in data["next"]
    assert kingston("status", "--json", portal=portal).json["data"]["revision"] is None


def test_gates_overrides_checkpoints_and_runs_are_on_record(kingston, newest_portal_at, tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path))
    portal = newest_portal_at("pre_migration_roles")
    assert kingston("checkpoint", "create", "--name", "one", portal=portal).code == 0
    portal.run(
        "INSERT INTO rollback_checkpoints (checkpoint_name, phase, backup_location, created_at)"
        " VALUES ('elsewhere', 'legacy', '/mnt/backup', now() - interval '1 day')"
    )
    portal.run("UPDATE kingston.portal SET origin = 'production'")
    with pytest.raises(GateFailed):
        portal.alembic("upgrade", "pre_migration")
    failed = portal.all("SELECT DISTINCT check_name FROM kingston.gate_result WHERE outcome = 'failed'")
    data = kingston("status", "--json", portal=portal).json["data"]
    assert sorted(data["gates"][-1]["failed"]) == sorted(failed)
    assert data["runs"][0]["outcome"] == "refused"
    monkeypatch.setenv("KINGSTON_ACTOR", "Ada Lovelace")
    portal.alembic("upgrade", "pre_migration", allow=[f"{check}:an empty copy" for check in failed])
    data = kingston("status", "--json", portal=portal).json["data"]
    gate = data["gates"][-1]
    assert (gate["phase"], gate["by"], gate["failed"]) == ("pre_migration", "Ada Lovelace", [])
    assert sorted(gate["allowed"]) == sorted(failed) == sorted(o["check"] for o in data["overrides"])
    assert {(o["reason"], o["by"], o["phase"]) for o in data["overrides"]} == {
        ("an empty copy", "Ada Lovelace", "pre_migration")
    }
    assert [(c["name"], c["state"], c["here"]) for c in data["checkpoints"]] == [
        ("one", "not proven", True),
        ("elsewhere", "pending", False),
    ]
    assert [(r["event"], r["outcome"]) for r in data["runs"][:3]] == [
        ("upgrade", "done"), ("upgrade", "refused"), ("checkpoint create", "done"),
    ]  # fmt: skip
    assert data["runs"][0]["seconds"] > 0
    assert data["running"] is None
    out = kingston("status", portal=portal).out
    for said in ("Ada Lovelace", "an empty copy", "/mnt/backup", f"{len(failed)} passed over", "upgrade pre_migration"):
        assert said in out


def _step(revision_file: str, named: str) -> int:
    """Number of the step that does the backfill ``named``, as the lock traces list them."""
    text = (files("kingston_schema") / "catalog" / "locks" / revision_file).read_text()
    steps = json.loads(text)["small"]["up"]
    return next(i for i, s in enumerate(steps, 1) if (s["operation"], s["object"]) == ("backfill", named))


def test_a_run_at_work_is_shown_with_its_step_its_progress_and_what_it_waits_for(
    kingston, newest_portal_at, crasher, tmp_path, request
):
    portal, pause = newest_portal_at("phase_2", seed=True), tmp_path / "paused"
    portal.run("INSERT INTO client_products (product_name) SELECT 'many' FROM generate_series(1, 2000)")  # goes in batches
    step = _step("0300_phase_3_ownership.json", "fill_ownership")
    run = crasher.start(
        portal.url, "upgrade", "phase_3_ownership",
        fail_at=f"phase_3_ownership:up:{step}:before:pause", fail_file=str(pause),
    )  # fmt: skip
    until = time.monotonic() + 60
    while not pause.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    held = kingston("status", "--json", portal=portal).json["data"]
    running = held["running"]
    assert (running["pid"], running["command"], running["revision"], running["direction"], running["step"]) == (
        run, "upgrade phase_3_ownership", "phase_3_ownership", "up", step,
    )  # fmt: skip
    assert running["operation"] == "backfill fill_ownership"
    assert held["runs"][0]["outcome"] == "running"
    assert held["next"].startswith("kingston status --watch")
    holder = portal.connect()
    holder.execute("BEGIN")
    holder.execute("SELECT id FROM client_products ORDER BY id LIMIT 1 FOR UPDATE")
    pause.unlink()
    watching = subprocess.Popen(
        [sys.executable, "-c", "from kingston_schema.cli.app import main; raise SystemExit(main())",
         "status", "--watch", "--interval", "0.1", "--url", portal.url],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    request.addfinalizer(watching.communicate)
    assert watching.stdout is not None
    seen = ""
    until = time.monotonic() + 60
    while "fill_ownership: 2,099 of 2,100 rows (99 %)" not in seen:
        seen = watching.stdout.readline()
        assert seen, "the watch goes on until it is interrupted"
        assert time.monotonic() < until, seen
    assert "running: upgrade phase_3_ownership by " in seen
    report = operation.run(portal.url)
    movement = report.running.movement
    assert (movement.step, movement.done, movement.total) == ("fill_ownership", 2099, 2100)
    assert movement.rate > 0
    assert abs(movement.left - 1 / movement.rate) <= 0.1
    until = time.monotonic() + 60
    while (found := operation.run(portal.url, None, report).running).waits_for is None:
        assert time.monotonic() < until
    assert f"pid {holder.info.backend_pid} " in found.waits_for
    shown = console(sys.stdout)
    with shown.capture() as captured:
        shown.print(*view.shown(operation.run(portal.url)))
    assert "2,099 of 2,100 rows (99 %)" in captured.get()
    holder.execute("COMMIT")
    assert crasher.wait(run).code == 0
    while "nothing is running" not in seen:
        seen = watching.stdout.readline()
        assert seen
    watching.send_signal(signal.SIGINT)
    assert watching.wait(30) == 0


def test_a_crash_is_told_and_how_to_go_on(kingston, newest_portal_at, crasher):
    portal = newest_portal_at("pre_migration")
    crasher.run(portal.url, "upgrade", "phase_1", fail_at="phase_1:up:commit:before:kill")
    data = kingston("status", "--json", portal=portal).json["data"]
    assert data["running"] is None
    assert data["runs"][0]["outcome"] == "crashed"
    assert data["next"].startswith("kingston doctor says what became of phase_1")


def test_watching_is_for_people(kingston):
    told = kingston("status", "--watch", "--json", portal="postgresql://nobody@127.0.0.1:1/none")
    assert told.code == 2
    assert "one document" in told.json["findings"][0]["message"]
    assert kingston("status", "--watch", portal="postgresql://nobody@127.0.0.1:1/none").code == 4
    assert kingston("status", "--interval", "0").code == 2

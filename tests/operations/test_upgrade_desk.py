"""kingston upgrade as the release engineer uses it: checks, checkpoint, question, Ctrl-C, proof"""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from kingston_schema.operations import checkpoint
from kingston_schema.operations.verify import final

PRODUCTION = "COMMENT ON TABLE alembic_version IS NULL"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path / "checkpoints"))


def at(portal) -> str | None:
    return portal.one("SELECT version_num FROM alembic_version")


def test_failing_critical_checks_stop_production_before_anything_changes(kingston, newest_portal_at):
    portal = newest_portal_at("legacy", seed=True)
    portal.run(PRODUCTION)
    portal.run("ALTER TABLE client_groups ADD CONSTRAINT planted CHECK (id > 0) NOT VALID")
    shown = kingston("upgrade", "+1", "--dry-run", portal=portal)
    assert shown.code == 0
    assert "it would be refused:" in shown.out
    refused = kingston("upgrade", "+1", "--yes", "--json", portal=portal)
    assert refused.code == 3
    found = {finding["object"]: finding for finding in refused.json["findings"]}
    assert found.keys() >= {"backup_proven", "nothing_invalid"}
    assert found["nothing_invalid"]["message"] == "nothing_invalid: constraint planted"
    assert "2 critical checks failed; nothing was changed" in refused.err or len(found) > 2
    assert "--skip-checks" in refused.err
    assert at(portal) == "legacy"
    assert portal.one("SELECT to_regclass('kingston.journal')") is None
    assert kingston("upgrade", "+1", "--yes", "--skip-checks", " ", portal=portal).code == 2
    done = kingston("upgrade", "+1", "--yes", "--skip-checks", "ticket 4711", portal=portal)
    assert done.code == 0, done.err
    assert "backup_proven: no restore was ever proven (skipped: ticket 4711)" in done.err
    recorded = portal.all(
        "SELECT check_name FROM kingston.gate_result WHERE phase = 'checks' AND outcome = 'allowed' AND reason = 'ticket 4711'"
    )
    assert set(recorded) == set(found)


def test_a_new_installation_is_not_asked_for_a_backup(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("ALTER TABLE client_groups ADD CONSTRAINT planted CHECK (id > 0) NOT VALID")
    assert kingston("upgrade", "+1", "--yes", portal=portal).code == 0
    assert portal.one("SELECT count(*) FROM kingston.gate_result") == 0


def test_with_a_checkpoint_made_and_proven_first(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run(PRODUCTION)
    done = kingston(
        "upgrade", "+1", "--yes", "--checkpoint", "--skip-checks", "a small machine", portal=portal
    )
    assert done.code == 0, done.err
    assert "its restore is proven" in done.err
    (made,) = checkpoint.listing()
    assert (made.state, made.revision) == ("proven", "legacy")
    assert "backup_proven" not in portal.all("SELECT check_name FROM kingston.gate_result")


def test_at_head_it_is_verified_and_a_difference_is_said(kingston, newest_portal_at):
    portal = newest_portal_at("phase_6_monitoring", seed=True)
    portal.run("ALTER TABLE global_actions DISABLE TRIGGER history_insert")
    portal.run("INSERT INTO global_actions (action_name, created_by) SELECT 'x', min(id) FROM profiles")
    portal.run("ALTER TABLE global_actions ENABLE ALWAYS TRIGGER history_insert")
    differs = kingston("upgrade", "--yes", portal=portal)
    assert differs.code == 1
    assert "DIFFERS  history_present  1 of 1 rows in nine tables have no history" in differs.out
    assert differs.out.splitlines()[-1].endswith("NOT as it should be; next: kingston verify")
    portal.run("DELETE FROM global_actions")
    kingston("rollback", "-1", "--yes", portal=portal)
    done = kingston("upgrade", "--yes", portal=portal)
    assert done.code == 0, done.err
    assert "phase_6 verified: 11 of 11 checks passed in " in done.out


def process(portal, *arguments: str, **options):
    environment = os.environ | {"DATABASE_URL": portal.url}
    code = "import sys; from kingston_schema.cli.app import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, **options)


def test_ctrl_c_in_the_middle_of_a_revision(newest_portal_at):
    portal = newest_portal_at("phase_1", seed=True)
    holder = portal.connect()
    holder.execute("BEGIN")
    holder.execute("LOCK TABLE product_owners IN ACCESS SHARE MODE")
    run = process(
        portal, "upgrade", "phase_2_product_owners", "--yes",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    begun = "SELECT count(*) FROM kingston.journal WHERE revision = 'phase_2_product_owners' AND status = 'started'"
    while not portal.one(begun) and run.poll() is None:
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 5, (out, err)
    assert "interrupted at phase_2_product_owners; 0 of 1 revisions are done" in err
    assert "next: kingston upgrade phase_2_product_owners" in err
    holder.execute("ROLLBACK")
    assert at(portal) == "phase_1"
    again = process(portal, "upgrade", "phase_2_product_owners", "--yes")
    assert again.wait(60) == 0
    assert [o.name for o in final.run(portal.url).failed] == []


def test_ctrl_c_at_the_question(newest_portal_at):
    portal = newest_portal_at("legacy")
    controller, terminal = pty.openpty()
    run = process(
        portal, "upgrade", "+1", stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    )
    os.close(terminal)
    said = ""
    while "[y/N]" not in said:
        said += os.read(controller, 4096).decode()
    os.kill(run.pid, signal.SIGINT)
    while True:
        try:
            said += os.read(controller, 4096).decode()
        except OSError:  # the other end is closed
            break
    assert run.wait(60) == 5, said
    assert "interrupted at the question; nothing was changed" in said
    assert "kingston upgrade asks again" in said
    assert "pre_migration_control" in said  # the plan is shown before the question
    os.close(controller)
    assert at(portal) == "legacy"

"""kingston checkpoint"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from kingston_schema import db
from kingston_schema.backup import manifest, scratch
from kingston_schema.catalog import contents


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path / "checkpoints"))
    return tmp_path / "checkpoints"


def databases(portal) -> set[str]:
    return set(portal.all("SELECT datname FROM pg_database"))


def test_it_is_made_proven_listed_and_dropped(kingston, portal_at, folder):
    portal = portal_at("phase_3", seed=True)
    before = databases(portal)
    made = kingston("checkpoint", "create", "--name", "one", "--json", portal=portal)
    assert made.code == 0
    held = made.json["data"]["checkpoint"]
    assert held["state"] == "not proven"
    assert held["rows"] > 10_000
    assert held["revision"] == "phase_3"
    assert (folder / "one").stat().st_mode & 0o077 == 0
    told = kingston("checkpoint", "verify", "one", portal=portal)
    assert told.code == 0
    assert told.out.startswith("proven: restored and compared")
    assert databases(portal) == before
    state = "SELECT validation_status, is_active, validated_at IS NOT NULL FROM rollback_checkpoints WHERE checkpoint_name = 'one'"
    assert portal.one(state) == ("valid", True, True)
    assert kingston("checkpoint", "list", "--json").json["data"]["checkpoints"][0]["state"] == "proven"
    assert kingston("checkpoint", "drop", "one", "--yes", portal=portal).code == 0
    assert portal.one(state)[:2] == ("expired", False)
    assert not (folder / "one").exists()
    told = kingston("history", "--json", "--limit", "3", portal=portal).json["data"]["entries"]
    assert [(e["event"], e["subject"], e["outcome"]) for e in told] == [
        ("checkpoint drop", "one", "done"), ("checkpoint verify", "one", "proven"), ("checkpoint create", "one", "done"),
    ]  # fmt: skip


def test_the_gates_know_a_proven_restore(kingston, newest_portal_at, folder):
    portal = newest_portal_at("pre_migration_control", seed=True)
    assert kingston("checkpoint", "create", "--name", "one", portal=portal).code == 0
    assert kingston("checkpoint", "verify", "one", portal=portal).code == 0
    portal.alembic("upgrade", "pre_migration")
    found = portal.one("SELECT outcome, found FROM kingston.gate_result WHERE check_name = 'proven_restore'")
    assert found[0] == "passed"
    assert "one" in found[1]


def damage(folder, how: str) -> str:
    """Damage the largest file of the dump; its name."""
    path = max((folder / "one" / "dump").glob("*.dat.gz"), key=lambda p: p.stat().st_size)
    data = bytearray(path.read_bytes())
    if how == "flipped byte":
        data[len(data) // 2] ^= 1
    elif how == "truncated":
        data = data[: len(data) // 2]
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(data)
    return path.name


@pytest.mark.parametrize("how", ["flipped byte", "truncated", "missing"])
def test_damage_is_found_and_named(kingston, newest_portal_at, folder, how):
    portal = newest_portal_at("phase_1", seed=True)
    kingston("checkpoint", "create", "--name", "one", portal=portal)
    name = damage(folder, how)
    told = kingston("checkpoint", "verify", "one", "--json", portal=portal)
    assert told.code == 1
    assert name in told.finding["message"]
    assert portal.one("SELECT validation_status FROM rollback_checkpoints") == "invalid"
    before = databases(portal)
    assert kingston("checkpoint", "restore", "one", "--yes", portal=portal).code == 3
    assert databases(portal) == before


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (lambda held: held["contents"]["public.client_groups"].update(rows=12), "public.client_groups holds 13 rows instead of 12"),
        (lambda held: held["contents"]["public.profiles"].update(checksum="1"), "public.profiles holds other values"),
        (lambda held: held["contents"]["public.client_groups_id_seq"].update(checksum="99 true"), "client_groups_id_seq"),
        (lambda held: held["fingerprints"]["public"].popitem(), "added: "),
    ],
    ids=["rows", "values", "sequence", "object"],
)  # fmt: skip
def test_a_restore_that_differs_from_the_manifest_is_no_proof(kingston, newest_portal_at, folder, lie, said):
    """The files are whole; what they give differs from what was counted."""
    portal = newest_portal_at("legacy", seed=True)
    kingston("checkpoint", "create", "--name", "one", portal=portal)
    path = folder / "one" / manifest.FILE
    held = json.loads(path.read_text())
    lie(held)
    path.write_text(json.dumps(held))
    told = kingston("checkpoint", "verify", "one", "--json", portal=portal)
    assert told.code == 1
    assert any(said in finding["message"] for finding in told.json["findings"])


def test_E228_restoring_takes_the_place_of_the_database_and_keeps_the_old_one(kingston, portal_at, folder):
    portal = portal_at("phase_2", seed=True)
    name = db.parse(portal.url).database
    portal.run(f"ALTER DATABASE \"{name}\" SET work_mem = '5MB'")
    portal.run(f"COMMENT ON DATABASE \"{name}\" IS 'the portal'")
    held = contents.read(portal.url, ["public", "kingston", "kingston_archive"])
    recorded = portal.one("SELECT max(id) FROM kingston.event_log")
    kingston("checkpoint", "create", "--name", "one", portal=portal)
    portal.run("DELETE FROM client_groups")
    portal.alembic("upgrade", "phase_3")
    told = kingston("checkpoint", "restore", "one", "--yes", "--json", portal=portal)
    assert told.code == 0, told.err
    kept = told.json["data"]["kept_as"]
    try:
        now = contents.read(portal.url, ["public", "kingston", "kingston_archive"])
        assert [line for line in contents.differences(held, now) if "kingston.event_log" not in line] == []
        portal.close()
        portal._open.clear()
        assert portal.one("SHOW work_mem") == "5MB"
        events = "SELECT event || ' ' || stage FROM kingston.event_log WHERE id > %s AND event !~ '^(up|gate)$' ORDER BY id"
        assert portal.all(events, recorded) == [
            "checkpoint create begun", "checkpoint create ended", "upgrade begun", "upgrade ended",
            "checkpoint restore begun", "checkpoint restore ended",
        ]  # fmt: skip
        assert kingston("history", "--verify", portal=portal).code == 0
        assert (
            portal.one(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
            )
            == "the portal"
        )
        with db.connect(scratch.beside(portal.url, kept)) as old:
            assert old.execute("SELECT version_num FROM alembic_version").fetchone() == ("phase_3",)
            assert old.execute("SELECT count(*) FROM client_groups").fetchone() == (0,)
    finally:
        portal.close()
        portal._open.clear()
        portal.run(f'DROP DATABASE "{kept}" WITH (FORCE)')


def test_other_schemas_are_not_lost_in_silence(kingston, newest_portal_at, folder):
    portal = newest_portal_at("legacy", seed=True)
    kingston("checkpoint", "create", "--name", "one", portal=portal)
    portal.run("CREATE SCHEMA other")
    portal.run("CREATE TABLE other.things ()")
    told = kingston("checkpoint", "restore", "one", "--yes", "--json", portal=portal)
    assert told.code == 3
    assert "other schemas with tables, which the checkpoint has not: other" in told.finding["message"]


def test_a_second_portal_in_the_database_has_checkpoints_of_its_own(kingston, newest_portal_at, folder):
    portal = newest_portal_at("base")
    for schema in ("firm_a", "firm_b"):
        assert kingston("--schema", schema, "upgrade", "phase_1", "--yes", portal=portal).code == 0
    assert kingston("--schema", "firm_a", "checkpoint", "create", "--name", "a", portal=portal).code == 0
    held = manifest.read(folder / "a")
    assert held.schemas == ("firm_a", "firm_a_kingston", "firm_a_kingston_archive")
    assert kingston("--schema", "firm_a", "checkpoint", "verify", "a", portal=portal).code == 0
    wrong = kingston("--schema", "firm_b", "checkpoint", "restore", "a", "--yes", "--json", portal=portal)
    assert wrong.code == 3
    assert "is of schema firm_a" in wrong.finding["message"]


def test_a_physical_one_is_verified_by_postgresqls_own_tool(kingston, newest_portal_at, folder):
    portal = newest_portal_at("legacy")
    assert kingston("checkpoint", "create", "--name", "whole", "--physical", portal=portal).code == 0
    assert kingston("checkpoint", "verify", "whole", portal=portal).code == 0
    assert kingston("checkpoint", "restore", "whole", "--yes", portal=portal).code == 3
    path = folder / "whole" / "base" / "global" / "pg_control"
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    told = kingston("checkpoint", "verify", "whole", "--json", portal=portal)
    assert told.code == 1
    assert "pg_control" in told.finding["message"]


def test_what_is_written_while_it_is_made_is_in_neither_side(kingston, newest_portal_at, folder, monkeypatch):
    """Counts and dump come from one snapshot: rows of a writer at work do not make it unprovable."""
    portal = newest_portal_at("legacy", seed=True)
    original = contents.read

    def read(*arguments, **named):
        found = original(*arguments, **named)
        portal.run("INSERT INTO client_groups (name) VALUES ('written between counting and dumping')")
        return found

    monkeypatch.setattr(contents, "read", read)
    assert kingston("checkpoint", "create", "--name", "one", portal=portal).code == 0
    monkeypatch.setattr(contents, "read", original)
    assert kingston("checkpoint", "verify", "one", portal=portal).code == 0


def test_an_interrupt_leaves_nothing_half_made(newest_portal_at, folder):
    portal = newest_portal_at("phase_1", seed=True)
    before = databases(portal)
    environment = {**os.environ, "DATABASE_URL": portal.url}
    kingston = [
        sys.executable,
        "-c",
        "import sys; from kingston_schema.cli.app import main; sys.exit(main())",
        "checkpoint",
    ]
    blocker = portal.connect()
    blocker.execute("BEGIN")
    blocker.execute("LOCK TABLE profiles IN ACCESS EXCLUSIVE MODE")
    running = subprocess.Popen(
        [*kingston, "create", "--name", "one"], env=environment, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 20
    while not (folder / "one.unfinished").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=20)[1]
    blocker.execute("ROLLBACK")
    assert running.returncode == 5, said
    assert list(folder.iterdir()) == []
    assert databases(portal) == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["create", "--name", "../x"], 2, "cannot name a checkpoint"),
        (["verify", "nothing"], 2, 'there is no checkpoint "nothing"'),
        (["restore", "nothing", "--yes"], 2, 'there is no checkpoint "nothing"'),
        (["drop", "../..", "--yes"], 2, "there is no checkpoint"),
    ],
)
def test_bad_input_is_told(kingston, newest_portal_at, folder, arguments, code, said):
    told = kingston("checkpoint", *arguments, "--json", portal=newest_portal_at("legacy"))
    assert told.code == code
    assert said in told.finding["message"]


def test_a_name_that_is_taken_and_a_role_that_may_not(kingston, newest_portal_at, folder):
    portal = newest_portal_at("legacy")
    assert kingston("checkpoint", "create", "--name", "one", portal=portal).code == 0
    assert (
        "is there already"
        in kingston("checkpoint", "create", "--name", "one", "--json", portal=portal).finding["message"]
    )
    portal.run("DROP ROLE IF EXISTS nosey")
    portal.run("CREATE ROLE nosey LOGIN")
    try:
        url = portal.url.replace("//postgres@", "//nosey@")
        told = kingston("checkpoint", "create", "--name", "two", "--json", portal=url)
        assert told.code == 3
        assert "missing privilege" in told.finding["message"]
        assert not (folder / "two").exists()
    finally:
        portal.run("DROP ROLE nosey")


@pytest.mark.parametrize("what", ["create", "restore", "drop"])
def test_a_dry_run_does_nothing(kingston, newest_portal_at, folder, what):
    portal = newest_portal_at("legacy")
    kingston("checkpoint", "create", "--name", "one", portal=portal)
    before = databases(portal), sorted(p.name for p in folder.iterdir())
    told = kingston("checkpoint", what, *([] if what == "create" else ["one"]), "--dry-run", portal=portal)
    assert told.code == 0
    assert "nothing was done" in told.out
    assert (databases(portal), sorted(p.name for p in folder.iterdir())) == before

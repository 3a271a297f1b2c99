"""kingston history"""

from __future__ import annotations

import shutil

import pytest
from alembic import command

from kingston_schema import settings
from kingston_schema.operations.history import texts
from portals import alembic_config

SWITCH = "ALTER TABLE kingston.event_log {} TRIGGER event_log_append_only"


def tamper(portal, statement: str) -> None:
    """What only the owner can do, and only on purpose."""
    portal.run(SWITCH.format("DISABLE"))
    portal.run(statement)
    portal.run(SWITCH.format("ENABLE ALWAYS"))


def test_it_lists_who_did_what_newest_first(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    assert kingston("upgrade", "pre_migration", "--yes", "--actor", "Ada Lovelace", portal=portal).code == 0
    told = kingston("history", "--json", portal=portal).json["data"]
    assert [(e["event"], e["subject"], e["outcome"]) for e in told["entries"]] == [
        ("upgrade", "pre_migration", "done"),
        ("upgrade", "legacy", "done"),
    ]
    newest = told["entries"][0]
    assert (newest["number"], newest["hash"]) == (told["events"], told["head"])
    assert (newest["actor"], newest["role"], newest["revision"]) == ("Ada Lovelace", "postgres", "pre_migration")
    assert newest["seconds"] > 0
    assert newest["started_at"] < newest["ended_at"]
    steps = kingston("history", "--steps", "--limit", "0", "--json", portal=portal).json["data"]
    assert {"up", "gate"} < {e["event"] for e in steps["entries"]}
    assert max(e["files"] for e in steps["entries"]) > 20
    assert len(steps["entries"]) == len(told["entries"]) + told["hidden"]
    out = kingston("history", "--limit", "1", portal=portal).out
    assert "Ada Lovelace (postgres)" in out
    assert told["head"] in out
    assert "not shown: --steps, --limit 0" in out


def test_nothing_recorded_yet(kingston, newest_portal_at):
    portal = newest_portal_at("base")
    assert "nothing has been recorded here yet" in kingston("history", portal=portal).out
    assert kingston("history", "--verify", portal=portal).code == 0
    assert kingston("history", "--verify", "--head", "0" * 64, portal=portal).code == 1


@pytest.mark.parametrize(("arguments", "said"), [
    (("--head", "1" * 64), "--head is compared by --verify"),
    (("--verify", "--head", "head"), "12 to 64 hexadecimal digits"),
    (("--limit", "-1"), "--limit"),
])  # fmt: skip
def test_bad_input(kingston, newest_portal_at, arguments, said):
    told = kingston("history", *arguments, portal="postgresql://nobody@127.0.0.1:1/none")
    assert told.code == 2
    assert said in told.err


def test_verify_names_the_first_event_that_is_not_as_it_was(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    head = portal.one("SELECT hash FROM kingston.event_log ORDER BY id DESC LIMIT 1")
    whole = kingston("history", "--verify", "--head", head, portal=portal)
    assert whole.code == 0
    assert "the hash noted before is in it, 0 events ago" in whole.out
    assert "files of applied revisions are as they were when they ran" in whole.out
    portal.run("CREATE TABLE kept AS SELECT * FROM kingston.event_log")

    def finding(statement: str, *more: str) -> tuple[str, str]:
        tamper(portal, statement)
        told = kingston("history", "--verify", "--json", *more, portal=portal)
        assert told.code == 1
        found = told.json["findings"][0]
        tamper(portal, "TRUNCATE kingston.event_log; INSERT INTO kingston.event_log SELECT * FROM kept")
        return found["code"], found["object"]

    log = "kingston.event_log"
    assert finding(f"UPDATE {log} SET actor = 'somebody else' WHERE id = 3") == ("event_edited", "3")
    assert finding(f"DELETE FROM {log} WHERE id = 3") == ("event_missing", "3")
    assert finding(f"DELETE FROM {log} WHERE id = 1") == ("event_missing", "1")
    assert finding(f"DELETE FROM {log} WHERE id > 4", "--head", head) == ("head", head)
    rewritten = f"UPDATE {log} AS e SET detail = 'x' WHERE id = 3; UPDATE {log} AS e SET hash = kingston.event_hash(e) WHERE id = 3"
    assert finding(rewritten) == ("event_edited", "3")
    inserted = f"INSERT INTO {log} SELECT (jsonb_populate_record(e, jsonb_build_object('id', e.id + 1, 'previous', 'x'))).* FROM {log} AS e"
    assert finding(f"{inserted} ORDER BY id DESC LIMIT 1")[0] == "event_inserted"
    assert kingston("history", "--verify", portal=portal).code == 0


def test_verify_notices_a_guard_that_is_switched_off_or_exchanged(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run(SWITCH.format("DISABLE"))
    portal.run("CREATE OR REPLACE FUNCTION kingston.event_hash(e kingston.event_log) RETURNS text LANGUAGE sql AS 'SELECT e.hash'")
    told = kingston("history", "--verify", "--json", portal=portal)
    assert told.code == 1
    assert [(f["code"], f["object"]) for f in told.json["findings"]] == [
        ("guard", "event_log_append_only"),
        ("guard", "event_hash"),
    ]
    portal.run(SWITCH.format("ENABLE"))
    assert "is switched off" in kingston("history", "--verify", portal=portal).out  # ENABLE alone yields to replica
    portal.run("DROP TABLE kingston.event_log CASCADE")
    assert kingston("history", "--verify", portal=portal).code == 0  # as before the first run


def test_verify_names_a_revision_file_that_was_edited_since_it_ran(kingston, newest_portal_at, tmp_path, monkeypatch):
    portal = newest_portal_at("legacy")
    history = tmp_path / "alembic"
    shutil.copytree(settings.history_folder(), history)
    edited = history / "sql" / "record_run" / "0010.sql"
    edited.write_text(edited.read_text() + "-- a word more\n")
    config = alembic_config(portal.url)
    config.set_main_option("script_location", str(history))
    command.upgrade(config, "pre_migration_control")
    told = kingston("history", "--verify", "--json", portal=portal)
    assert told.code == 0
    (finding,) = told.json["findings"]
    assert finding["code"] == "revision_edited_warning"
    assert "warning, harmless before 1.0: alembic/sql/record_run/0010.sql was edited since" in finding["message"]
    monkeypatch.setattr(texts, "checkout", lambda: None)  # an installed package
    told = kingston("history", "--verify", "--json", portal=portal)
    assert told.code == 1
    assert told.finding["code"] == "revision_edited"
    assert told.finding["object"] == "alembic/sql/record_run/0010.sql"


def test_what_is_under_way_and_what_crashed(kingston, newest_portal_at, crasher, tmp_path):
    portal = newest_portal_at("pre_migration")
    crasher.run(portal.url, "upgrade", "phase_1", fail_at="phase_1:up:1:before:kill")

    def outcomes() -> dict[tuple[str, str], str]:
        entries = kingston("history", "--json", portal=portal).json["data"]["entries"]
        return {(e["event"], e["subject"]): e["outcome"] for e in reversed(entries)}

    assert outcomes()["upgrade", "phase_1"] == outcomes()["up", "phase_1"] == "crashed"
    pause = tmp_path / "paused"
    run = crasher.start(portal.url, "upgrade", "phase_1", fail_at="phase_1:up:1:before:pause", fail_file=str(pause))
    while not pause.exists():
        pass
    assert outcomes()["upgrade", "phase_1"] == "running"
    pause.unlink()
    assert crasher.wait(run).code == 0
    assert outcomes()["upgrade", "phase_1"] == "done"

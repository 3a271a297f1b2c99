"""kingston status"""

from __future__ import annotations


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
    assert phases["pre_migration"]["applied"] == phases["pre_migration"]["revisions"] == 2
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

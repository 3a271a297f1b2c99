"""kingston rollback"""

from __future__ import annotations


def at(portal) -> str | None:
    return portal.one("SELECT version_num FROM alembic_version")


def test_back_to_the_phase_1_portal_and_up_again(kingston, portal_at):
    portal = portal_at("legacy")
    portal.alembic("upgrade", "phase_1")
    down = kingston("rollback", "legacy", "--yes", "--json", portal=portal)
    assert down.code == 0, down.err
    revisions = [r["revision"] for r in down.json["data"]["revisions"]]
    assert revisions == ["phase_1", "pre_migration", "pre_migration_roles", "pre_migration_control"]
    assert at(portal) == "legacy"
    assert kingston("upgrade", "phase_1", "--yes", portal=portal).code == 0
    assert at(portal) == "phase_1"


def test_relative_target(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    down = kingston("rollback", "-1", "--yes", portal=portal)
    assert down.code == 0, down.err
    assert at(portal) == "legacy"


def test_to_where_it_is(kingston, newest_portal_at):
    done = kingston("rollback", "legacy", portal=newest_portal_at("legacy"))
    assert done.code == 0
    assert "nothing to do" in done.out


def test_a_target_above_is_refused(kingston, newest_portal_at):
    refused = kingston("rollback", "phase_1", "--yes", "--json", portal=newest_portal_at("legacy"))
    assert refused.code == 2
    assert refused.finding["fix"] == "kingston upgrade phase_1"


def test_without_a_target(kingston):
    missing = kingston("rollback")
    assert missing.code == 2
    assert "rollback --help" in missing.err


def test_dry_run(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    plan = kingston("rollback", "legacy", "--dry-run", portal=portal)
    assert "down from pre_migration_control to legacy" in plan.out
    assert "archive_table" in kingston("rollback", "legacy", "--dry-run", "-v", portal=portal).out
    assert at(portal) == "pre_migration_control"


def test_without_a_terminal_yes_is_needed(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    assert kingston("rollback", "legacy", portal=portal).code == 2
    assert at(portal) == "pre_migration_control"

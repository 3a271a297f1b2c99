"""Revision pre_migration_control: the four tables, the nine settings, and what a rollback leaves."""

from __future__ import annotations

import psycopg
import pytest

from portals import revisions

SETTINGS = {
    "current_phase": "pre_migration", "rollback_enabled": "true", "performance_tolerance_percent": "15",
    "max_downtime_hours": "168", "encryption_enabled": "true", "audit_logging_level": "comprehensive",
    "dense_ui_optimization": "true", "global_actions_enabled": "true", "liquidity_rankings_enabled": "true",
}  # fmt: skip


def test_the_nine_settings_have_their_documented_values(portal_at):
    assert dict(portal_at("pre_migration_control").all("SELECT setting, value FROM migration_control")) == SETTINGS


def test_a_changed_setting_stays_changed_through_a_rollback(portal_at):
    portal = portal_at("pre_migration_control")
    portal.run("UPDATE migration_control SET value = '25' WHERE setting = 'performance_tolerance_percent'")
    portal.alembic("downgrade", "legacy")
    assert portal.one("SELECT to_regclass('migration_control')") is None
    portal.alembic("upgrade", "pre_migration_control")
    found = portal.one("SELECT value FROM migration_control WHERE setting = 'performance_tolerance_percent'")
    assert found == "25"


def test_the_log_of_all_rounds_is_kept(portal_at):
    portal = portal_at("pre_migration")
    for _ in range(2):
        portal.alembic("downgrade", "legacy")
        portal.alembic("upgrade", "pre_migration")
    assert portal.one("SELECT count(*) FROM migration_log WHERE operation = 'up pre_migration'") == 3


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("INSERT INTO migration_log (phase, operation, status) VALUES ('p', 'o', 'maybe')", "migration_log_status_check"),
        (
            "INSERT INTO rollback_checkpoints (checkpoint_name, phase, validation_status) VALUES ('c', 'p', 'fine')",
            "rollback_checkpoints_validation_status_check",
        ),
    ],
)
def test_closed_lists(portal_at, statement, constraint):
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        portal_at("pre_migration_control").run(statement)
    assert refused.value.diag.constraint_name == constraint


def test_long_durations_large_counts_and_large_changes_fit(portal_at):
    """E-073, E-087: four-byte counts and a percentage below 1000 overflowed."""
    portal = portal_at("pre_migration_control")
    portal.run(
        "INSERT INTO migration_log (phase, operation, status, execution_time_seconds, rows_affected)"
        " VALUES ('p', 'o', 'completed', 604800.5, 3000000000)"
    )
    portal.run(
        "INSERT INTO migration_benchmarks (test_name, phase, baseline_ms, current_ms, performance_change_percent)"
        " VALUES ('t', 'p', 0.004, 15.25, 381150)"
    )
    assert portal.one("SELECT rows_affected FROM migration_log WHERE operation = 'o'") == 3000000000


def test_it_is_the_first_revision_after_legacy():
    assert revisions()[:2] == ["legacy", "pre_migration_control"]

"""Gates: every failing check in one message, results that survive the rollback, overrides with a reason."""

from __future__ import annotations

import pytest

from kingston_schema import settings
from kingston_schema.ddl import allowances
from kingston_schema.ddl.gate import parse_checks
from kingston_schema.errors import GateFailed, KingstonError, UsageError

STATE = "SELECT check_name, outcome, reason FROM kingston.gate_result WHERE phase = 'pre_migration' AND outcome IN ('failed', 'allowed')"


def test_checks_are_read_in_order_with_their_fields():
    first, second = parse_checks(
        "-- gate phase_9\n-- why\n-- check: a\n-- severity: critical\n-- look: SELECT 1\nSELECT true AS ok, 'x' AS found;\n"
        "-- check: b\n-- severity: warning\nSELECT false AS ok,\n       'y' AS found;\n"
    )
    assert (first.name, first.severity, first.look, first.query) == (
        "a",
        "critical",
        "SELECT 1",
        "SELECT true AS ok, 'x' AS found",
    )
    assert (second.name, second.query) == ("b", "SELECT false AS ok,\n       'y' AS found")


@pytest.mark.parametrize(
    "text",
    [
        "-- gate g\n-- check: a\n-- severity: fatal\nSELECT 1;\n",
        "-- gate g\n-- check: a\n-- severity: warning\n",
    ],
)
def test_a_check_without_severity_or_query_is_refused(text):
    with pytest.raises(UsageError, match='gate check "a"'):
        parse_checks(text)


@pytest.fixture
def empty_production(portal_at):
    """A production database (stamped) that is empty: the wrong database, most likely."""
    portal = portal_at("legacy")
    portal.run("COMMENT ON TABLE alembic_version IS NULL")
    return portal


def test_every_failing_critical_check_is_in_one_message(empty_production):
    with pytest.raises(GateFailed) as refused:
        empty_production.alembic("upgrade", "pre_migration")
    assert "2 critical checks" in str(refused.value)
    assert "client_groups is empty" in str(refused.value)
    assert "profiles is empty" in str(refused.value)
    assert "SELECT count(*) FROM profiles" in str(refused.value)
    assert refused.value.exit_code == 3


def test_E055_the_results_survive_the_rollback_of_the_revision(empty_production):
    with pytest.raises(GateFailed):
        empty_production.alembic("upgrade", "pre_migration")
    assert empty_production.one("SELECT version_num FROM alembic_version") == "pre_migration_roles"
    assert sorted(empty_production.all(STATE)) == [
        ("client_groups_populated", "failed", None), ("profiles_populated", "failed", None),
    ]  # fmt: skip
    assert empty_production.all("SELECT status, operation FROM migration_log WHERE status = 'failed'") == [
        ("failed", "up pre_migration")
    ]
    assert (
        empty_production.one(
            "SELECT count(*) FROM kingston.journal WHERE status = 'failed' AND error LIKE '%profiles is empty%'"
        )
        == 1
    )


def test_a_check_can_be_allowed_with_a_reason_and_only_then(empty_production):
    with pytest.raises(KingstonError, match="gives no reason"):
        empty_production.alembic("upgrade", "pre_migration", allow=["client_groups_populated"])
    with pytest.raises(GateFailed, match="1 critical check"):
        empty_production.alembic("upgrade", "pre_migration", allow=["client_groups_populated:a scratch copy"])
    empty_production.alembic(
        "upgrade",
        "pre_migration",
        allow=["client_groups_populated:a scratch copy", "profiles_populated:likewise"],
    )
    assert ("profiles_populated", "allowed", "likewise") in empty_production.all(STATE)


def test_every_check_there_is_can_be_allowed_and_no_other():
    folder = settings.history_folder()
    names = allowances.known(folder)
    assert {"drop_legacy", "proven_restore", "dangling_portfolios", "rules_proven", "health"} <= set(names)
    assert len(names) == len(set(names)) > 40
    assert allowances.parse([f"{name}: a reason" for name in names], folder) == dict.fromkeys(
        names, "a reason"
    )
    assert allowances.parse(["health:at 10:30"], folder) == {"health": "at 10:30"}
    for wrong, said in (
        ("health", "gives no reason"),
        ("health: ", "gives no reason"),
        (":x", "gives no reason"),
        ("x:y", 'no gate has a check "x"'),
    ):
        with pytest.raises(UsageError, match=said):
            allowances.parse([wrong], folder)


def test_emptiness_is_a_note_in_a_new_installation(portal_at):
    portal = portal_at("pre_migration")
    assert portal.one("SELECT origin FROM kingston.portal") == "new"
    assert (
        portal.one("SELECT outcome FROM kingston.gate_result WHERE check_name = 'profiles_populated'")
        == "warning"
    )


def test_current_phase_follows_the_gates_up_and_down(portal_at):
    portal = portal_at("phase_1")
    phase = "SELECT value FROM migration_control WHERE setting = 'current_phase'"
    assert portal.one(phase) == "phase_1"
    portal.alembic("downgrade", "pre_migration")
    assert portal.one(phase) == "pre_migration"

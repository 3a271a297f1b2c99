"""The journal of steps: intent before, acknowledgement after, applied only when committed."""

from __future__ import annotations

import pytest

from kingston_schema.ddl.failpoints import FailPoint
from kingston_schema.errors import KingstonError, UsageError

STEPS = "SELECT step, operation, arguments[1], acknowledged_at IS NOT NULL, outcome FROM kingston.step_journal WHERE revision = %s AND direction = %s ORDER BY id"


def test_every_operation_is_written_down(portal_at):
    portal = portal_at("phase_1")
    assert portal.all(STEPS, "pre_migration", "up") == [
        (1, "run_sql", "table_has_rows", True, "applied"), (2, "run_sql", "connection_use", True, "applied"),
        (3, "gate", "pre_migration", True, "applied"),
    ]  # fmt: skip


def test_the_revision_that_makes_the_journal_is_in_it(portal_at):
    portal = portal_at("pre_migration_control")
    steps = portal.all(STEPS, "pre_migration_control", "up")
    assert steps[0] == (1, "create_control_schema", None, True, "applied")
    assert [step[0] for step in steps] == list(range(1, len(steps) + 1))
    assert portal.one("SELECT count(*) FROM kingston.step_journal WHERE intended_at > acknowledged_at") == 0


def test_a_step_costs_one_round_trip(portal_at, monkeypatch):
    from kingston_schema.ddl.journal import Journal

    portal = portal_at("pre_migration_control")
    seen: list[str] = []
    original = Journal.execute

    def execute(self, statement, parameters=()):
        seen.append(statement)
        return original(self, statement, parameters)

    monkeypatch.setattr(Journal, "execute", execute)
    portal.alembic("upgrade", "phase_2")
    steps = portal.one("SELECT count(*) FROM kingston.step_journal WHERE revision <> 'pre_migration_control'")
    assert sum("record_step" in statement for statement in seen) == steps


@pytest.fixture
def stopped_inside(portal_at, monkeypatch):
    """phase_3_ownership failed near its end; some of it is committed, the rest was rolled back."""
    portal = portal_at("phase_2")
    last = portal_at("phase_3_ownership").one(
        "SELECT max(step) FROM kingston.step_journal WHERE revision = 'phase_3_ownership'"
    )
    monkeypatch.setenv("KINGSTON_FAIL_AT", f"phase_3_ownership:up:{last - 2}:after:error")
    with pytest.raises(KingstonError, match="fail point") as stopped:
        portal.alembic("upgrade", "phase_3_ownership")
    assert stopped.value.part_way
    monkeypatch.delenv("KINGSTON_FAIL_AT")
    return portal


def test_what_was_rolled_back_is_not_called_applied(stopped_inside):
    """Each outcome is compared with the catalogue: tables and functions that exist, and only those, were applied."""
    steps = stopped_inside.all(
        "SELECT operation, arguments[1], outcome, settled FROM kingston.step_journal"
        " WHERE revision = 'phase_3_ownership' ORDER BY step"
    )
    assert {outcome for _, _, outcome, _ in steps} >= {"applied", "rolled back", "failed"}
    for operation, name, outcome, settled in steps:
        if operation == "restore_table_or":
            assert (outcome == "applied") is stopped_inside.one("SELECT to_regclass(%s) IS NOT NULL", name)
        if operation == "run_sql" and stopped_inside.one(
            "SELECT count(*) FROM pg_proc WHERE proname = %s", name
        ):
            assert outcome == "applied", (name, settled)
        if outcome == "rolled back":
            assert "aborted" in settled or "not committed" in settled
            assert not stopped_inside.one("SELECT count(*) FROM pg_proc WHERE proname = %s", name)
    assert steps[-1][2:] == ("failed", "it raised the error of the revision")
    assert stopped_inside.one("SELECT status FROM kingston.journal ORDER BY id DESC LIMIT 1") == "failed"


def test_it_goes_on_and_is_applied(stopped_inside):
    stopped_inside.alembic("upgrade", "phase_3_ownership")
    run = stopped_inside.one("SELECT run_id FROM kingston.runner ORDER BY since DESC LIMIT 1")
    assert stopped_inside.all(
        "SELECT DISTINCT outcome FROM kingston.step_journal WHERE run_id = %s", run
    ) == ["applied"]


def test_an_open_step_has_no_outcome_yet(portal_at, monkeypatch):
    portal = portal_at("phase_1")
    seen = {}

    def look(self, side, backend):
        seen["steps"] = side.execute(
            "SELECT step, acknowledged_at IS NOT NULL, transaction IS NOT NULL, outcome FROM kingston.step_journal"
            " WHERE revision = 'phase_2_product_owners' ORDER BY step"
        ).fetchall()

    monkeypatch.setattr(FailPoint, "act", look)
    monkeypatch.setenv("KINGSTON_FAIL_AT", "phase_2_product_owners:up:3:before:error")
    portal.alembic("upgrade", "phase_2_product_owners")
    assert seen["steps"] == [(1, True, True, None), (2, True, True, None), (3, False, False, None)]


@pytest.mark.parametrize(
    "text",
    ["", "phase_1", "phase_1:up:1:before", "phase_1:left:1:before:kill", "phase_1:up:one:before:kill", "phase_1:up:1:during:kill", "phase_1:up:1:before:sleep"],
)  # fmt: skip
def test_a_fail_point_that_makes_no_sense_is_refused(text):
    with pytest.raises(UsageError, match="is not understood"):
        FailPoint.parse(text)


def test_a_run_with_a_fail_point_says_so(portal_at, monkeypatch, capsys):
    portal = portal_at("legacy")
    monkeypatch.setenv("KINGSTON_FAIL_AT", "phase_6:up:commit:before:error")
    portal.alembic("upgrade", "pre_migration_control")
    assert (
        "KINGSTON_FAIL_AT is set: this run ends itself at phase_6:up:commit:before:error"
        in capsys.readouterr().err
    )

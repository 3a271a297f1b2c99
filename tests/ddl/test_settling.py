"""What became of a run that ended without a word: looked up, never assumed, and written down with how it is known."""

from __future__ import annotations

import signal

import pytest


def numbered(portal, revision: str, way: str, operation: str) -> int:
    """The number of the first such step, from a run that was not disturbed."""
    return portal.one(
        "SELECT min(step) FROM kingston.step_journal WHERE revision = %s AND direction = %s AND operation = %s",
        revision, way, operation,
    )  # fmt: skip


KILLED = [
    ("phase_3_ownership", "create_index_online", "before", "failed", "the index is absent"),
    ("phase_3_ownership", "create_index_online", "after", "applied", "the index is published"),
    ("phase_3_ownership", "add_foreign_key_online", "before", "failed", "the constraint is not there"),
    (
        "phase_3_ownership",
        "add_foreign_key_online",
        "after",
        "applied",
        "the constraint is there and validated",
    ),
    ("phase_5_constraints", "add_check_online", "after", "applied", "the constraint is there and validated"),
    (
        "phase_6_summaries",
        "backfill",
        "before",
        "unknown",
        "nothing in the database tells; the step is repeated",
    ),
    ("phase_6_summaries", "backfill", "after", "applied", "finished, "),
    (
        "phase_3_ownership",
        "add_columns",
        "after",
        "failed",
        "the columns are not there",
    ),
    (
        "phase_3_ownership",
        "restore_table_or",
        "after",
        "rolled back",
        "it was part of a transaction that was not committed",
    ),
    (
        "phase_3_ownership",
        "run_sql",
        "after",
        "rolled back",
        "it was part of a transaction that was not committed",
    ),
    ("phase_2_product_owners", "add_columns", "after", "failed", "the columns are not there"),
]


@pytest.mark.parametrize(("revision", "operation", "position", "outcome", "how"), KILLED)
def test_a_step_that_nobody_acknowledged(
    newest_portal_at, crasher, revision, operation, position, outcome, how
):
    below = {
        "phase_2_product_owners": "phase_1",
        "phase_3_ownership": "phase_2",
        "phase_5_constraints": "phase_4",
        "phase_6_summaries": "phase_5",
    }[revision]
    step = numbered(newest_portal_at(revision), revision, "up", operation)
    portal = newest_portal_at(below)
    ended = crasher.run(portal.url, "upgrade", revision, fail_at=f"{revision}:up:{step}:{position}:kill")
    assert ended.code == -signal.SIGKILL
    assert portal.one(
        "SELECT acknowledged_at, outcome FROM kingston.step_journal WHERE revision = %s AND step = %s",
        revision,
        step,
    ) == (None, None)
    again = crasher.run(portal.url, "upgrade", revision)
    assert again.code == 0, again.said
    found = portal.one(
        "SELECT outcome, settled FROM kingston.step_journal WHERE revision = %s AND step = %s ORDER BY id LIMIT 1",
        revision,
        step,
    )
    assert found[0] == outcome
    assert found[1].startswith(how)
    assert portal.all("SELECT status FROM kingston.journal WHERE revision = %s ORDER BY id", revision) == [
        "failed",
        "completed",
    ]


def test_a_dropped_index(newest_portal_at, crasher):
    done = newest_portal_at("phase_3_ownership")
    done.alembic("downgrade", "phase_2")
    step = numbered(done, "phase_3_ownership", "down", "drop_index_online")
    portal = newest_portal_at("phase_3_ownership")
    ended = crasher.run(
        portal.url, "downgrade", "phase_2", fail_at=f"phase_3_ownership:down:{step}:after:kill"
    )
    assert ended.code == -signal.SIGKILL
    assert crasher.run(portal.url, "downgrade", "phase_2").code == 0
    assert portal.one(
        "SELECT outcome, settled FROM kingston.step_journal WHERE direction = 'down' AND step = %s ORDER BY id LIMIT 1",
        step,
    ) == ("applied", "the index is gone")


@pytest.fixture
def killed(newest_portal_at, crasher):
    """A portal whose runner was killed inside phase_2_audit."""
    portal = newest_portal_at("phase_2_owner_phones")
    ended = crasher.run(portal.url, "upgrade", "phase_2_audit", fail_at="phase_2_audit:up:4:after:kill")
    assert ended.code == -signal.SIGKILL
    return portal


def test_a_portal_that_something_else_has_moved_since(killed, crasher):
    """By a script, say.  Nobody can tell any more, and that is what the journal says; it is asked only once."""
    killed.run("UPDATE alembic_version SET version_num = 'phase_1'")
    for _ in range(2):
        crasher.run(killed.url, "upgrade", "phase_1")
    assert killed.all("SELECT status, settled FROM kingston.journal WHERE revision = 'phase_2_audit'") == [
        ("unknown", "the version table holds phase_1: something else has moved the portal since")
    ]
    assert killed.all(
        "SELECT DISTINCT outcome FROM kingston.step_journal WHERE revision = 'phase_2_audit'"
    ) == ["unknown"]


def test_transactions_of_another_server_prove_nothing(killed, crasher):
    """A copy of the database elsewhere has other transactions under the same numbers."""
    killed.run("UPDATE kingston.runner SET cluster = cluster + 1")
    assert crasher.run(killed.url, "upgrade", "phase_2_audit").code == 0
    found = killed.all("SELECT DISTINCT settled FROM kingston.step_journal WHERE outcome = 'unknown'")
    assert found == ["its transaction was on another server"]


def test_migration_log_has_it_too(killed, crasher):
    assert crasher.run(killed.url, "upgrade", "phase_2_audit").code == 0
    assert killed.all(
        "SELECT status, error_message FROM migration_log WHERE operation = 'up phase_2_audit' ORDER BY id"
    ) == [
        ("failed", "the run ended without a word"),
        ("completed", None),
    ]


def test_status_can_be_asked_in_between(killed):
    from kingston_schema.operations import status

    last = status.run(killed.url).last_run
    assert last is not None
    assert (last.revision, last.status) == ("phase_2_audit", "started")


@pytest.mark.parametrize(
    ("revision", "below", "operation", "how"),
    [
        ("phase_2_product_owners", "phase_1", "copy_columns", "every value was copied once"),
        ("phase_6_monitoring", "phase_6_summaries", "archive_table", "the table is gone"),
        ("phase_5_constraints", "phase_4", "drop_checks", "the rules are gone"),
        ("phase_6_monitoring", "phase_6_summaries", "drop_sql", "the view is gone"),
        ("phase_5_audit", "phase_5_constraints", "drop_sql", "0 of 4 triggers are there"),
    ],
)
def test_a_step_of_a_rollback_that_ends_its_transaction(
    newest_portal_at, crasher, revision, below, operation, how
):
    done = newest_portal_at(revision)
    done.alembic("downgrade", below)
    step = done.one(
        "SELECT min(step) FROM kingston.step_journal WHERE revision = %s AND direction = 'down' AND operation = %s"
        " AND (operation <> 'drop_sql' OR arguments[3] IN ('view', 'trigger'))",
        revision,
        operation,
    )
    portal = newest_portal_at(revision)
    crasher.run(portal.url, "downgrade", below, fail_at=f"{revision}:down:{step}:after:kill")
    assert crasher.run(portal.url, "downgrade", below).code == 0
    assert portal.all(
        "SELECT outcome, settled FROM kingston.step_journal WHERE revision = %s AND step = %s AND direction = 'down'"
        " ORDER BY id LIMIT 1",
        revision,
        step,
    ) == [("applied", how)]

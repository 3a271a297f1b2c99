"""The runner: one at a time, a record of everything, errors in plain words."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import DBAPIError

from kingston_schema.ddl.journal import phase_of
from kingston_schema.errors import RefusedError


def test_every_revision_leaves_its_record(portal_at):
    portal = portal_at("phase_1")
    portal.alembic("downgrade", "legacy")
    assert portal.all("SELECT direction, revision, status FROM kingston.journal ORDER BY id") == [
        ("up", "pre_migration_control", "completed"), ("up", "pre_migration_roles", "completed"),
        ("up", "pre_migration", "completed"), ("up", "phase_1", "completed"),
        ("down", "phase_1", "completed"), ("down", "pre_migration", "completed"),
        ("down", "pre_migration_roles", "completed"), ("down", "pre_migration_control", "completed"),
    ]  # fmt: skip
    assert (
        portal.one("SELECT count(*) FROM kingston.journal WHERE finished_at >= started_at AND seconds >= 0")
        == 8
    )


def test_migration_log_has_them_too_with_true_durations(portal_at):
    portal = portal_at("phase_1")
    assert portal.all("SELECT phase, operation, status FROM migration_log ORDER BY id") == [
        ("pre_migration", "up pre_migration_control", "completed"), ("pre_migration", "up pre_migration_roles", "completed"),
        ("pre_migration", "up pre_migration", "completed"), ("phase_1", "up phase_1", "completed"),
    ]  # fmt: skip
    assert (
        portal.one(
            "SELECT count(*) FROM migration_log WHERE execution_time_seconds > 0 AND completed_at >= started_at"
        )
        == 4
    )


@pytest.mark.parametrize(
    ("revision", "phase"),
    [
        ("legacy", "legacy"),
        ("pre_migration_control", "pre_migration"),
        ("phase_2_networth", "phase_2"),
        ("phase_6", "phase_6"),
    ],
)
def test_the_phase_of_a_revision(revision, phase):
    assert phase_of(revision) == phase


def test_two_runners_at_once_and_one_does_the_work(portal_at):
    portal = portal_at("legacy")
    errors: list[BaseException] = []

    def upgrade() -> None:
        import subprocess
        import sys

        from kingston_schema import settings

        result = subprocess.run(
            [sys.executable, "-m", "alembic", "-x", f"url={portal.url}", "upgrade", "phase_1"],
            cwd=settings.checkout(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if result.returncode:
            errors.append(RuntimeError(result.stderr))

    runners = [threading.Thread(target=upgrade) for _ in range(3)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert errors == []
    assert portal.one("SELECT count(*) FROM kingston.journal WHERE revision = 'phase_1'") == 1


def test_a_test_must_say_on_which_database(portal_at):
    """A stock env.py once emptied the database that alembic.ini named while the fixture pointed elsewhere."""
    from alembic import command

    from portals import alembic_config

    config = alembic_config("unused")
    del config.attributes["url"]
    with pytest.raises(RefusedError, match="without saying on which database"):
        command.upgrade(config, "head")


def test_no_lock_is_left_behind(portal_at):
    portal = portal_at("phase_1")
    assert portal.one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0


def test_a_portal_in_another_schema_has_its_own_control_schema(portal_at):
    portal = portal_at("base")
    portal.schema = "firm_a"
    portal.alembic("upgrade", "phase_1")
    assert portal.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    assert portal.one("SELECT application_schema FROM firm_a_kingston.portal") == "firm_a"
    assert portal.one("SELECT version_num FROM firm_a.alembic_version") == "phase_1"
    portal.alembic("downgrade", "base")
    assert (
        portal.one(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'firm_a'::regnamespace AND relkind = 'r'"
        )
        == 1
    )


def test_a_read_only_database_is_refused_before_anything_happens(portal_at):
    portal = portal_at("legacy")
    name = portal.one("SELECT current_database()")
    portal.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    with pytest.raises(RefusedError, match="read-only"):
        portal.alembic("upgrade", "head")


def test_the_journal_is_written_on_another_connection(portal_at):
    """Otherwise a failed revision would take its own record away."""
    portal = portal_at("pre_migration_control")
    portal.run("CREATE TABLE performance_baselines ()")
    with pytest.raises(DBAPIError, match="samples"):
        portal.alembic("upgrade", "phase_1")
    assert portal.all("SELECT revision FROM kingston.journal WHERE status = 'failed'") == ["phase_1"]


def test_rows_that_go_to_quarantine_are_told_and_counted(portal_at, capsys):
    portal = portal_at("phase_2_owner_phones")
    portal.run("INSERT INTO product_owners (id, firstname) VALUES (1, 'Ann'), (2, 'Bob')")
    portal.run(
        "INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number)"
        " VALUES (1, 'mobile', '07700 900123'), (2, 'mobile', '07700 900124')"
    )
    portal.alembic("downgrade", "phase_1")
    portal.run("DELETE FROM product_owners WHERE id = 2")
    capsys.readouterr()
    portal.alembic("upgrade", "phase_2_owner_phones")
    assert (
        "quarantine: product_owner_phones: 1 row could not go back; kingston archive list --quarantine"
        in capsys.readouterr().err
    )
    assert (
        portal.one(
            "SELECT sum(rows_moved) FROM kingston.archive_entry WHERE movement = 'quarantined' AND table_name = 'product_owner_phones'"
        )
        == 1
    )

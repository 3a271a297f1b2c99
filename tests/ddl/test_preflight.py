"""Bad input to plain Alembic: one clear message, non-zero exit, nothing changed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from alembic.util import CommandError

from kingston_schema import settings
from kingston_schema.ddl.preflight import LEGACY_TABLES
from kingston_schema.errors import NotAPortal, RefusedError


def tables(portal) -> list[str]:
    return portal.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    )


def test_a_database_that_is_not_a_portal(portal_at):
    portal = portal_at("base")
    portal.run("CREATE TABLE cats (); CREATE TABLE dogs ()")
    with pytest.raises(NotAPortal, match=r"is not a portal: it holds 2 other tables \(cats, dogs\)"):
        portal.alembic("upgrade", "head")
    assert tables(portal) == ["cats", "dogs"]


def test_a_portal_that_is_not_stamped(portal_at):
    portal = portal_at("legacy")
    portal.run("DROP TABLE alembic_version")
    with pytest.raises(NotAPortal, match="alembic stamp legacy"):
        portal.alembic("upgrade", "head")
    assert len(tables(portal)) == 22
    portal.alembic("stamp", "legacy")
    portal.alembic("upgrade", "pre_migration_control")
    assert portal.one("SELECT origin FROM kingston.portal") == "production"


def test_a_half_built_portal(portal_at):
    portal = portal_at("legacy")
    portal.run("DROP TABLE alembic_version; DROP TABLE user_page_presence")
    with pytest.raises(NotAPortal, match="half-built portal: 21 of 22 tables, missing user_page_presence"):
        portal.alembic("upgrade", "head")


def test_a_recorded_portal_that_lost_a_table(portal_at):
    portal = portal_at("legacy")
    portal.run("DROP TABLE user_page_presence")
    with pytest.raises(NotAPortal, match="recorded at legacy but 1 of the 22 tables"):
        portal.alembic("upgrade", "head")
    assert portal.one("SELECT oid FROM pg_class WHERE relname = 'step_journal'") is None


def test_an_unknown_revision_changes_nothing(portal_at):
    portal = portal_at("base")
    with pytest.raises(CommandError, match="phase_7"):
        portal.alembic("upgrade", "phase_7")
    assert tables(portal) == []


@pytest.fixture
def stranger(portal_at):
    """A portal at legacy and a role that owns nothing in it."""
    portal = portal_at("legacy")
    portal.run("CREATE ROLE stranger LOGIN")
    yield portal
    portal.close()
    portal.run("REASSIGN OWNED BY stranger TO postgres; DROP OWNED BY stranger; DROP ROLE stranger")


def as_stranger(portal) -> subprocess.CompletedProcess[str]:
    url = portal.url.replace("//postgres@", "//stranger@", 1)
    return subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"], cwd=settings.checkout(), capture_output=True, text=True, check=False,
        env={**os.environ, "DATABASE_URL": url},
    )  # fmt: skip


def test_missing_privileges_are_named_before_anything_happens(stranger):
    result = as_stranger(stranger)
    assert result.returncode == RefusedError.exit_code
    assert "role stranger may not CREATE in schema public" in result.stderr
    assert "GRANT CREATE ON SCHEMA public TO stranger" in result.stderr
    stranger.run("GRANT CREATE ON SCHEMA public TO stranger")
    assert "may not CREATE in database" in as_stranger(stranger).stderr
    name = stranger.one("SELECT current_database()")
    stranger.run(
        f'GRANT CREATE ON DATABASE "{name}" TO stranger; GRANT SELECT ON alembic_version TO stranger'
    )
    result = as_stranger(stranger)
    assert "does not own 22 tables" in result.stderr
    assert "GRANT postgres TO" in result.stderr
    assert "Traceback" not in result.stderr
    assert stranger.one("SELECT oid FROM pg_class WHERE relname = 'step_journal'") is None


def test_an_argument_that_is_not_understood():
    result = subprocess.run(
        [sys.executable, "-m", "alembic", "-x", "shcema=a", "current"], cwd=settings.checkout(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert "-x shcema=… is not understood" in result.stderr


@pytest.mark.parametrize("name", ["Firm A", "pg_x", "a" * 46, "x;drop"])
def test_a_schema_name_that_cannot_be_one(name):
    result = subprocess.run(
        [sys.executable, "-m", "alembic", "-x", f"schema={name}", "current"], cwd=settings.checkout(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert "cannot be the schema of a portal" in result.stderr


def test_the_tables_it_looks_for_are_those_of_revision_legacy(portal_at):
    portal = portal_at("legacy")
    assert set(tables(portal)) - {"alembic_version"} == set(LEGACY_TABLES)


def test_dropping_the_portal_is_refused_before_anything_is_rolled_back(portal_at):
    portal = portal_at("phase_1")
    portal.run("INSERT INTO profiles (email) VALUES ('a@x')")
    with pytest.raises(
        RefusedError, match="legacy tables hold rows and would be dropped with them: profiles"
    ):
        portal.alembic("downgrade", "base")
    assert portal.one("SELECT version_num FROM alembic_version") == "phase_1"
    portal.alembic("downgrade", "base", allow=["drop_legacy:a scratch database"])


def test_rollback_can_be_switched_off(portal_at):
    portal = portal_at("phase_1")
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'rollback_enabled'")
    with pytest.raises(RefusedError, match="rollback is switched off"):
        portal.alembic("downgrade", "legacy")
    portal.run("UPDATE migration_control SET value = 'true' WHERE setting = 'rollback_enabled'")
    portal.alembic("downgrade", "legacy")


def test_an_ordinary_owner_of_the_portal_takes_it_to_head_and_back(portal_at):
    """No superuser is needed anywhere."""
    portal = portal_at("legacy", seed=True)
    name = portal.one("SELECT current_database()")
    portal.run("CREATE ROLE keeper LOGIN")
    try:
        portal.run(f'GRANT CREATE ON DATABASE "{name}" TO keeper; GRANT CREATE ON SCHEMA public TO keeper')
        for kind, relations in (("TABLE", "r"), ("VIEW", "v")):
            for relation in portal.all(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = %s",
                relations,
            ):
                portal.run(f"ALTER {kind} {relation} OWNER TO keeper")
        mine = type(portal)(portal.url.replace("//postgres@", "//keeper@", 1))
        with pytest.raises(RefusedError, match=r"may not write the event log .* which belongs to postgres") as refused:
            mine.alembic("upgrade", "head")
        portal.run(refused.value.fix.removeprefix("as postgres: "))
        mine.alembic("upgrade", "head")
        mine.alembic("downgrade", "legacy")
        mine.alembic("upgrade", "head")
        mine.close()
    finally:
        portal.close()
        portal.run("REASSIGN OWNED BY keeper TO postgres; DROP OWNED BY keeper; DROP ROLE keeper")

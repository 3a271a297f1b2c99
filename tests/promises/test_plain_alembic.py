"""Plain ``alembic`` on the command line: every command of the README, on the database in DATABASE_URL."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kingston_schema import settings


def alembic(portal, *arguments: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=settings.checkout(), capture_output=True, text=True, check=False,
        env={**os.environ, "DATABASE_URL": url or portal.url},
    )  # fmt: skip


def test_the_commands_of_a_release(portal_at):
    portal = portal_at("base")
    for arguments, there in (
        (["upgrade", "head"], "phase_6"),
        (["check"], "phase_6"),
        (["downgrade", "phase_3"], "phase_3"),
        (["upgrade", "phase_5"], "phase_5"),
        (["downgrade", "legacy"], "legacy"),
        (["stamp", "legacy"], "legacy"),
        (["upgrade", "+2"], "pre_migration_roles"),
        (["downgrade", "-1"], "pre_migration_control"),
        (["downgrade", "base"], None),
    ):
        done = alembic(portal, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
        assert portal.one("SELECT version_num FROM alembic_version") == there, arguments
        assert "Traceback" not in done.stderr
    assert alembic(portal, "history").stdout.count("->") == 25
    assert "phase_6 (head)" in alembic(portal, "heads").stdout


def test_current_says_where_and_on_which_database(portal_at):
    done = alembic(portal_at("phase_2"), "current")
    assert done.stdout.strip() == "phase_2"
    assert "DATABASE_URL" in done.stderr


@pytest.mark.parametrize("prefix", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_the_schemes_people_have_in_their_environment(portal_at, prefix):
    portal = portal_at("legacy")
    url = portal.url.replace("postgresql+psycopg://", prefix)
    assert alembic(portal, "current", url=url).stdout.strip() == "legacy"


def test_another_scheme_is_refused_without_repeating_the_password(portal_at):
    done = alembic(portal_at("legacy"), "upgrade", "head", url="mysql://me:geheim@host/x")
    assert done.returncode == 2
    assert 'the scheme "mysql"' in done.stderr
    assert "geheim" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("script", [[], ["--sql"]])
def test_an_unknown_check_is_refused_with_the_list(portal_at, script):
    portal = portal_at("legacy")
    done = alembic(
        portal, "-x", "allow=NOSUCH:no reason", "upgrade", "legacy:phase_1" if script else "phase_1", *script
    )
    assert done.returncode == 2
    assert 'no gate has a check "NOSUCH"' in done.stderr
    assert "-x allow=CHECK:reason, where CHECK is one of alerts, assumed_shares, " in done.stderr
    assert "Traceback" not in done.stderr
    assert "CREATE" not in done.stdout
    assert portal.one("SELECT version_num FROM alembic_version") == "legacy"


def test_an_unreachable_server_is_one_message(portal_at):
    done = alembic(portal_at("legacy"), "upgrade", "head", url="postgresql://me:geheim@/x?host=/nowhere")
    assert done.returncode == 4
    assert "cannot be reached" in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_script_needs_no_database(portal_at):
    done = alembic(
        portal_at("legacy"), "upgrade", "legacy:head", "--sql", url="postgresql://nobody@/none?host=/nowhere"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("SET search_path = public, pg_temp;")
    assert "UPDATE alembic_version SET version_num='phase_6'" in done.stdout


def test_a_portal_in_another_schema(portal_at):
    portal = portal_at("base")
    done = alembic(portal, "-x", "schema=firm_a", "-x", "actor=Ada Lovelace", "upgrade", "head")
    assert done.returncode == 0, done.stderr
    assert portal.one("SELECT version_num FROM firm_a.alembic_version") == "phase_6"
    assert portal.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    assert portal.one("SELECT string_agg(DISTINCT actor, '') FROM firm_a_kingston.event_log WHERE event = 'up'") == "Ada Lovelace"
    done = alembic(portal, "-x", "schema=firm_a", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    done = alembic(portal, "-x", "schema=firm_a", "downgrade", "legacy")
    assert done.returncode == 0, done.stderr


def test_two_portals_in_one_database_do_not_see_each_other(portal_at):
    portal = portal_at("base")
    assert alembic(portal, "-x", "schema=firm_a", "upgrade", "phase_3").returncode == 0
    assert alembic(portal, "-x", "schema=firm_b", "upgrade", "phase_6").returncode == 0
    assert alembic(portal, "-x", "schema=firm_a", "downgrade", "phase_1").returncode == 0
    assert portal.one("SELECT version_num FROM firm_a.alembic_version") == "phase_1"
    assert portal.one("SELECT version_num FROM firm_b.alembic_version") == "phase_6"

"""kingston alembic"""

from __future__ import annotations

import pytest

from kingston_schema.operations import alembic as operation


def test_it_moves_the_portal_as_alembic_does(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    assert kingston("alembic", "upgrade", "+3", portal=portal).code == 0
    assert (
        kingston("alembic", "current", "--json", portal=portal).json["data"]["output"].strip()
        == "pre_migration"
    )
    assert kingston("alembic", "downgrade", "legacy", portal=portal).code == 0
    assert portal.one("SELECT version_num FROM alembic_version") == "legacy"


def test_a_script_needs_no_database(kingston, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    told = kingston("alembic", "downgrade", "phase_1:legacy", "--sql")
    assert told.code == 0
    assert told.out.startswith("SET search_path")


def test_help_is_alembics(kingston):
    told = kingston("alembic", "--", "--help")
    assert told.code == 0
    assert "usage: kingston alembic" in told.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nonsense"], 2, "does not understand"),
        (["-x", "shcema=a", "current"], 2, "-x shcema=… is not understood"),
        (["-x", "schema=Foo", "current"], 2, "cannot be the schema of a portal"),
        (["upgrade", "phase_99"], 2, "phase_99"),
    ],
)
def test_bad_input_is_told(kingston, newest_portal_at, arguments, code, said):
    told = kingston("alembic", *arguments, "--json", portal=newest_portal_at("legacy"))
    assert told.code == code
    assert said in told.finding["message"]


def test_a_refusal_keeps_its_exit_code(kingston, newest_portal_at):
    portal = newest_portal_at("legacy", seed=True)
    told = kingston("alembic", "downgrade", "base", "--json", portal=portal)
    assert told.code == 3
    assert "legacy tables hold rows" in told.finding["message"]


def test_an_installed_package_writes_no_revisions(kingston, newest_portal_at, monkeypatch):
    monkeypatch.setattr(operation, "checkout", lambda: None)
    told = kingston("alembic", "revision", "-m", "mine", "--json", portal=newest_portal_at("legacy"))
    assert told.code == 3
    assert "installed package" in told.finding["message"]

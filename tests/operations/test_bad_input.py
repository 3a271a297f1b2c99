"""Wrong use: one clear message, the right exit code, nothing changed."""

from __future__ import annotations

import pytest

from kingston_schema import db, settings
from kingston_schema.catalog.portal import LEGACY_TABLES
from kingston_schema.errors import RefusedError

# Every verb that works on a database, in a form that would change something if it could.
VERBS = [
    ("status",),
    ("archive",),
    ("seed",),
    ("upgrade", "--yes"),
    ("rollback", "base", "--yes"),
]
each_verb = pytest.mark.parametrize("verb", VERBS, ids=[verb[0] for verb in VERBS])


def one_message(outcome) -> str:
    """The message: one complaint, then what to do; no traceback, nothing on stdout."""
    lines = [line for line in outcome.err.splitlines() if not line.startswith(("database: ", "     "))]
    assert outcome.out.strip() == ""
    assert [line for line in lines if line.startswith("kingston")] == lines[:1]
    assert lines[-1].startswith("  next: ")
    assert "Traceback" not in outcome.err
    return " ".join(lines)


def contents(portal) -> list[object]:
    """Everything in the database that is not PostgreSQL's own."""
    return portal.all(
        "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2"
    )


@each_verb
def test_unreachable_server(kingston, verb, tmp_path):
    outcome = kingston(*verb, portal=f"postgresql://u:s3cr3t@/portal?host={tmp_path}&port=5432")
    assert outcome.code == 4
    message = one_message(outcome)
    assert str(tmp_path) in message
    assert '"portal"' in message
    assert "s3cr3t" not in message


@each_verb
def test_unknown_database(kingston, verb, newest_server):
    outcome = kingston(*verb, portal=newest_server.url("no_such_database"))
    assert outcome.code == 4
    assert "create the database" in one_message(outcome)


@each_verb
def test_unknown_role(kingston, verb, newest_server):
    outcome = kingston(*verb, portal=newest_server.url("postgres", user="no_such_role"))
    assert outcome.code == 4
    assert "no_such_role" in one_message(outcome)


@each_verb
def test_wrong_scheme(kingston, verb):
    outcome = kingston(*verb, portal="mysql://u:s3cr3t@h/portal")
    assert outcome.code == 2
    message = one_message(outcome)
    assert '"mysql"' in message
    assert "s3cr3t" not in message


@each_verb
def test_wrong_schema_name(kingston, verb, newest_portal_at):
    portal = newest_portal_at("base")
    outcome = kingston(*verb, "--schema", "Robert'); DROP", portal=portal)
    assert outcome.code == 2
    assert "cannot be the schema" in one_message(outcome)


@each_verb
def test_not_a_portal(kingston, verb, newest_portal_at):
    portal = newest_portal_at("base")
    portal.run("CREATE TABLE somebody_elses (id int)")
    before = contents(portal)
    outcome = kingston(*verb, portal=portal)
    if verb == ("archive",):
        assert (outcome.code, contents(portal)) == (0, before)  # looks into the archive schema only
        return
    assert outcome.code == 3
    assert "somebody_elses" in one_message(outcome)
    assert contents(portal) == before


@pytest.mark.parametrize("verb", [v for v in VERBS if v != ("archive",)], ids=lambda v: v[0])
def test_half_built_portal(kingston, verb, newest_portal_at):
    portal = newest_portal_at("base")
    for table in LEGACY_TABLES[:5]:
        portal.run(f'CREATE TABLE "{table}" (id bigint)')
    before = contents(portal)
    outcome = kingston(*verb, portal=portal)
    assert outcome.code == 3
    assert "half-built portal: 17 of 22 tables are missing" in one_message(outcome)
    assert contents(portal) == before


@pytest.mark.parametrize("verb", [v for v in VERBS if v != ("archive",)], ids=lambda v: v[0])
def test_portal_that_nobody_stamped(kingston, verb, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("DROP TABLE alembic_version")
    before = contents(portal)
    outcome = kingston(*verb, portal=portal)
    assert outcome.code == 3
    assert "alembic stamp legacy" in one_message(outcome)
    assert contents(portal) == before


@pytest.mark.parametrize("verb", [v for v in VERBS if v != ("archive",)], ids=lambda v: v[0])
def test_portal_with_a_missing_table(kingston, verb, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("DROP TABLE provider_switch_log CASCADE")
    before = contents(portal)
    outcome = kingston(*verb, portal=portal)
    assert outcome.code == 3
    assert "provider_switch_log" in one_message(outcome)
    assert contents(portal) == before


@pytest.mark.parametrize(
    "verb", [("status",), ("upgrade", "--yes"), ("rollback", "base", "--yes")], ids=lambda v: v[0]
)
def test_recorded_revision_that_this_version_does_not_know(kingston, verb, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("UPDATE alembic_version SET version_num = 'phase_9'")
    outcome = kingston(*verb, portal=portal)
    assert outcome.code == 3
    assert '"phase_9"' in one_message(outcome)


@pytest.mark.parametrize("verb", ["upgrade", "rollback"])
def test_unknown_revision(kingston, verb, newest_portal_at):
    portal = newest_portal_at("legacy")
    outcome = kingston(verb, "phase_33", "--yes", portal=portal)
    assert outcome.code == 2
    message = one_message(outcome)
    assert 'no revision "phase_33"' in message
    assert "did you mean phase_3" in message
    assert portal.one("SELECT version_num FROM alembic_version") == "legacy"


@pytest.mark.parametrize(("verb", "target"), [("upgrade", "+99"), ("rollback", "-99")])
def test_beyond_the_ends(kingston, verb, target, newest_portal_at):
    outcome = kingston(verb, target, "--yes", portal=newest_portal_at("legacy"))
    assert outcome.code == 2
    assert "leads beyond" in one_message(outcome)


@pytest.mark.parametrize(
    "verb", [("upgrade", "--yes"), ("rollback", "legacy", "--yes"), ("seed",), ("status",)]
)
def test_missing_privileges(kingston, verb, newest_portal_at, newest_server):
    portal = newest_portal_at("pre_migration_control" if verb[0] == "rollback" else "legacy")
    role = f"poor_{portal.one('SELECT current_database()')}"
    portal.run(f"CREATE ROLE {role} LOGIN")
    before = contents(portal)
    try:
        outcome = kingston(*verb, portal=portal.url.replace("//postgres@", f"//{role}@"))
        assert outcome.code == 3
        assert "next: " in one_message(outcome)
        assert contents(portal) == before
    finally:
        portal.run(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    "verb", [("upgrade", "--yes"), ("rollback", "base", "--yes"), ("seed",)], ids=lambda v: v[0]
)
def test_read_only_database(kingston, verb, newest_portal_at):
    portal = newest_portal_at("legacy")
    name = portal.one("SELECT current_database()")
    portal.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    outcome = kingston(*verb, portal=portal)
    assert outcome.code == 3
    assert "read-only" in one_message(outcome)


def test_stopped_server(kingston, newest_portal_at):
    """The data of a server that does not run: its socket is gone."""
    outcome = kingston("status", portal="postgresql://postgres@localhost:1/portal")
    assert outcome.code == 4
    assert "localhost:1" in one_message(outcome)


def test_server_older_than_15(kingston, newest_portal_at, monkeypatch):
    monkeypatch.setattr(settings, "MINIMUM_SERVER", 990000)  # the newest server becomes too old
    outcome = kingston("upgrade", "--yes", portal=newest_portal_at("legacy"))
    assert outcome.code == 3
    assert "99 or later is needed" in one_message(outcome)


def test_versions_that_are_refused():
    with pytest.raises(RefusedError, match=r"PostgreSQL 14\.12; 15 or later is needed"):
        db.require_version(140012)


def test_seed_of_a_portal_that_holds_data(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("INSERT INTO client_groups (name) VALUES ('Real client')")
    outcome = kingston("seed", portal=portal)
    assert outcome.code == 3
    assert "client_groups" in one_message(outcome)
    assert portal.one("SELECT count(*) FROM client_groups") == 1
    again = kingston("seed", "--once", portal=portal)
    assert again.code == 0
    assert "nothing to do" in again.out


def test_seed_above_legacy(kingston, newest_portal_at):
    outcome = kingston("seed", portal=newest_portal_at("pre_migration_control"))
    assert outcome.code == 3
    assert "kingston rollback legacy" in one_message(outcome)


def test_seed_of_impossible_size(kingston, newest_portal_at):
    outcome = kingston("seed", "--clients", "0", portal=newest_portal_at("legacy"))
    assert outcome.code == 2
    assert "--clients 0" in one_message(outcome)


@pytest.mark.parametrize(
    "wrong", [("dance",), ("status", "--loud"), ("seed", "--clients", "many"), ("stop", "now")]
)
def test_wrong_words(kingston, wrong):
    outcome = kingston(*wrong)
    assert outcome.code == 2
    assert "--help" in one_message(outcome)
    as_json = kingston(*wrong, "--json")
    assert as_json.code == 2
    assert as_json.finding["code"] == "usage"

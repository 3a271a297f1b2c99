"""Which database is meant, connections with our settings, errors in plain words."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa

from kingston_schema import db, settings
from kingston_schema.db import which
from kingston_schema.errors import BusyError, OutcomeUnknown, RefusedError, UnreachableError, UsageError

SECRET = "s3cr3t"


def test_explicit_url_comes_before_the_environment(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@one/x")
    assert db.resolve_url("postgres://b@two/y") == ("postgresql+psycopg://b@two/y", "given")
    assert db.resolve_url() == ("postgresql+psycopg://a@one/x", "DATABASE_URL")


def test_the_database_used_is_said_once_and_without_the_password(monkeypatch, capsys):
    monkeypatch.setattr(which, "_announced", set())
    for _ in range(2):
        db.resolve_url(f"postgresql://me:{SECRET}@db.example:6432/portal")
    said = capsys.readouterr()
    assert said.err == 'database: "portal" on db.example:6432 (given)\n'
    assert said.out == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@h:1/d", '"d" on h:1'),
        ("postgresql://u@/d?host=/run/pg&port=5432", '"d" on /run/pg'),
        ("postgresql+psycopg:///d", '"d" on the local socket'),
        ("postgresql://u@h", '"u" on h'),
    ],
)
def test_describe(url, shown):
    assert db.describe(url) == shown


@pytest.mark.parametrize("url", ["mysql://u:s3cr3t@h/d", "portal", "postgresql+asyncpg://u:s3cr3t@h/d"])
def test_other_schemes_are_refused_without_repeating_the_url(url):
    with pytest.raises(UsageError, match="postgresql://") as refused:
        db.resolve_url(url)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("url", [f"postgresql://u:{SECRET}@h:port/d", f"postgresql://u:{SECRET}@[::1/d"])
def test_broken_urls_are_refused_without_repeating_them(url):
    with pytest.raises(UsageError) as refused:
        db.engine(url)
    assert SECRET not in str(refused.value)


def test_search_path_and_name_of_a_connection(portal_at):
    with db.connect(portal_at("base").url, "public") as connection:
        row = connection.execute(
            "SELECT current_setting('search_path'), current_setting('application_name')"
        ).fetchone()
        assert row in [(path, "kingston_schema") for path in ("public, pg_temp", '"public", pg_temp')]
        assert connection.autocommit


def test_search_path_of_an_engine_survives_a_rollback(portal_at):
    engine = db.engine(portal_at("base").url, "firm_a")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW search_path")) == "firm_a, pg_temp"
        connection.rollback()
        assert connection.scalar(sa.text("SHOW search_path")) == "firm_a, pg_temp"


def test_own_settings_of_the_url_win(portal_at):
    url = portal_at("base").url + "&application_name=mine"
    with db.connect(url) as connection, db.engine(url).connect() as other:
        assert connection.execute("SHOW application_name").fetchone() == ("mine",)
        assert other.scalar(sa.text("SHOW application_name")) == "mine"


@pytest.mark.parametrize(("number", "shown"), [(140012, "14.12"), (90624, "90624")])
def test_server_that_is_too_old(number, shown):
    with pytest.raises(RefusedError, match=f"PostgreSQL {shown}; 15 or later"):
        db.require_version(number)


def test_servers_that_are_new_enough():
    for number in (settings.MINIMUM_SERVER, 180006):
        db.require_version(number)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("55P03", BusyError),
        ("57014", BusyError),
        ("40P01", BusyError),
        ("42501", RefusedError),
        ("25006", RefusedError),
        ("53300", UnreachableError),
        ("57P03", UnreachableError),
        ("42P01", type(None)),
    ],
)
def test_errors_of_the_server_in_our_words(newest_portal_at, state, expected):
    portal = newest_portal_at("base")
    raised = None
    try:
        portal.run(f"DO $$ BEGIN RAISE EXCEPTION 'no luck' USING ERRCODE = '{state}'; END $$")
    except psycopg.Error as error:
        raised = error
    ours = db.translate(raised, portal.url)
    assert type(ours) is expected
    if ours is not None:
        assert "no luck" in ours.message
        assert ours.fix


def test_connection_lost_in_the_middle_is_outcome_unknown(newest_portal_at):
    portal = newest_portal_at("base")
    victim = portal.connect()

    @db.plain_errors(portal.url)
    def work() -> None:
        portal.run("SELECT pg_terminate_backend(%s)", victim.info.backend_pid)
        for _ in range(100):
            victim.execute("SELECT pg_sleep(0.05)")

    with pytest.raises(OutcomeUnknown, match="was lost"):
        work()


def test_unexpected_errors_stay_what_they_are(newest_portal_at):
    portal = newest_portal_at("base")
    with pytest.raises(psycopg.errors.UndefinedTable), db.plain_errors(portal.url):
        portal.run("SELECT * FROM nowhere")


def test_an_interrupt_that_sqlalchemy_hides_is_found(newest_portal_at):
    """Leaving a block after the connection was cut raises an error of its own over what really happened."""

    @db.plain_errors(newest_portal_at("base").url)
    def work() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise sa.exc.PendingRollbackError("Can't reconnect until invalid transaction is rolled back")

    with pytest.raises(KeyboardInterrupt):
        work()

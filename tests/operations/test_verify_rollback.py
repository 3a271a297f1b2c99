"""kingston verify rollback: rollbacks rehearsed whole, on a scratch database that is gone afterwards."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from psycopg import sql

from kingston_schema import db
from kingston_schema.catalog import expected, history
from kingston_schema.models import metadata
from kingston_schema.operations.verify import above, below, units
from kingston_schema.operations.verify.differences import QUEUES
from kingston_schema.operations.verify.stages import Pair

LONG = bool(os.environ.get("KINGSTON_LONG"))
SMALL = ("--clients", "5", "--products", "30")
ACTIONS = ("--from", "phase_2_objectives_actions", "--to", "phase_2_client_information")
COMMAND = [sys.executable, "-c", "from kingston_schema.cli.app import main; raise SystemExit(main())"]


def scratch(server) -> list[str]:
    """The scratch databases on a server."""
    with psycopg.connect(server.started.server.dsn("postgres"), autocommit=True) as connection:
        query = "SELECT datname FROM pg_database WHERE datname LIKE 'kingston\\_rehearsal\\_%' ORDER BY 1"
        return [name for (name,) in connection.execute(query)]


def rehearsed(outcome) -> list[dict]:
    """The pairs of a call that found nothing, and proved something."""
    assert outcome.code == 0, outcome.out + outcome.err
    data = outcome.json["data"]
    assert data["not_run"] == []
    assert all(o["schema_equal"] and o["data_equal"] and o["differences"] == [] for o in data["outcomes"])
    return data["outcomes"]


class TestGood:
    def test_the_whole_way_accounts_for_every_value(self, kingston, server):
        (whole,) = rehearsed(
            kingston("verify", "rollback", *SMALL, "--json", "--url", server.url("postgres"))
        )
        assert (whole["revision"], whole["below"]) == (history.names()[-1], "legacy")
        # Summaries are computed anew, and rows whose reference is emptied come back and are kept beside.
        assert whole["archived"] > 800
        assert 0 < whole["quarantined"] < 60
        assert whole["archived"] * 0.9 < whole["restored"] < whole["archived"]
        assert whole["columns"] > 400
        assert scratch(server) == []

    def test_every_revision_between_two_and_the_whole_way(self, kingston, newest_server):
        ends = () if LONG else ("--from", "phase_3_ownership", "--to", "phase_2_field_encryption")
        found = rehearsed(
            kingston("verify", "rollback", "--all", *ends, *SMALL, "--json", "--url", newest_server.url("postgres"))
        )  # fmt: skip
        pairs = [(o["revision"], o["below"]) for o in found]
        order = history.names()
        if not LONG:
            order = order[order.index("phase_2_field_encryption") : order.index("phase_3_ownership") + 1]
        assert pairs == [*zip(order[1:], order, strict=False), (order[-1], order[0])]
        by_name = dict(zip(pairs, found, strict=True))
        assert by_name["phase_2", "phase_2_field_encryption"]["archived"] == 0
        ownership = by_name["phase_3_ownership", "phase_2"]
        # Every product's document, and what is remembered; gone: those of the deleted group and product and what
        # belongs to them, changed: two products whose owners changed.
        assert ownership["archived"] == ownership["restored"] + ownership["quarantined"] > 30
        assert ownership["quarantined"] >= 4

    def test_in_a_schema_of_its_own_and_by_a_role_that_is_no_superuser(self, kingston, newest_server):
        with role(newest_server, "rehearser", "CREATEDB") as url:
            rehearsed(
                kingston("--schema", "firm_a", "verify", "rollback", *ACTIONS, *SMALL, "--json", "--url", url)
            )
        assert scratch(newest_server) == []

    def test_people_see_a_table_and_the_story(self, kingston, newest_server):
        told = kingston(
            "verify", "rollback", "--from", "phase_1", "--to", "pre_migration", *SMALL, "--url", newest_server.url("postgres")
        )  # fmt: skip
        assert told.code == 0
        heading, row = told.out.splitlines()[:2]
        assert heading.split() == [
            "revision",
            "archived",
            "restored",
            "quarantined",
            "schema",
            "data",
            "duration",
        ]
        assert row.split()[0] == "phase_1"
        assert row.split()[4:6] == ["equal", "equal"]
        assert "1 rollback rehearsed in " in told.out
        assert "every value accounted for" in told.out
        for step in (
            "making kingston_rehearsal_",
            "writing above",
            "copying",
            "writing below",
            "comparing what came back",
        ):
            assert step in told.err

    def test_a_dry_run_only_says_what_it_would_do(self, kingston, newest_server):
        told = kingston(
            "verify", "rollback", "--all", "--dry-run", "--json", "--url", newest_server.url("postgres")
        )
        assert told.code == 0
        assert len(told.json["data"]["pairs"]) == len(history.names())
        assert scratch(newest_server) == []

    def test_here_uses_the_database_given_and_brings_it_back_to_its_revision(
        self, kingston, newest_portal_at, newest_server
    ):
        portal = newest_portal_at("phase_2_networth", seed=True)
        groups = portal.one("SELECT count(*) FROM client_groups")
        portal.close()
        portal._open.clear()
        found = rehearsed(
            kingston("verify", "rollback", *ACTIONS, "--here", "--yes", "--json", portal=portal)
        )
        assert found[0]["quarantined"] > 0
        assert portal.one("SELECT version_num FROM alembic_version") == "phase_2_networth"
        assert portal.one("SELECT count(*) FROM client_groups") > groups
        assert scratch(newest_server) == []


class TestWriting:
    def test_every_table_of_phase_2_is_written_or_computed(self):
        ours = {name for name in metadata.tables if not legacy(name)} - above.COMPUTED
        assert ours == units.rows().keys() - {"product_owner_products"}
        assert QUEUES <= above.COMPUTED

    def test_every_step_below_has_a_pair_in_which_it_runs(self):
        order = history.names()
        there = {
            revision: {
                name.split(" ", 1)[1]
                for name in expected.expected(revision, 180000).objects
                if name.startswith(("table ", "column "))
            }
            | {"product_owners.phone"}  # the sample data have it
            for revision in order
        }
        for step in (step for path in below.FILES for step in units.steps(path)):
            assert any(
                all(
                    (name in there[high if where == "above" else low]) == (what == "has")
                    for where, what, name in step.conditions
                )
                for low, high in itertools.pairwise(order)
            ), step.name
        assert below.NUMBER in {step.name for path in below.FILES for step in units.steps(path)}

    def test_values_and_nulls_stand_in_every_column(self, filled):
        """At head; what a rule or the design keeps empty or filled is named."""
        lacking = []
        for name in sorted(metadata.tables.keys() - above.COMPUTED):
            for column in metadata.tables[name].columns:
                if legacy(name) and column.name in LEGACY_COLUMNS[name]:
                    continue
                values, nulls = filled.one(
                    f'SELECT count("{column.name}"), count(*) - count("{column.name}") FROM {name}'
                )
                lacking += [f"{name}.{column.name}: no value"] * (values == 0)
                may = column.nullable and column.computed is None
                lacking += [f"{name}.{column.name}: no NULL"] * (may and nulls == 0)
        # Triggers write these when nobody does.
        assert lacking == [
            "client_group_secrets.updated_by: no NULL",
            "product_owner_phones.updated_by: no NULL",
        ]

    def test_the_values_are_not_those_of_an_ordinary_day(self, filled):
        for query in (
            "SELECT count(*) FROM client_objectives WHERE target_date IN ('infinity', '-infinity', '4713-01-01 BC', '5874897-12-31')",
            "SELECT count(*) FROM client_actions WHERE created_at IN ('infinity', '-infinity')",
            "SELECT count(*) FROM product_owners WHERE next_meeting_date = 'infinity' OR notes = '𝔘 שלום'",
            "SELECT count(*) FROM client_unmanaged_products WHERE latest_valuation = 9999999999999.99",
            "SELECT count(*) FROM encryption_audit_log WHERE record_id IN (9223372036854775807, -9223372036854775808)",
            "SELECT count(*) FROM client_objectives WHERE description IN ('', ' ', '\\N') OR length(description) > 10000",
        ):
            assert filled.one(query.encode()) > 0, query
        kinds = filled.all(
            "SELECT DISTINCT jsonb_typeof(snapshot_data -> 'unmanaged_products') FROM networth_statements"
        )
        assert set(kinds) == {"null", "boolean", "number", "string", "array", "object"}


class TestFaults:
    def test_a_value_altered_in_the_archive_and_a_trigger_that_is_lost(
        self, kingston, newest_server, monkeypatch
    ):
        after(
            monkeypatch,
            "descend",
            "UPDATE kingston_archive.client_actions SET description = 'altered' WHERE action_name = 'null'",
        )
        after(monkeypatch, "climb_again", "DROP TRIGGER client_actions_touch ON client_actions")
        told = kingston(
            "verify", "rollback", *ACTIONS, *SMALL, "--json", "--url", newest_server.url("postgres")
        )
        assert told.code == 1
        found = {(f["code"], f["object"]): f for f in told.json["findings"]}
        assert found.keys() == {
            ("schema_differs", "trigger client_actions_touch on client_actions"),
            ("value_differs", "client_actions.description"),
        }
        assert "(key " in found["value_differs", "client_actions.description"]["message"]
        (outcome,) = told.json["data"]["outcomes"]
        assert not outcome["schema_equal"]
        assert not outcome["data_equal"]
        assert scratch(newest_server) == []

    def test_a_movement_that_fails_is_named_and_the_next_pair_goes_on(
        self, kingston, newest_server, monkeypatch
    ):
        once = iter(["CREATE TABLE client_actions (id int)"])
        after(monkeypatch, "write_below", once)
        told = kingston(
            "verify", "rollback", "--all", "--from", "phase_2_networth", "--to", "phase_2_client_information", *SMALL,
            "--url", newest_server.url("postgres"),
        )  # fmt: skip
        assert told.code == 1
        assert "the way to phase_2_objectives_actions failed: " in told.out
        rows = [line.split() for line in told.out.splitlines()[1:4]]
        assert [row[0] for row in rows] == [
            "phase_2_objectives_actions",
            "phase_2_networth",
            "phase_2_networth",
        ]
        assert [row[-3] for row in rows] == ["DIFFERS", "equal", "equal"]
        assert "3 rollbacks rehearsed" in told.out
        assert "1 differs" in told.out

    def test_a_statement_of_phase_1_that_is_refused_below_is_named(
        self, kingston, newest_server, monkeypatch
    ):
        after(
            monkeypatch,
            "descend",
            "ALTER TABLE client_groups ADD CONSTRAINT left_over CHECK (advisor IS NULL) NOT VALID",
        )
        told = kingston("verify", "rollback", *ACTIONS, *SMALL, "--url", newest_server.url("postgres"))
        assert told.code == 1
        assert (
            'what people do below is refused (a group gets another name): new row for relation "client_groups"'
            in told.out
        )

    def test_keep_leaves_both_databases_to_look_at(self, kingston, newest_server, monkeypatch):
        after(monkeypatch, "climb_again", "DELETE FROM client_objectives WHERE title = 'null'")
        told = kingston(
            "verify",
            "rollback",
            "--all",
            *ACTIONS,
            *SMALL,
            "--keep",
            "--json",
            "--url",
            newest_server.url("postgres"),
        )
        try:
            assert told.code == 1
            data = told.json["data"]
            assert [data["database"], data["before"]] == scratch(newest_server)
            assert told.json["findings"][0]["object"] == "client_objectives"
            left = kingston(
                "verify", "rollback", "--clean", "--dry-run", "--json", "--url", newest_server.url("postgres")
            )
            assert left.json["data"]["databases"] == scratch(newest_server)
        finally:
            cleaned = kingston("verify", "rollback", "--clean", "--url", newest_server.url("postgres"))
        assert "dropped: kingston_rehearsal_" in cleaned.out
        assert scratch(newest_server) == []


class TestBadInput:
    @pytest.mark.parametrize(
        ("options", "message", "fix"),
        [
            (("--from", "phase_33"), 'there is no revision "phase_33"; did you mean phase_3', "kingston alembic history"),
            (("--to", "no"), 'there is no revision "no"', "kingston alembic history"),
            (("--from", "phase_2", "--to", "phase_3"), "--from phase_2 is not above --to phase_3", "--from phase_3 --to phase_2"),
            (("--from", "phase_2", "--to", "phase_2"), "a rollback goes down", "--from head --to phase_2"),
            (("--to", "base"), "below legacy there is no portal", "--to legacy"),
            (("--products", "-1"), "--products -1 is out of range", "kingston seed"),
        ],
    )  # fmt: skip
    def test_usage(self, kingston, newest_server, options, message, fix):
        told = kingston("verify", "rollback", *options, "--json", "--url", newest_server.url("postgres"))
        assert told.code == 2
        assert message in told.finding["message"]
        assert fix in told.finding["fix"]

    def test_unreachable(self, kingston):
        told = kingston("verify", "rollback", "--json", "--url", "postgresql://localhost:1/nowhere")
        assert (told.code, told.finding["code"]) == (4, "unreachable")

    def test_a_role_that_may_not_create_databases(self, kingston, newest_server):
        with role(newest_server, "no_rehearser", "NOCREATEDB") as url:
            for dry_run in ((), ("--dry-run",)):
                told = kingston("verify", "rollback", *dry_run, "--json", "--url", url)
                assert (told.code, told.finding["code"]) == (3, "refused")
                assert "role no_rehearser may not create databases" in told.finding["message"]
                assert "ALTER ROLE no_rehearser CREATEDB" in told.finding["fix"]

    def test_here_asks_and_refuses_what_is_no_portal_or_in_use(self, kingston, newest_portal_at):
        told = kingston("verify", "rollback", "--here", "--yes", "--json", portal=newest_portal_at("base"))
        assert (told.code, told.finding["code"]) == (3, "refused")
        portal = newest_portal_at("phase_1")
        assert kingston("verify", "rollback", "--here", "--json", portal=portal).code == 2
        assert portal.one("SELECT count(*) FROM client_groups") == 0
        told = kingston("verify", "rollback", "--here", "--yes", "--json", portal=portal)
        assert (told.code, told.finding["code"]) == (3, "refused")
        assert "1 other sessions are connected" in told.finding["message"]


class TestInterrupted:
    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
    def test_nothing_is_left(self, newest_server, how):
        running, line = started(newest_server, "writing above")
        assert len(scratch(newest_server)) == 1, line
        running.send_signal(how)
        _, told = running.communicate(timeout=60)
        assert running.returncode == 5, told
        assert "interrupted" in told
        assert scratch(newest_server) == []

    def test_killed_it_leaves_databases_that_are_recognised_and_removed(self, kingston, newest_server):
        running, _ = started(newest_server, ", down to")
        url = newest_server.url("postgres")
        assert (
            kingston("verify", "rollback", "--clean", "--dry-run", "--url", url).out.strip()
            == "nothing was left behind"
        )
        running.kill()
        running.communicate()
        left = scratch(newest_server)
        assert len(left) == 2
        with psycopg.connect(newest_server.started.server.dsn("postgres"), autocommit=True) as connection:
            until(lambda: not connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'kingston_rehearsal%'").fetchone())  # fmt: skip
            connection.execute("CREATE DATABASE kingston_rehearsal_00000000")
            connection.execute("COMMENT ON DATABASE kingston_rehearsal_00000000 IS 'mine'")
            told = kingston("verify", "rollback", "--dry-run", "--url", url)
            assert f"left behind by interrupted runs: {', '.join(left)}" in told.err
            told = kingston("verify", "rollback", "--clean", "--json", "--url", url)
            assert told.json["data"]["databases"] == left
            assert scratch(newest_server) == ["kingston_rehearsal_00000000"]
            connection.execute("DROP DATABASE kingston_rehearsal_00000000")


# -- helpers ------------------------------------------------------------------------------------------------


LEGACY_COLUMNS = {
    "product_owners": {"id", "created_at", "status", "firstname", "surname", "known_as"},
    "client_products": {c.name for c in metadata.tables["client_products"].columns} - {"ownership_details"},
}


def legacy(name: str) -> bool:
    from kingston_schema.ddl.preflight import LEGACY_TABLES

    if name in LEGACY_TABLES:
        LEGACY_COLUMNS.setdefault(name, {c.name for c in metadata.tables[name].columns})
    return name in LEGACY_TABLES


@pytest.fixture(scope="module")
def filled(newest_server):
    """A portal at head in which the rehearsal has written, once, as for a rollback to legacy."""
    from kingston_schema.operations.verify import shape, sums

    low, portal = newest_server.templates.clone("legacy"), newest_server.templates.clone("head", True)
    with sums.connect(portal.url, "public") as connection, sums.connect(low.url, "public") as below:
        above.write(connection, shape.read(connection, "public"), shape.read(below, "public"), "1")
    yield portal
    for each in (low, portal):
        newest_server.templates.drop(each)


@contextlib.contextmanager
def role(server, name: str, right: str):
    """The URL of a database that belongs to a login role of its own."""
    with psycopg.connect(server.started.server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN {right}".encode())
        connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))
        try:
            yield server.url(name, user=name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def after(monkeypatch, stage: str, damage) -> None:
    """Do damage to the scratch database after a stage of a pair; an iterator gives the damage of one pair each."""
    original = getattr(Pair, stage)

    def damaged(pair: Pair) -> None:
        original(pair)
        statement = damage if isinstance(damage, str) else next(damage, None)
        if statement:
            with db.connect(pair.place.url) as connection:
                connection.execute("SET session_replication_role = replica")
                connection.execute(statement.encode())

    monkeypatch.setattr(Pair, stage, damaged)


def started(server, step: str) -> tuple[subprocess.Popen[str], str]:
    """The real command, at that step."""
    running = subprocess.Popen(
        [*COMMAND, "verify", "rollback", *ACTIONS, *SMALL, "--url", server.url("postgres")],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert running.stderr is not None
    for line in running.stderr:
        if step in line:
            return running, line
    raise AssertionError("it ended before")


def until(true) -> None:
    """Wait for what the server does by itself."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)

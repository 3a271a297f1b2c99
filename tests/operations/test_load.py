"""kingston load"""

from __future__ import annotations

import pytest

from kingston_schema.operations import _workload, load

SHORT = ("--users", "2", "--seconds", "1")


def test_a_scratch_copy_is_read_and_written_and_the_portal_is_not(kingston, portal_at):
    portal = portal_at("phase_3", seed=True)
    tables = ("portfolio_valuations", "product_owner_products", "holding_activity_log", "client_actions")
    state = [
        f"SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {table} AS t" for table in tables
    ]
    before = [portal.one(s) for s in state], portal.all("SELECT datname FROM pg_database ORDER BY 1")
    told = kingston("load", *SHORT, "--json", portal=portal)
    data = told.json["data"]
    assert data["errors"] == 0
    assert data["copy"] is True
    assert data["calls"] == sum(x["calls"] for x in data["latencies"]) > 20
    assert {x["writes"] for x in data["latencies"]} == {True, False}
    assert all(x["p50_ms"] <= x["p95_ms"] <= x["p99_ms"] <= x["max_ms"] for x in data["latencies"])
    assert (
        [portal.one(s) for s in state],
        portal.all("SELECT datname FROM pg_database ORDER BY 1"),
    ) == before


def test_here_it_only_reads(kingston, newest_portal_at):
    portal = newest_portal_at("head", seed=True)
    told = kingston("load", *SHORT, "--here", portal=portal)
    assert "reading only" in told.out
    data = kingston("load", *SHORT, "--here", "--json", portal=portal).json["data"]
    assert {x["query"] for x in data["latencies"]} <= {q.name for q in _workload.queries("phase_6")}
    assert data["errors"] == 0


@pytest.mark.parametrize("revision", ["legacy", "head"])
def test_every_statement_of_the_mix_runs(portal_at, revision):
    portal = portal_at(revision, seed=True)
    connection = portal.connection
    for query in _workload.queries(
        portal.one("SELECT version_num FROM alembic_version"), (*_workload.READS, *_workload.WRITES)
    ):
        given = _workload.parameters(connection, query)
        assert given, query.name
        with connection.transaction(force_rollback=True):
            for statement in query.text.split(";\n"):
                connection.execute(statement.encode(), given[0] or None)


def test_a_statement_that_fails_or_is_slow_is_a_finding(kingston, newest_portal_at):
    portal = newest_portal_at("legacy", seed=True)
    portal.run("ALTER TABLE client_groups RENAME COLUMN advisor_id TO gone")
    told = kingston("load", *SHORT, "--here", "--json", portal=portal)
    assert told.code == 1
    finding = next(f for f in told.json["findings"] if f["object"] == "client_group")
    assert "advisor_id" in finding["message"]
    slow = load._judge(_workload.Query("q", "", critical_ms=10, warn_ms=5), False, [20.0] * 9, [])
    assert slow.state == "critical"
    assert (
        load._judge(_workload.Query("q", "", critical_ms=30, warn_ms=5), False, [20.0] * 9, []).state
        == "warning"
    )


def test_a_dry_run_does_nothing(kingston, newest_portal_at):
    told = kingston("load", "--dry-run", portal=newest_portal_at("legacy"))
    assert told.code == 0
    assert "nothing was done" in told.out


def test_an_empty_schema_and_bad_input(kingston, newest_portal_at):
    portal = newest_portal_at("base")
    assert kingston("load", *SHORT, "--json", portal=portal).code == 2
    assert kingston("load", "--users", "0", "--json", portal=portal).code == 2

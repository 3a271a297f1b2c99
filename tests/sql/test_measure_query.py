"""measure_query(), benchmark_queries(), plan_shape(): times that were measured"""

from __future__ import annotations

import psycopg
import pytest


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_1", seed=True)


def test_every_registered_query_can_be_measured(portal_at):
    portal = portal_at("head", seed=True)
    rows = portal.all(
        "SELECT q.query_name, m.* FROM benchmark_queries() AS q CROSS JOIN LATERAL measure_query(q.query_name, 5) AS m"
    )
    assert len(rows) == portal.one("SELECT count(*) FROM benchmark_queries()") >= 13
    for name, samples, median, p95, least, most, mean, noise, shape, buffers, _ in rows:
        assert samples == 5, name
        assert 0 < least <= median <= p95 <= most
        assert least <= mean <= most
        assert noise >= 0
        assert len(shape) == 16
        assert buffers > 0


def test_E012_E137_the_time_is_that_of_the_query_and_not_of_two_clocks(portal):
    fast = portal.one("SELECT median_ms FROM measure_query('client_data_retrieval')")
    portal.run(
        "CREATE OR REPLACE FUNCTION benchmark_queries() RETURNS TABLE (query_name text, kind text, limit_ms numeric,"
        " minimum_rows integer, query text) LANGUAGE sql IMMUTABLE AS"
        " $$ SELECT 'sleep'::text, 'probe'::text, 1::numeric, 1, 'SELECT pg_sleep(0.03)'::text $$"
    )
    slow = portal.one("SELECT median_ms FROM measure_query('sleep', 3)")
    assert 29 < slow < 500
    assert fast < 29 or fast != slow


def test_E076_E011_one_name_one_query(portal_at):
    portal = portal_at("head")
    names = portal.all("SELECT query_name FROM benchmark_queries()")
    assert len(names) == len(set(names))
    assert {"client_data_retrieval", "product_ownership_query", "portfolio_valuation_aggregation"} <= set(names)
    # The baselines are the very same text before and after.
    before = portal_at("phase_1").all("SELECT query_name, query FROM benchmark_queries() ORDER BY 1")
    after = portal.all("SELECT query_name, query FROM benchmark_queries() WHERE kind = 'baseline' ORDER BY 1")
    assert before == after


def test_an_unknown_name_or_number_of_runs_is_an_error(portal):
    for call in ("measure_query('DROP TABLE profiles')", "measure_query(NULL)", "measure_query('client_data_retrieval', 0)",
                 "measure_query('client_data_retrieval', 1000)", "measure_query('client_data_retrieval', NULL)"):  # fmt: skip
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            portal.all(f"SELECT * FROM {call}")


def test_the_shape_of_a_plan_is_its_nodes_and_tables_and_not_its_costs(portal):
    def shape(query: str) -> str:
        plan = portal.one(f"EXPLAIN (FORMAT JSON) {query}")
        return portal.one("SELECT plan_shape(%s::jsonb)", psycopg.types.json.Jsonb(plan))

    assert shape("SELECT * FROM client_groups WHERE id < 5") == shape("SELECT id FROM client_groups WHERE id < 6")
    assert shape("SELECT * FROM client_groups") != shape("SELECT * FROM profiles")
    assert shape("SELECT * FROM client_groups") != shape("SELECT count(*) FROM client_groups")

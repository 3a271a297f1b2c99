"""compare_with_baselines(): slower only beyond tolerance, noise and five milliseconds"""

from __future__ import annotations

import pytest


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_4", seed=True)


def doctored(portal, median: float, noise: float = 0) -> None:
    """Make the baselines of phase 1 look like this."""
    portal.run(
        "UPDATE performance_baselines SET median_ms = %s, noise_ms = %s WHERE phase = 'phase_1'", median, noise
    )


def replace_queries(portal, query: str, rows: int = 1) -> None:
    portal.run(
        "CREATE OR REPLACE FUNCTION benchmark_queries() RETURNS TABLE (query_name text, kind text, limit_ms numeric,"
        " minimum_rows integer, query text) LANGUAGE sql IMMUTABLE AS"
        f" $$ SELECT 'client_data_retrieval'::text, 'baseline'::text, NULL::numeric, {rows}, '{query}'::text $$"
    )


def verdicts(portal):
    return portal.all("SELECT test_name, performance_change_percent, within_tolerance FROM compare_with_baselines('test')")


def test_E011_every_query_meets_its_own_baseline(portal):
    found = portal.all(
        "SELECT b.test_name, b.baseline_ms = p.median_ms FROM compare_with_baselines('test') AS b"
        " JOIN performance_baselines AS p ON p.query_name = b.test_name AND p.phase = 'phase_1'"
    )
    assert len(found) == 3
    assert all(same for _, same in found)


def test_E075_faster_is_never_degraded(portal):
    doctored(portal, 10_000)
    for name, change, within in verdicts(portal):
        if name in ("client_data_retrieval", "product_ownership_query", "portfolio_valuation_aggregation"):
            assert change < -90
            assert within


def test_E074_E073_tiny_and_zero_baselines_are_no_reason(portal):
    doctored(portal, 0)
    assert {within for name, _, within in verdicts(portal) if not name.startswith("json")} == {True}
    doctored(portal, 0.001)
    assert {within for name, _, within in verdicts(portal) if not name.startswith("json")} == {True}


def test_slower_beyond_tolerance_noise_and_floor_is_found(portal):
    replace_queries(portal, "SELECT pg_sleep(0.02)")
    doctored(portal, 2)
    [(_, change, within)] = verdicts(portal)
    assert change > 500
    assert within is False
    doctored(portal, 2, noise=500)
    assert verdicts(portal)[0][2] is True, "within the noise of the baseline"
    doctored(portal, 19)
    assert verdicts(portal)[0][2] is True, "within the tolerance of 15 % or the floor of 5 ms"
    doctored(portal, 2)
    portal.run("UPDATE migration_control SET value = '100000' WHERE setting = 'performance_tolerance_percent'")
    assert verdicts(portal)[0][2] is True, "within the tolerance of the setting"


def test_E145_too_few_rows_say_nothing(portal):
    replace_queries(portal, "SELECT pg_sleep(0.02)", rows=10)
    doctored(portal, 2)
    portal.run("UPDATE performance_baselines SET rows_returned = 0")
    assert verdicts(portal)[0][2] is None


def test_a_query_without_baseline_has_no_change(portal):
    portal.run("DELETE FROM performance_baselines")
    assert {change for _, change, _ in verdicts(portal)} == {None}

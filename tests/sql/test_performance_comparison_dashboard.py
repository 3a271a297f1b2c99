"""performance_comparison_dashboard: the trend in words that agree with the verdict"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("change", "within", "trend"),
    [
        (None, None, "NO DATA"),
        (None, True, "NO DATA"),
        (40, False, "SLOWER by 40.0%"),
        (1400.25, False, "SLOWER by 1400.3%"),
        (40, True, "WITHIN TOLERANCE"),
        (-10, True, "WITHIN TOLERANCE"),
        (-20.44, True, "FASTER by 20.4%"),
        (40, None, "N/A"),
    ],
)
def test_E075_E113(portal_at, change, within, trend):
    portal = portal_at("head")
    portal.run("DELETE FROM migration_benchmarks")
    portal.run(
        "INSERT INTO migration_benchmarks (test_name, phase, baseline_ms, current_ms, performance_change_percent, within_tolerance)"
        " VALUES ('probe', 'phase_4', 1, 2, %s, %s)", change, within,
    )  # fmt: skip
    assert portal.one("SELECT performance_trend FROM performance_comparison_dashboard") == trend

"""performance_grade() and its limits"""

from __future__ import annotations

import psycopg
import pytest


def test_grades_at_the_limits_of_the_plan(portal_at):
    portal = portal_at("phase_6_summaries")
    limits = portal.all("SELECT limit_name, excellent_ms, good_ms, acceptable_ms FROM performance_limits()")
    assert {name: values for name, *values in limits}["dense_query"] == [100, 300, 500]
    for name, excellent, good, acceptable in limits:
        for ms, grade in ((0, "EXCELLENT"), (excellent, "GOOD"), (good, "ACCEPTABLE"), (acceptable, "POOR"), (None, None)):
            assert portal.one("SELECT performance_grade(%s, %s)", name, ms) == grade
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        portal.one("SELECT performance_grade('guess', 1)")

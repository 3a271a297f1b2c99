"""run_due_monitoring(), its schedules and its results"""

from __future__ import annotations

import psycopg
import pytest

TYPES = ["system_health_check", "performance_test_suite", "index_usage_analysis", "constraint_validation"]
DUE = "UPDATE monitoring_schedule SET next_execution = clock_timestamp()"


def test_E105_E204_four_schedules_however_often_they_are_set_up(portal_at):
    portal = portal_at("head")
    schedules = portal.all("SELECT monitoring_type, frequency_minutes, active FROM monitoring_schedule ORDER BY frequency_minutes")
    assert schedules == [(name, minutes, True) for name, minutes in zip(TYPES, (15, 60, 360, 1440), strict=True)]
    portal.run("UPDATE monitoring_schedule SET frequency_minutes = 5 WHERE monitoring_type = 'system_health_check'")
    assert portal.one("SELECT setup_post_deployment_monitoring()") == 0
    assert portal.one("SELECT frequency_minutes FROM monitoring_schedule WHERE monitoring_type = 'system_health_check'") == 5
    portal.run("DELETE FROM monitoring_schedule WHERE monitoring_type = 'system_health_check'")
    assert portal.one("SELECT setup_post_deployment_monitoring()") == 1
    with pytest.raises(psycopg.errors.UniqueViolation):
        portal.run("INSERT INTO monitoring_schedule (monitoring_type, frequency_minutes) VALUES ('system_health_check', 1)")


@pytest.mark.parametrize("seed", [False, True], ids=["empty", "full"])
def test_E174_every_schedule_runs_and_is_recorded(portal_at, seed):
    portal = portal_at("head", seed=seed)
    assert portal.all("SELECT * FROM run_due_monitoring()") == []
    portal.run(DUE)
    assert sorted(portal.all("SELECT monitoring_type, status, alert_level FROM run_due_monitoring()")) == [
        (name, "completed", "INFO") for name in sorted(TYPES)
    ]
    assert portal.one("SELECT count(*) FROM monitoring_results WHERE results IS NOT NULL") == 4
    late = portal.one("SELECT count(*) FROM monitoring_schedule WHERE next_execution <= clock_timestamp() OR last_executed IS NULL")
    assert late == 0
    assert portal.all("SELECT * FROM run_due_monitoring()") == []


def test_an_unknown_type_is_recorded_as_an_error_and_stops_no_other(portal_at):
    portal = portal_at("head")
    portal.run("INSERT INTO monitoring_schedule (monitoring_type, frequency_minutes, next_execution) VALUES ('horoscope', 5, '2020-01-01')")
    portal.run("INSERT INTO monitoring_schedule (monitoring_type, frequency_minutes) VALUES ('summary_refresh', 5)")
    portal.run(DUE)
    found = {name: rest for name, *rest in portal.all("SELECT * FROM run_due_monitoring()")}
    assert found.pop("horoscope") == ["failed", "ERROR"]
    assert sorted(found) == sorted([*TYPES, "summary_refresh"])
    assert portal.one("SELECT results ->> 'error' FROM monitoring_results WHERE status = 'failed'") == 'no monitoring is called "horoscope"'


def test_what_is_wrong_raises_the_alert_level(portal_at):
    portal = portal_at("head")
    portal.run("ALTER TABLE client_actions DISABLE TRIGGER client_actions_status")
    portal.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_client_items_type'::regclass")
    portal.run(DUE)
    levels = {name: level for name, _, level in portal.all("SELECT * FROM run_due_monitoring()")}
    assert levels == {"system_health_check": "ERROR", "constraint_validation": "ERROR", "index_usage_analysis": "ERROR",
                      "performance_test_suite": "INFO"}  # fmt: skip
    results = "SELECT results FROM monitoring_results WHERE monitoring_type = %s"
    assert portal.one(results, "index_usage_analysis")["not_valid"] == ["idx_client_items_type"]
    assert portal.one(results, "constraint_validation")["lacking"][0]["name"] == "client_actions_status"


def test_two_callers_share_the_work(portal_at):
    portal = portal_at("head")
    portal.run(DUE)
    first = portal.connect()
    first.autocommit = False
    assert len(first.execute("SELECT * FROM run_due_monitoring()").fetchall()) == 4
    assert portal.all("SELECT * FROM run_due_monitoring()") == []
    first.commit()
    assert portal.one("SELECT count(*) FROM monitoring_results") == 4


def test_inactive_schedules_rest(portal_at):
    portal = portal_at("head")
    portal.run(DUE + ", active = false")
    assert portal.all("SELECT * FROM run_due_monitoring()") == []


def test_E204_results_end_after_a_time(portal_at):
    portal = portal_at("head")
    portal.run("INSERT INTO monitoring_results (monitoring_type, status, executed_at) VALUES ('x', 'completed', now() - interval '91 days'), ('x', 'completed', now() - interval '89 days')")
    assert portal.one("SELECT purge_monitoring_results()") == 1
    assert portal.one("SELECT purge_monitoring_results(30)") == 1
    for days in (0, -1, None):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            portal.run("SELECT purge_monitoring_results(%s)", days)

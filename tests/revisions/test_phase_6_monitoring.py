"""Revision phase_6_monitoring: schedules and results survive going down and up"""

from __future__ import annotations

TABLES = ("monitoring_schedule", "monitoring_results", "deployment_signoff")


def test_down_and_up_keeps_schedules_results_and_sign_offs(portal_at):
    portal = portal_at("phase_6_monitoring", seed=True)
    portal.run("UPDATE monitoring_schedule SET next_execution = now(), frequency_minutes = 7 WHERE monitoring_type = 'system_health_check'")
    portal.run("SELECT run_due_monitoring()")
    portal.run("INSERT INTO deployment_signoff (check_item, signed_by, evidence) VALUES ('x', 'Ann', 'seen')")
    before = {table: portal.all(f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
    assert all(before.values())
    portal.alembic("downgrade", "phase_6_summaries")
    assert portal.one("SELECT count(*) FROM benchmark_queries()") == 6
    portal.alembic("upgrade", "phase_6_monitoring")
    assert {table: portal.all(f"SELECT * FROM {table} ORDER BY id") for table in TABLES} == before
    assert portal.one("SELECT count(*) FROM benchmark_queries()") == 13
    portal.run("INSERT INTO deployment_signoff (check_item, signed_by, evidence) VALUES ('y', 'Ben', 'seen')")

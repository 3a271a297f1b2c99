"""check_critical_system_alerts(): what somebody should look at"""

from __future__ import annotations


def alerts(portal) -> dict[str, str]:
    return dict(portal.all("SELECT alert_type, severity FROM check_critical_system_alerts()"))


def test_nothing_wrong_is_one_info_row(portal_at):
    for seed in (False, True):
        assert portal_at("head", seed=seed).all("SELECT * FROM check_critical_system_alerts()") == [
            ("System Status", "INFO", "no alert", "none")
        ]


def test_each_alert(portal_at):
    portal = portal_at("head", seed=True)
    portal.run("INSERT INTO migration_log (phase, operation, status, error_message) VALUES ('x', 'job', 'failed', 'row violates check constraint \"c\"')")
    assert alerts(portal) == {"Migration Failure": "CRITICAL", "Constraint Violations": "ERROR"}
    portal.run("UPDATE migration_log SET resolved_at = now() WHERE operation = 'job'")
    portal.run("INSERT INTO migration_benchmarks (test_name, phase, within_tolerance) VALUES ('q', 'x', false)")
    portal.run("UPDATE client_groups SET name = 'X'")
    assert alerts(portal) == {"Performance Degradation": "WARNING"}
    portal.run("UPDATE summary_dirty SET marked_at = now() - interval '2 hours'")
    portal.run("UPDATE migration_benchmarks SET recorded_at = now() - interval '7 hours'")
    assert alerts(portal) == {"Stale Summaries": "WARNING"}
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    portal.run("DROP INDEX idx_client_actions_owner")
    assert alerts(portal) == {"Damaged Schema": "ERROR"}


def test_old_events_raise_no_alert(portal_at):
    portal = portal_at("head")
    portal.run("INSERT INTO migration_log (phase, operation, status, started_at) VALUES ('x', 'job', 'failed', now() - interval '25 hours')")
    portal.run("INSERT INTO migration_benchmarks (test_name, phase, within_tolerance, recorded_at) VALUES ('q', 'x', false, now() - interval '7 hours')")
    assert alerts(portal) == {"System Status": "INFO"}

"""migration_completion: figures from the log, true at any time"""

from __future__ import annotations


def test_E083_E071_a_clean_run_is_100_percent_and_hours_are_whole_hours(portal_at):
    portal = portal_at("head")
    completed, hours, rate, operations = portal.one("SELECT * FROM migration_completion")
    assert completed == portal.one("SELECT max(completed_at) FROM migration_log WHERE operation = 'up phase_6'")
    assert 0 <= hours < 1
    assert (rate, operations) == (100, portal.one("SELECT count(*) FROM migration_log WHERE operation LIKE 'up %'"))
    portal.run("UPDATE migration_log SET started_at = started_at - interval '26 hours' WHERE id = (SELECT min(id) FROM migration_log)")
    assert 26 <= portal.one("SELECT migration_duration_hours FROM migration_completion") < 27
    portal.run("INSERT INTO migration_log (phase, operation, status) VALUES ('phase_1', 'up phase_1', 'failed')")
    assert portal.one("SELECT migration_success_rate_percent FROM migration_completion") < 100


def test_below_phase_6_it_is_not_completed(portal_at):
    portal = portal_at("phase_6_monitoring")
    assert portal.one("SELECT migration_completed_at FROM migration_completion") is None

"""unresolved_failures: what failed and nobody dealt with"""

from __future__ import annotations


def test_E116_a_failure_that_was_dealt_with_counts_no_more(portal_at):
    portal = portal_at("head")
    log = "INSERT INTO migration_log (phase, operation, status, started_at) VALUES ('phase_4', %s, %s, %s) RETURNING id"
    old = portal.one(log, "up something", "failed", "2024-01-01")
    assert portal.all("SELECT id FROM unresolved_failures") == [old]
    portal.one(log, "down something", "rolled_back", "2024-01-02")
    assert portal.all("SELECT id FROM unresolved_failures") == []
    again = portal.one(log, "up something", "failed", "2024-01-03")
    assert portal.all("SELECT id FROM unresolved_failures") == [again]
    portal.run("UPDATE migration_log SET resolved_at = now(), resolved_by = 'me' WHERE id = %s", again)
    assert portal.all("SELECT id FROM unresolved_failures") == []


def test_the_first_attempt_of_what_is_running_now_does_not_stop_the_second(portal_at):
    portal = portal_at("head")
    portal.run("INSERT INTO migration_log (phase, operation, status) VALUES ('phase_6', 'up phase_6', 'failed')")
    assert portal.one("SELECT count(*) FROM unresolved_failures") == 1
    portal.run("SET kingston.revision = 'phase_6'")
    assert portal.one("SELECT count(*) FROM unresolved_failures") == 0

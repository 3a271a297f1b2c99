"""check_migration_system_health(): five rows about named things"""

from __future__ import annotations


def health(portal) -> dict[str, tuple[str, str, int]]:
    return {component: tuple(rest) for component, *rest in portal.all("SELECT * FROM check_migration_system_health()")}


def test_E016_it_works_on_an_empty_and_on_a_full_database(portal_at):
    for seed in (False, True):
        found = health(portal_at("head", seed=seed))
        assert list(found) == ["New Tables", "Performance Indexes", "Migration Operations", "Database Connections", "Overall System Health"]
        assert found["Overall System Health"] == ("EXCELLENT", "system health score: 100%", 100)


def test_E078_E079_what_is_missing_is_named_and_costs_its_points(portal_at):
    portal = portal_at("head")
    portal.run("DROP INDEX idx_client_actions_owner")
    found = health(portal)
    assert found["Performance Indexes"] == ("DEGRADED", "client_actions idx_client_actions_owner missing", 75)
    assert found["Overall System Health"][2] == 85
    portal.run("DROP TABLE deployment_signoff CASCADE")
    found = health(portal)
    assert found["New Tables"] == ("DEGRADED", "deployment_signoff missing", 80)
    portal.run("ALTER TABLE client_actions DISABLE TRIGGER client_actions_status")
    assert "client_actions client_actions_status switched off" in health(portal)["Overall System Health"][1]


def test_E116_unresolved_failures_cost_ten_points_each(portal_at):
    portal = portal_at("head")
    for number in range(7):
        portal.run("INSERT INTO migration_log (phase, operation, status) VALUES ('x', %s, 'failed')", f"job {number}")
    found = health(portal)
    assert found["Migration Operations"] == ("WARNING", "7 unresolved failures, for example job 0", 50)
    assert found["Overall System Health"][::2] == ("POOR", 30)
    portal.run("UPDATE migration_log SET resolved_at = now() WHERE status = 'failed'")
    assert health(portal)["Overall System Health"][2] == 100

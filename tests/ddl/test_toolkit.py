"""A portal that arrives without its control schema: stamped above legacy, or restored from a dump of one schema."""

from __future__ import annotations


def test_a_portal_restored_without_its_control_schema_can_go_down_and_up(portal_at):
    portal = portal_at("phase_1")
    rows = portal.all("SELECT query_name, median_ms FROM performance_baselines ORDER BY 1")
    portal.run("DROP SCHEMA kingston CASCADE; DROP SCHEMA kingston_archive CASCADE")
    portal.alembic("downgrade", "pre_migration_control")
    portal.alembic("upgrade", "phase_1")
    assert set(rows) <= set(portal.all("SELECT query_name, median_ms FROM performance_baselines"))


def test_a_stamped_portal_of_phase_1_gets_it_from_its_revision(portal_at):
    portal = portal_at("legacy")
    portal.alembic("stamp", "legacy")
    assert portal.one("SELECT to_regclass('kingston.runner')") is None
    portal.alembic("upgrade", "pre_migration_control")
    assert portal.one("SELECT count(*) FROM kingston.portal") == 1

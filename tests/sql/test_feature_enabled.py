"""feature_enabled(setting)"""

from __future__ import annotations


def test_on_unless_it_says_off(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    for value, expected in (
        ("true", True),
        ("on", True),
        ("1", True),
        ("comprehensive", True),
        ("", True),
        ("false", False),
        ("FALSE", False),
        (" off ", False),
        ("no", False),
        ("0", False),
        ("f", False),
    ):
        portal.run("UPDATE migration_control SET value = %s WHERE setting = 'global_actions_enabled'", value)
        assert portal.one("SELECT feature_enabled('global_actions_enabled')") is expected, value
    assert portal.one("SELECT feature_enabled('no_such_setting')") is True
    assert portal.one("SELECT feature_enabled(NULL)") is True


def test_needs_no_right_on_the_settings(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    role = f"asker_{portal.one('SELECT current_database()')}"
    portal.run(f"CREATE ROLE {role}")
    portal.run(f"SET ROLE {role}")
    assert portal.one("SELECT has_table_privilege('migration_control', 'SELECT')") is False
    assert portal.one("SELECT feature_enabled('global_actions_enabled')") is True
    portal.run("RESET ROLE")
    portal.run(f"DROP ROLE {role}")

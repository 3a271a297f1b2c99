"""feature_enabled(setting)"""

from __future__ import annotations

import psycopg
import pytest


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


def test_a_switch_that_is_off_refuses_new_rows_and_nothing_else(newest_portal_at):
    portal = newest_portal_at("phase_2_objectives_actions", seed=True)
    someone = "(SELECT min(id) FROM profiles)"
    group = "(SELECT min(id) FROM client_groups)"
    new = {
        "information_items_enabled": f"INSERT INTO client_information_items (client_group_id, item_type, item_category, data_content, last_edited_by) VALUES ({group}, 'basic_detail', 'Address', jsonb_build_object('product_owners', jsonb_build_array((SELECT min(id) FROM product_owners)), 'address_line_one', 'x'), {someone})",
        "unmanaged_products_enabled": f"INSERT INTO client_unmanaged_products (client_group_id, product_name, product_type, latest_valuation, last_edited_by, provider_id) VALUES ({group}, 'Box', 'Cash_ISAs', 1, {someone}, (SELECT id FROM available_providers WHERE name = 'Switch'))",
        "objectives_enabled": f"INSERT INTO client_objectives (client_group_id, title, created_by) VALUES ({group}, 'x', {someone})",
        "actions_enabled": f"INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES ({group}, 'x', 'client', {someone})",
    }
    portal.run("INSERT INTO available_providers (name) VALUES ('Switch')")
    for setting, statement in new.items():
        portal.run(statement)
        portal.run("INSERT INTO migration_control (setting, value) VALUES (%s, 'false')", setting)
        with pytest.raises(
            psycopg.Error, match=f"switched off \\({setting} in migration_control\\)"
        ) as caught:
            portal.run(statement)
        assert caught.value.sqlstate == "55000"
        assert setting in caught.value.diag.message_hint
        portal.run("SELECT set_config('kingston.revision', 'by hand', false)")
        portal.run(statement)  # a revision that moves data
        portal.run("SELECT set_config('kingston.revision', '', false)")
    portal.run("UPDATE client_objectives SET title = 'y'")
    portal.run(
        "DELETE FROM available_providers WHERE name = 'Switch'"
    )  # Phase 1; it empties a reference of Phase 2
    assert portal.all("SELECT provider_id FROM client_unmanaged_products") == [None, None]
    portal.run("DELETE FROM client_actions")

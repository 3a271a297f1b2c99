"""global_actions, global_action_states, global_action_status, set_global_action_status()"""

from __future__ import annotations

import threading

from client_data import household, insert, refused

SET = "SELECT set_global_action_status(%s, %s, %s, %s)"


def action(portal, home, **values):
    return insert(
        portal, "global_actions", created_by=home.profile, **{"action_name": "Review fees", **values}
    )


def test_E170_E171_one_action_and_a_state_per_client_group(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    status = (
        "SELECT status, recorded FROM global_action_status"
        " WHERE global_action_id = %s AND client_group_id = %s"
    )
    assert portal.one(status, number, home.group) == ("outstanding", False)
    first = portal.one(SET, number, home.group, "completed", home.profile)
    assert portal.one(status, number, home.group) == ("completed", True)
    assert portal.one(SET, number, home.group, "outstanding", None) == first
    assert portal.one("SELECT completed_at, last_edited_by FROM global_action_states") == (None, home.profile)
    late = portal.one("INSERT INTO client_groups (name) VALUES ('New') RETURNING id")
    assert portal.one(status, number, late) == ("outstanding", False)  # nobody had to make a row


def test_rules(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    for values, rule in (
        ({"action_name": " "}, "global_action_name_not_empty"),
        ({"owner": "firm"}, "global_actions_owner_check"),
    ):
        with refused(rule):
            action(portal, home, **values)
    with refused("global_action_states_status_check"):
        portal.one(SET, number, home.group, "done", None)
    portal.one(SET, number, home.group, "cancelled", None)
    with refused("valid_action_transition"):
        portal.one(SET, number, home.group, "completed", None)
    with refused("completed_status_logic"):
        insert(
            portal,
            "global_action_states",
            global_action_id=number,
            client_group_id=home.group,
            status="completed",
        )
    with refused("unique_global_action_state", "23505"):
        insert(portal, "global_action_states", global_action_id=number, client_group_id=home.group)
    with refused("fk_global_action_states_client_group", "23503"):
        portal.one(SET, number, 0, "completed", None)
    with refused("fk_global_action_states_action", "23503"):
        portal.one(SET, 0, home.group, "completed", None)


def test_the_switch_refuses_new_ones_only(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'global_actions_enabled'")
    with refused(None, "55000") as caught:
        action(portal, home)
    assert "switched off" in str(caught.value)
    assert "UPDATE migration_control" in caught.value.diag.message_hint
    portal.one(SET, number, home.group, "completed", None)
    portal.run("UPDATE global_actions SET active = false WHERE id = %s", number)
    portal.run("UPDATE migration_control SET value = 'true' WHERE setting = 'global_actions_enabled'")
    action(portal, home)


def test_two_callers_at_once_make_one_row(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    first, second, results = portal.connect(), portal.connect(), []
    with first.transaction():
        results.append(first.execute(SET, [number, home.group, "completed", None]).fetchone())
        other = threading.Thread(
            target=lambda: results.append(
                second.execute(SET, [number, home.group, "completed", None]).fetchone()
            )
        )
        other.start()
        other.join(timeout=0.2)
    other.join(timeout=30)
    assert len(results) == 2
    assert results[0] == results[1]
    assert portal.one("SELECT count(*) FROM global_action_states") == 1


def test_deletion_touch_and_history(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    portal.one(SET, number, home.group, "completed", None)
    portal.run("UPDATE global_actions SET updated_at = '2020-01-01'")
    portal.run("UPDATE global_actions SET description = 'each year'")
    assert portal.one("SELECT updated_at > '2021-01-01' FROM global_actions") is True
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.one("SELECT count(*) FROM global_action_states") == 0
    other = portal.one("INSERT INTO client_groups (name) VALUES ('Other') RETURNING id")
    portal.one(SET, number, other, "completed", None)
    portal.run("DELETE FROM global_actions")
    assert portal.one("SELECT count(*) FROM global_action_states") == 0
    assert portal.all(
        "SELECT action, client_group_id FROM row_history"
        " WHERE table_name = 'global_action_states' ORDER BY id"
    ) == [("insert", home.group), ("delete", home.group), ("insert", other), ("delete", other)]

"""client_actions: rules, transitions, completed_at"""

from __future__ import annotations

from client_data import household, insert, refused


def action(portal, home, **values):
    return insert(
        portal,
        "client_actions",
        client_group_id=home.group,
        created_by=home.profile,
        **{"action_name": "Send statement", "owner": "advisor", **values},
    )


def test_rules(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    assert portal.one("SELECT status, active, completed_at FROM client_actions WHERE id = %s", number) == (
        "outstanding",
        True,
        None,
    )
    for values, rule in (
        ({"action_name": ""}, "action_name_not_empty"),
        ({"owner": "spouse"}, "client_actions_owner_check"),
        ({"status": "done"}, "client_actions_status_check"),
        ({"status": "completed"}, "completed_status_logic"),
        ({"completed_at": "2026-01-01"}, "completed_status_logic"),
        ({"status": "cancelled", "completed_at": "2026-01-01"}, "completed_status_logic"),
    ):
        with refused(rule):
            action(portal, home, **values)
    action(portal, home, status="completed", completed_at="2026-01-01")
    action(portal, home, status="cancelled", active=False)


def test_E098_no_status_is_no_way_around_the_rule(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    for column in ("status", "active"):
        with refused(None, "23502"):
            action(portal, home, **{column: None})
    with refused(None, "23502"):
        action(portal, home, status=None, completed_at="2026-01-01")


def test_completion_and_reopening_keep_completed_at_true(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    state = "SELECT status, completed_at FROM client_actions WHERE id = %s"
    portal.run("UPDATE client_actions SET status = 'completed' WHERE id = %s", number)
    assert portal.one(state + " AND completed_at > now() - interval '1 minute'", number)[0] == "completed"
    portal.run("UPDATE client_actions SET status = 'outstanding' WHERE id = %s", number)
    assert portal.one(state, number) == ("outstanding", None)
    portal.run(
        "UPDATE client_actions SET status = 'completed', completed_at = '2026-01-01' WHERE id = %s", number
    )
    assert portal.one(state, number)[1].year == 2026
    with refused("completed_status_logic"):
        portal.run(
            "UPDATE client_actions SET status = 'outstanding', completed_at = '2026-02-02' WHERE id = %s",
            number,
        )
    with refused("completed_status_logic"):
        portal.run("UPDATE client_actions SET completed_at = NULL WHERE id = %s", number)


def test_only_the_allowed_steps(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    change = "UPDATE client_actions SET status = %s WHERE id = %s"
    number = action(portal, home)
    portal.run(change, "completed", number)
    portal.run(change, "completed", number)
    with refused("valid_action_transition") as caught:
        portal.run(change, "cancelled", number)
    assert "reopen it first" in caught.value.diag.message_hint
    with refused("client_actions_status_check"):
        portal.run(change, "lost", number)
    portal.run(change, "outstanding", number)
    portal.run(change, "cancelled", number)
    with refused("valid_action_transition"):
        portal.run(change, "completed", number)


def test_touch_history_and_keys(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = action(portal, home)
    portal.run("UPDATE client_actions SET updated_at = '2020-01-01' WHERE id = %s", number)
    portal.run("UPDATE client_actions SET active = false WHERE id = %s", number)
    assert portal.one("SELECT updated_at > '2021-01-01' FROM client_actions WHERE id = %s", number) is True
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.all("SELECT action FROM row_history WHERE table_name = 'client_actions' ORDER BY id") == [
        "insert",
        "update",
        "update",
        "delete",
    ]

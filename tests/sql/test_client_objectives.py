"""client_objectives"""

from __future__ import annotations

from client_data import household, insert, refused


def objective(portal, home, **values):
    return insert(
        portal,
        "client_objectives",
        client_group_id=home.group,
        created_by=home.profile,
        **{"title": "Retire at 60", **values},
    )


def test_rules(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = objective(portal, home)
    assert portal.one(
        "SELECT status, progress_percentage, priority FROM client_objectives WHERE id = %s", number
    ) == (
        "active",
        0,
        None,
    )
    for values, rule in (
        ({"title": " "}, "title_not_empty"),
        ({"priority": 0}, "client_objectives_priority_check"),
        ({"priority": 6}, "client_objectives_priority_check"),
        ({"status": "done"}, "client_objectives_status_check"),
        ({"progress_percentage": 101}, "client_objectives_progress_percentage_check"),
        ({"progress_percentage": -1}, "client_objectives_progress_percentage_check"),
    ):
        with refused(rule):
            objective(portal, home, **values)
    for column in ("status", "progress_percentage"):  # erratum E-098
        with refused(None, "23502"):
            objective(portal, home, **{column: None})


def test_E099_achieved_means_100_per_cent(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    with refused("achieved_is_complete"):
        objective(portal, home, status="achieved")
    number = objective(portal, home, progress_percentage=100)
    portal.run("UPDATE client_objectives SET status = 'achieved' WHERE id = %s", number)
    with refused("achieved_is_complete"):
        portal.run("UPDATE client_objectives SET progress_percentage = 80 WHERE id = %s", number)


def test_touch_history_and_keys(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    home = household(portal)
    number = objective(portal, home)
    portal.run("UPDATE client_objectives SET updated_at = '2020-01-01' WHERE id = %s", number)
    portal.run("UPDATE client_objectives SET progress_percentage = 20 WHERE id = %s", number)
    assert portal.one("SELECT updated_at > '2021-01-01' FROM client_objectives WHERE id = %s", number) is True
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.one("SELECT count(*) FROM client_objectives") == 0
    assert portal.all(
        "SELECT action FROM row_history WHERE table_name = 'client_objectives' ORDER BY id"
    ) == [
        "insert",
        "update",
        "update",
        "delete",
    ]

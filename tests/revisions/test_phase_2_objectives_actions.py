"""Revision phase_2_objectives_actions over rows: down, up, and parents that went meanwhile"""

from __future__ import annotations

from client_data import household, insert, refused
from round_trip import contents, down_and_up, quarantined

BELOW, AT = "phase_2_client_information", "phase_2_objectives_actions"
TABLES = ("client_objectives", "client_actions", "global_actions", "global_action_states")


def fill(portal):
    home = household(portal)
    insert(
        portal,
        "client_objectives",
        client_group_id=home.group,
        title="Retire",
        created_by=home.profile,
        priority=1,
    )
    insert(
        portal,
        "client_actions",
        client_group_id=home.group,
        action_name="Call",
        owner="client",
        created_by=home.profile,
        status="completed",
        completed_at="2026-01-01 12:00:00.123456+00",
    )
    number = insert(portal, "global_actions", action_name="Review", created_by=home.profile)
    portal.one("SELECT set_global_action_status(%s, %s, 'completed', %s)", number, home.group, home.profile)
    return home


def test_rows_come_back_and_ids_go_on(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    down_and_up(portal, portal_at, BELOW, AT, *TABLES)
    assert (
        insert(portal, "client_objectives", client_group_id=home.group, title="x", created_by=home.profile)
        == 2
    )
    with refused("valid_action_transition"):
        portal.run("UPDATE client_actions SET status = 'cancelled'")


def test_E123_rows_entered_since_the_migration_survive_a_rollback(portal_at):
    portal = portal_at(AT)
    fill(portal)
    rows = {table: contents(portal, table) for table in TABLES}
    portal.alembic("downgrade", "legacy")
    assert [portal.one("SELECT to_regclass(%s)", table) for table in TABLES] == [None] * 4
    portal.alembic("upgrade", AT)
    assert {table: contents(portal, table) for table in TABLES} == rows


def test_a_group_deleted_below_takes_what_was_its_own_to_quarantine(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    portal.alembic("upgrade", AT)
    assert [portal.one(f"SELECT count(*) FROM {table}") for table in TABLES] == [0, 0, 1, 0]
    for table in ("client_objectives", "client_actions", "global_action_states"):
        assert quarantined(portal, table)[0][1] == f"client_group_id {home.group} is gone from client_groups"


def test_an_author_deleted_below_takes_a_global_action_and_its_states_to_quarantine(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM profiles WHERE id = %s", home.profile)
    portal.alembic("upgrade", AT)
    assert [portal.one(f"SELECT count(*) FROM {table}") for table in TABLES] == [0, 0, 0, 0]
    assert quarantined(portal, "global_actions")[0][1] == f"created_by {home.profile} is gone from profiles"
    assert (
        "global_action_id 1 is gone from global_actions" in quarantined(portal, "global_action_states")[0][1]
    )

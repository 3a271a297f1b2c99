"""touch_updated_at: updated_at says when a row really changed (E-201), updated_by who changed it (E-202)"""

from __future__ import annotations

from owner_data import owner, phone, say

AT = "phase_2_owner_phones"
STATE = "SELECT updated_at, updated_by FROM product_owner_phones WHERE id = %s"


def test_a_change_moves_the_time_and_names_the_actor(portal_at):
    portal = portal_at(AT)
    number = phone(portal, owner(portal))
    before = portal.one(STATE, number)
    assert before[1] == "postgres"
    say(portal, current_user_id="adviser 7")
    portal.run("UPDATE product_owner_phones SET label = 'new' WHERE id = %s", number)
    after = portal.one(STATE, number)
    assert after[0] > before[0]
    assert after[1] == "adviser 7"


def test_a_statement_that_changes_nothing_touches_nothing(portal_at):
    portal = portal_at(AT)
    number = phone(portal, owner(portal))
    before = portal.one(STATE, number)
    portal.run("UPDATE product_owner_phones SET phone_number = phone_number WHERE id = %s", number)
    assert portal.one(STATE, number) == before


def test_what_the_statement_says_itself_is_believed(portal_at):
    portal = portal_at(AT)
    number = phone(portal, owner(portal), updated_by="import")
    portal.run(
        "UPDATE product_owner_phones SET label = 'x', updated_at = '2020-01-01 00:00+00', updated_by = 'y'"
        " WHERE id = %s",
        number,
    )
    assert portal.one(STATE + " AND updated_at = '2020-01-01 00:00+00'", number)[1] == "y"


def test_an_actor_of_any_length_and_an_empty_setting_are_no_error(portal_at):
    portal = portal_at(AT)
    say(portal, current_user_id="x" * 500)
    number = phone(portal, owner(portal))
    assert portal.one(STATE, number)[1] == "x" * 100
    say(portal, current_user_id="")
    portal.run("UPDATE product_owner_phones SET label = 'x' WHERE id = %s", number)
    assert portal.one(STATE, number)[1] == "postgres"


def test_E050_a_revision_that_moves_data_is_no_edit(portal_at):
    portal = portal_at(AT)
    number = phone(portal, owner(portal))
    before = portal.one(STATE, number)
    portal.run("SET kingston.revision = 'some_revision'")
    portal.run("UPDATE product_owner_phones SET label = 'x' WHERE id = %s", number)
    assert portal.one(STATE, number) == before

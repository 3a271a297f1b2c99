"""touch_product_owner: time and author of the last real change, in the columns that are ours"""

from __future__ import annotations

from owner_data import owner, say

AT = "phase_2_product_owners"
STATE = "SELECT updated_at, updated_by FROM product_owners WHERE id = %s"


def test_E201_updated_at_moves_with_a_real_change_only(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    before = portal.one(STATE, number)
    portal.run("UPDATE product_owners SET firstname = firstname WHERE id = %s", number)
    assert portal.one(STATE, number) == before
    portal.run("UPDATE product_owners SET firstname = 'Anne' WHERE id = %s", number)
    assert portal.one(STATE, number)[0] > before[0]


def test_E202_the_author_is_the_actor_or_the_role_and_no_constant(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    assert portal.one(STATE, number)[1] == "postgres"
    say(portal, current_user_id="adviser 7")
    portal.run("UPDATE product_owners SET firstname = 'Anne' WHERE id = %s", number)
    assert portal.one(STATE, number)[1] == "adviser 7"
    assert portal.one(
        "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d JOIN pg_attribute AS a"
        " ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
        " WHERE d.adrelid = 'product_owners'::regclass AND a.attname = 'updated_by'"
    ) is None  # fmt: skip


def test_a_portal_with_its_own_columns_keeps_what_it_writes(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD updated_at timestamptz, ADD updated_by text, ADD extra json")
    portal.alembic("upgrade", AT)
    number = owner(portal, extra="{}")
    assert portal.one(STATE, number) == (None, None)
    portal.run("UPDATE product_owners SET firstname = 'Anne' WHERE id = %s", number)
    assert portal.one(STATE, number) == (None, None)
    portal.run("UPDATE product_owners SET updated_at = '2020-01-01', updated_by = 'portal' WHERE id = %s", number)
    assert portal.one(STATE, number)[1] == "portal"


def test_columns_that_cannot_be_compared_do_not_break_updates(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD extra json, ADD place point")
    portal.alembic("upgrade", AT)
    number = owner(portal, extra='{"a": 1}', place="(1,2)")
    before = portal.one(STATE, number)
    portal.run("UPDATE product_owners SET extra = '{\"a\": 1}' WHERE id = %s", number)
    assert portal.one(STATE, number) == before
    portal.run("UPDATE product_owners SET extra = '{\"a\": 2}' WHERE id = %s", number)
    assert portal.one(STATE, number)[0] > before[0]

"""last_change and client_group_last_change: when something was last written, in one probe"""

from __future__ import annotations

from client_data import household
from owner_data import owner

AT = "phase_2_audit"


def test_of_a_row(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    ask = "SELECT last_change('product_owners', %s)"
    first = portal.one(ask, number)
    assert first is not None
    portal.run("UPDATE product_owners SET firstname = 'Anne' WHERE id = %s", number)
    second = portal.one(ask, number)
    assert second > first
    portal.run("UPDATE product_owners SET firstname = 'Anne' WHERE id = %s", number)
    assert portal.one(ask, number) == second
    assert portal.one("SELECT last_change('product_owners', 0)") is None
    assert portal.one("SELECT last_change('client_groups', %s)", number) is None


def test_of_a_client_group_and_what_belongs_to_it(portal_at):
    portal = portal_at(AT)
    home = household(portal)
    ask = "SELECT last_changed_at FROM client_group_last_change WHERE client_group_id = %s"
    first = portal.one(ask, home.group)
    portal.run("DELETE FROM client_group_product_owners WHERE product_owner_id = %s", home.owners[0])
    assert portal.one(ask, home.group) > first


def test_a_group_without_history_is_there_with_no_time(portal_at):
    portal = portal_at("phase_1")
    portal.run("INSERT INTO client_groups (name) VALUES ('old')")
    portal.alembic("upgrade", AT)
    assert portal.all("SELECT client_group_id, last_changed_at FROM client_group_last_change") == [(1, None)]


def test_it_costs_one_index_probe_however_long_the_history(portal_at):
    portal = portal_at(AT)
    home = household(portal)
    portal.run(
        "INSERT INTO row_history (table_name, row_key, client_group_id, action, actor, transaction_id)"
        " SELECT 'client_groups', jsonb_build_object('id', i % 100), i % 100, 'update', 'x', 1"
        " FROM generate_series(1, 20000) AS i"
    )
    portal.run("ANALYZE row_history")
    for query in (
        "SELECT last_changed_at FROM client_group_last_change WHERE client_group_id = 1",
        "SELECT occurred_at FROM row_history WHERE table_name = 'client_groups' AND row_id = 1"
        " ORDER BY occurred_at DESC LIMIT 1",
    ):
        plan = "\n".join(portal.all("EXPLAIN " + query))
        assert "Index Scan using idx_row_history" in plan or "Index Only Scan using idx_row_history" in plan, plan
    assert home.group == 1

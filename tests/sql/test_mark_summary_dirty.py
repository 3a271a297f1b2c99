"""mark_summary_dirty(): every change of what the summaries show leaves a mark, and costs nobody a lock"""

from __future__ import annotations

import pytest

from client_data import asset, household, insert, managed, unmanaged

MARKS = "WITH m AS (DELETE FROM summary_dirty RETURNING client_group_id) SELECT DISTINCT client_group_id FROM m ORDER BY 1"


@pytest.fixture
def scene(portal_at):
    portal = portal_at("head")
    home = household(portal)
    product = managed(portal, home, 100)
    portal.all(MARKS)
    return portal, home, product


def test_every_source(scene):
    portal, home, product = scene
    number = portal.one("SELECT portfolio_id FROM client_products WHERE id = %s", product)
    writes = [
        ("UPDATE client_groups SET name = 'X' WHERE id = %s", home.group),
        ("UPDATE client_products SET product_name = 'X' WHERE id = %s", product),
        ("INSERT INTO portfolio_valuations (portfolio_id, valuation_date, valuation) VALUES (%s, '2026-11-01', 5)", number),
        ("UPDATE portfolio_valuations SET valuation = 6 WHERE portfolio_id = %s", number),
        ("DELETE FROM portfolio_valuations WHERE portfolio_id = %s", number),
        ("INSERT INTO client_group_product_owners (client_group_id) VALUES (%s)", home.group),
        ("INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, " + str(home.owners[1]) + ")", product),
        ("DELETE FROM product_owner_products WHERE product_id = %s", product),
        ("UPDATE product_owners SET known_as = 'X' WHERE id = %s", home.owners[0]),
        ("DELETE FROM client_products WHERE id = %s", product),
        ("DELETE FROM product_owners WHERE id = %s", home.owners[1]),
    ]
    for statement, value in writes:
        portal.run(statement, value)
        assert portal.all(MARKS) == [home.group], statement
    for row in (lambda: unmanaged(portal, home), lambda: asset(portal, home, estimated_value=1),
                lambda: insert(portal, "client_actions", client_group_id=home.group, created_by=home.profile, action_name="A", owner="client"),
                lambda: insert(portal, "client_objectives", client_group_id=home.group, created_by=home.profile, title="O"),
                lambda: portal.one("SELECT make_networth_statement(%s, %s)", home.group, home.profile)):  # fmt: skip
        row()
        assert portal.all(MARKS) == [home.group]
    for table in ("client_unmanaged_products", "client_information_items", "client_actions", "client_objectives"):
        portal.run(f"UPDATE {table} SET client_group_id = client_group_id")
        assert portal.all(MARKS) == [home.group], table
        portal.run(f"DELETE FROM {table}")
        assert portal.all(MARKS) == [home.group], table


def test_a_row_that_moves_marks_both_groups(scene):
    portal, home, product = scene
    other = household(portal)
    portal.all(MARKS)
    portal.run("UPDATE client_products SET client_id = %s WHERE id = %s", other.group, product)
    assert portal.all(MARKS) == sorted([home.group, other.group])
    portal.run("UPDATE client_products SET client_id = NULL WHERE id = %s", product)
    assert portal.all(MARKS) == [other.group]


def test_what_no_summary_shows_leaves_no_mark(scene):
    portal, home, _ = scene
    portal.run("UPDATE product_owners SET status = 'inactive' WHERE id = %s", home.owners[0])
    portal.run("INSERT INTO profiles (email) VALUES ('x')")
    portal.run("UPDATE client_products SET product_name = 'X' WHERE false")
    assert portal.all(MARKS) == []


def test_one_mark_per_statement_and_group(scene):
    portal, home, _ = scene
    portal.run("INSERT INTO client_products (client_id) SELECT %s FROM generate_series(1, 500)", home.group)
    assert portal.one("SELECT count(*) FROM summary_dirty") == 1


def test_two_writers_of_one_client_never_wait_for_each_other(scene):
    portal, home, product = scene
    first, second = portal.connect(), portal.connect()
    second_product = managed(portal, home)
    first.autocommit = second.autocommit = False
    second.execute("SET lock_timeout = '500ms'")
    first.execute("UPDATE client_products SET product_name = 'A' WHERE id = %s", (product,))
    second.execute("UPDATE client_products SET product_name = 'B' WHERE id = %s", (second_product,))
    first.execute("UPDATE client_products SET notes = 'A' WHERE id = %s", (product,))
    second.commit()
    first.commit()


def test_the_applications_role_needs_no_right_on_the_marks(scene):
    portal, home, product = scene
    portal.run("DROP ROLE IF EXISTS summary_writer")
    portal.run("CREATE ROLE summary_writer LOGIN")
    schema = portal.one("SELECT quote_ident(current_schema())")
    portal.run(f"GRANT USAGE ON SCHEMA {schema} TO summary_writer")
    portal.run("GRANT SELECT, UPDATE ON client_products TO summary_writer")
    try:
        application = portal.connect(user="summary_writer")
        application.execute("UPDATE client_products SET product_name = 'theirs' WHERE id = %s", (product,))
        application.close()
        assert portal.all(MARKS) == [home.group]
    finally:
        portal.run("DROP OWNED BY summary_writer")
        portal.run("DROP ROLE summary_writer")

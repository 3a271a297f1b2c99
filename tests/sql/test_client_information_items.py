"""client_information_items: rules, version, touch, history, keys"""

from __future__ import annotations

import pytest
from psycopg.types.json import Jsonb

from client_data import asset, household, insert, item, refused

NAME = {"name": "Ann", "product_owners": [1]}


def test_E003_the_table_exists_and_counts_its_keys(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    item(portal, home, "basic_detail", {"product_owners": [1], **{f"k{n}": n for n in range(49)}})
    with refused("valid_data_content"):
        item(portal, home, "basic_detail", {"product_owners": [1], **{f"k{n}": n for n in range(50)}})
    with refused("valid_data_content"):
        item(portal, home, "basic_detail", [])


def test_E060_the_size_is_that_of_the_text_not_of_the_stored_form(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    compressible = "x" * 100_000  # stored in about 1 KB
    with refused("valid_data_content"):
        item(portal, home, "basic_detail", {**NAME, "more": compressible})
    number = item(portal, home, "basic_detail", NAME)
    portal.run("CREATE TEMP TABLE big AS SELECT %s::jsonb AS d", Jsonb({**NAME, "more": compressible}))
    with refused("valid_data_content"):
        portal.run("UPDATE client_information_items SET data_content = d FROM big WHERE id = %s", number)
    room = 65536 - len('{"name": "Ann", "more": "", "product_owners": [1]}')
    item(portal, home, "basic_detail", {**NAME, "more": "x" * room})
    with refused("valid_data_content"):
        item(portal, home, "basic_detail", {**NAME, "more": "x" * (room + 1)})


def test_E089_a_plain_basic_detail_needs_its_people(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    with refused("valid_product_owner_field_pattern"):
        item(portal, home, "basic_detail", {"name": "Ann"})
    item(portal, home, "basic_detail", {"name": "Ann", "product_owners": [home.owners[0]]})


def test_E091_there_is_no_default_content(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    with refused(None, "23502"):
        insert(
            portal,
            "client_information_items",
            client_group_id=home.group,
            item_type="basic_detail",
            item_category="x",
            last_edited_by=home.profile,
        )


def test_types_and_categories(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    for kind in ("basic_detail", "income_expenditure", "vulnerability_health"):
        item(portal, home, kind, NAME)
    with refused("client_information_items_item_type_check"):
        item(portal, home, "address", NAME)
    with refused("item_category_not_empty"):
        item(portal, home, "basic_detail", NAME, category="  ")


@pytest.mark.parametrize("kind", ["assets_liabilities", "protection"])
def test_shares_of_an_item_add_up(portal_at, kind):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    for shares in ({"1": 60, "2": 40}, {"1": 33.33, "2": 33.33, "3": 33.34}):
        item(
            portal,
            home,
            kind,
            {"associated_product_owners": {"association_type": "tenants_in_common", **shares}},
        )
    with refused("valid_item_ownership_percentages"):
        item(
            portal,
            home,
            kind,
            {"associated_product_owners": {"association_type": "tenants_in_common", "1": 50, "2": 60}},
        )
    with refused("valid_item_ownership_percentages"):
        item(portal, home, kind, {"associated_product_owners": {"association_type": "joint_ownership"}})


def test_version_and_updated_at_count_real_changes_only(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    number = item(portal, home, "basic_detail", NAME)
    portal.run("UPDATE client_information_items SET updated_at = '2020-01-01' WHERE id = %s", number)
    state = "SELECT version, updated_at FROM client_information_items WHERE id = %s"
    version, written = portal.one(state, number)
    assert (version, written.year) == (2, 2020)
    portal.run("UPDATE client_information_items SET item_category = item_category WHERE id = %s", number)
    assert portal.one(state, number) == (version, written)
    portal.run(
        "UPDATE client_information_items SET item_category = 'Home', version = 99 WHERE id = %s", number
    )
    version, touched = portal.one(state, number)
    assert version == 3  # E-201: maintained by the database, whatever the statement says
    assert touched > written
    assert (
        portal.run(
            "UPDATE client_information_items SET item_category = 'x' WHERE id = %s AND version = 2", number
        )
        == 0
    )


def test_history_has_every_change(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    number = item(portal, home, "basic_detail", NAME)
    portal.run("UPDATE client_information_items SET item_category = 'Home' WHERE id = %s", number)
    portal.run("DELETE FROM client_information_items WHERE id = %s", number)
    found = portal.all(
        "SELECT action, changes -> 'item_category' FROM row_history"
        " WHERE table_name = 'client_information_items' AND client_group_id = %s ORDER BY id",
        home.group,
    )
    assert found == [("insert", None), ("update", ["General", "Home"]), ("delete", "Home")]


def test_deleting_the_group_takes_its_items_and_the_editor_is_protected(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    asset(portal, home, current_balance=5)
    with refused(
        "fk_client_items_editor",
        portal.one(
            "SELECT CASE WHEN current_setting('server_version_num')::int"
            " >= 180000 THEN '23001' ELSE '23503' END"
        ),
    ):
        portal.run("DELETE FROM profiles WHERE id = %s", home.profile)
    with refused("fk_client_items_client_group", "23503"):
        portal.run("UPDATE client_information_items SET client_group_id = 0")
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.one("SELECT count(*) FROM client_information_items") == 0

"""Revision phase_2_client_information over rows: down, up, and parents that went meanwhile"""

from __future__ import annotations

import subprocess

import pytest

from client_data import asset, household, item, refused, unmanaged
from kingston_schema import settings
from portals import Portal
from round_trip import contents, down_and_up, quarantined

BELOW, AT = "phase_2_audit", "phase_2_client_information"
TABLES = ("client_information_items", "client_unmanaged_products")


def fill(portal):
    home = household(portal)
    item(
        portal,
        home,
        "basic_detail",
        {"name": "Zoë", "product_owners": [home.owners[0]], "more": {"a": [1, 2.50, None]}},
    )
    asset(portal, home, "Mortgage", current_balance=-1.10)
    unmanaged(
        portal,
        home,
        provider_id=home.provider,
        latest_valuation=5,
        notes="",
        ownership_details={"association_type": "tenants_in_common", "1": 33.33, "2": 66.67},
    )
    unmanaged(portal, home, status="sold")
    return home


def test_rows_come_back_and_ids_go_on(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    highest = portal.one("SELECT max(id) FROM client_unmanaged_products")
    portal.run("UPDATE client_information_items SET item_category = 'Home' WHERE item_type = 'basic_detail'")
    down_and_up(portal, portal_at, BELOW, AT, *TABLES)
    assert unmanaged(portal, home) == highest + 1
    with refused("valid_data_content"):
        item(portal, home, "basic_detail", {f"k{n}": 1 for n in range(60)})
    assert portal.one("SELECT version FROM client_information_items WHERE item_type = 'basic_detail'") == 2


def test_E030_the_way_down_needs_nothing_to_be_there_twice(portal_at):
    portal = portal_at(AT)
    fill(portal)
    rows = {table: contents(portal, table) for table in TABLES}
    for _ in range(3):
        portal.alembic("downgrade", "pre_migration")
        portal.alembic("upgrade", AT)
    assert {table: contents(portal, table) for table in TABLES} == rows


def test_parents_deleted_below(portal_at):
    portal = portal_at(AT)
    home, kept = fill(portal), fill(portal)
    of_home = "SELECT id FROM {} WHERE client_group_id = %s ORDER BY id"
    ids = {table: portal.all(of_home.format(table), home.group) for table in TABLES}
    kept_ids = {table: portal.all(of_home.format(table), kept.group) for table in TABLES}
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    portal.run("DELETE FROM available_providers WHERE id = %s", kept.provider)
    portal.alembic("upgrade", AT)
    for table in TABLES:
        assert portal.all(f"SELECT id FROM {table} ORDER BY id") == kept_ids[table]
    reason = f"client_group_id {home.group} is gone from client_groups"
    assert quarantined(portal, "client_information_items") == [
        (n, reason) for n in ids["client_information_items"]
    ]
    # A provider that is gone costs the product its provider, not its row; the lost value is kept.
    assert portal.all("SELECT DISTINCT provider_id FROM client_unmanaged_products") == [None]
    lost = [
        r
        for r in quarantined(portal, "client_unmanaged_products")
        if r[0] in kept_ids["client_unmanaged_products"]
    ]
    assert lost == [
        (
            kept_ids["client_unmanaged_products"][0],
            f"provider_id {kept.provider} is gone from available_providers",
        )
    ]


def test_an_editor_deleted_below(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    portal.alembic("downgrade", BELOW)
    assert (
        portal.run("DELETE FROM profiles WHERE id = %s", home.profile) == 1
    )  # nothing of ours stands in the way below
    portal.alembic("upgrade", AT)
    assert [portal.one(f"SELECT count(*) FROM {table}") for table in TABLES] == [0, 0]
    assert len(quarantined(portal, "client_unmanaged_products")) == 2


@pytest.mark.parametrize("table", TABLES)
def test_as_the_documents_list_it(portal_at, table):
    portal = portal_at(AT)
    columns = {
        "client_information_items": "id client_group_id item_type item_category data_content"
        " created_at updated_at last_edited_by version",
        "client_unmanaged_products": "id client_group_id product_name product_type provider_id"
        " latest_valuation valuation_date ownership_details status notes"
        " created_at updated_at last_edited_by",
    }[table]
    assert (
        portal.all(
            "SELECT column_name::text FROM information_schema.columns"
            " WHERE table_name = %s ORDER BY ordinal_position",
            table,
        )
        == columns.split()
    )
    assert (
        portal.all(
            "SELECT convalidated FROM pg_constraint WHERE conrelid = %s::regclass AND NOT convalidated", table
        )
        == []
    )


def test_E097_a_dump_restores_under_its_own_rules(portal_at, server):
    """A restore works with an empty search path, and judges every row by the CHECKs it has just made."""
    portal, target = portal_at(AT), portal_at("base")
    fill(portal)
    tool, url = server.started.server.bindir, settings.libpq_url
    options = {"check": True, "capture_output": True, "text": True}
    dump = subprocess.run([tool / "pg_dump", "--dbname", url(portal.url)], **options).stdout
    dump = dump.replace("CREATE SCHEMA public;", "")
    subprocess.run([tool / "psql", "-X", "-v", "ON_ERROR_STOP=1", url(target.url)], input=dump, **options)
    restored = Portal(target.url)
    assert {t: contents(restored, t) for t in TABLES} == {t: contents(portal, t) for t in TABLES}
    assert restored.run("UPDATE client_information_items SET item_category = 'Restored'") == 2
    restored.close()

"""networth_statements: immutable, gone only with the client group"""

from __future__ import annotations

import json

import psycopg
import pytest

from client_data import asset, household, insert, refused

DATA = {
    "snapshot_timestamp": "2026-01-01",
    "managed_products": [],
    "unmanaged_products": [],
    "information_items": [],
}


def statement(portal, home, **values):
    return insert(
        portal,
        "networth_statements",
        client_group_id=home.group,
        created_by=home.profile,
        **{"snapshot_data": DATA, **values},
    )


def test_rules(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    number = statement(portal, home, total_assets=100.10, total_liabilities=200.25)
    assert str(portal.one("SELECT net_worth FROM networth_statements WHERE id = %s", number)) == "-100.15"
    for missing in DATA:
        with refused("valid_snapshot_data"):
            statement(portal, home, snapshot_data={k: v for k, v in DATA.items() if k != missing})
    with refused("valid_snapshot_data"):
        statement(portal, home, snapshot_data=list(DATA))
    for totals in (
        {"total_assets": -1},
        {"total_liabilities": -1},
        {"total_assets": "NaN"},
        {"total_liabilities": "NaN"},
    ):
        with refused("valid_totals"):
            statement(portal, home, **totals)
    for column in ("total_assets", "total_liabilities"):
        with refused(None, "23502"):
            statement(portal, home, **{column: None})


def test_E059_a_statement_is_never_changed(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    number = statement(portal, home)
    for change in (
        "UPDATE networth_statements SET snapshot_data = snapshot_data || '{\"managed_products\": [1]}'",
        "UPDATE networth_statements SET total_assets = total_assets",
        "DELETE FROM networth_statements",
        "TRUNCATE networth_statements",
        "TRUNCATE client_groups CASCADE",
        "INSERT INTO networth_statements (id, client_group_id, created_by, snapshot_data)"
        f" OVERRIDING SYSTEM VALUE VALUES ({number}, {home.group}, {home.profile}, '{json.dumps(DATA)}')"
        " ON CONFLICT (id) DO UPDATE SET total_assets = 1",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation, match="immutable"):
            portal.run(change)
    assert portal.one("SELECT snapshot_data FROM networth_statements WHERE id = %s", number) == DATA
    with refused(None, "23001") as caught:
        portal.run("DELETE FROM networth_statements WHERE id = %s", number)
    assert f"client group {home.group}" in caught.value.diag.message_hint


def test_E059_it_goes_with_its_client_group_and_the_history_says_so(portal_at):
    portal = portal_at("phase_2_networth")
    home, other = household(portal), household(portal)
    kept = statement(portal, other)
    number = statement(portal, home, total_assets=5)
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.all("SELECT id FROM networth_statements") == [kept]
    assert (
        portal.one(
            "SELECT changes ->> 'total_assets' FROM row_history WHERE table_name = 'networth_statements'"
            " AND action = 'delete' AND row_key = jsonb_build_object('id', %s::bigint)",
            number,
        )
        == "5.00"
    )


def test_a_role_that_only_deletes_groups_can_do_so(portal_at):
    """The Phase 1 application's role knows nothing of statements."""
    portal = portal_at("phase_2_networth")
    home = household(portal)
    statement(portal, home)
    role = f"clerk_{portal.one('SELECT current_database()')}"
    portal.run(f"CREATE ROLE {role}")
    portal.run(f"GRANT SELECT, DELETE ON client_groups TO {role}")
    portal.run(f"SET ROLE {role}")
    assert portal.run("DELETE FROM client_groups WHERE id = %s", home.group) == 1
    portal.run("RESET ROLE")
    assert portal.one("SELECT count(*) FROM networth_statements") == 0
    portal.run(f"DROP OWNED BY {role}")
    portal.run(f"DROP ROLE {role}")


def test_the_author_is_protected(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    asset(portal, home, current_balance=1)
    portal.run("DELETE FROM client_information_items")
    statement(portal, home)
    code = "23001" if portal.connection.info.server_version >= 180000 else "23503"
    with refused("fk_networth_statements_creator", code):
        portal.run("DELETE FROM profiles WHERE id = %s", home.profile)

"""Revision phase_2_liquidity over edited defaults: down, up"""

from __future__ import annotations

from client_data import household, insert
from round_trip import down_and_up, quarantined

BELOW, AT = "phase_2_networth", "phase_2_liquidity"
TABLES = ("asset_liquidity_config", "client_liquidity_customization", "product_type_liquidity")


def fill(portal):
    home = household(portal)
    insert(
        portal,
        "client_liquidity_customization",
        client_group_id=home.group,
        asset_type="cash",
        custom_liquidity_rank=9,
        reason_for_customization="Locked in",
    )
    return home


def test_E102_edited_and_removed_defaults_stay_so(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    portal.run("UPDATE asset_liquidity_config SET default_liquidity_rank = 3 WHERE asset_subtype = 'etfs'")
    portal.run("DELETE FROM asset_liquidity_config WHERE asset_subtype = '401k'")
    portal.run("DELETE FROM product_type_liquidity WHERE product_type = 'Bond'")
    down_and_up(portal, portal_at, BELOW, AT, *TABLES)
    assert portal.one("SELECT get_asset_liquidity_rank(%s, 'investments', 'etfs')", home.group) == 3
    assert portal.one("SELECT get_asset_liquidity_rank(%s, 'cash', 'money_market')", home.group) == 9
    assert insert(portal, "asset_liquidity_config", asset_type="boats", default_liquidity_rank=9) == 22


def test_a_group_deleted_below(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    portal.alembic("upgrade", AT)
    assert portal.one("SELECT count(*) FROM client_liquidity_customization") == 0
    assert len(quarantined(portal, "client_liquidity_customization")) == 1

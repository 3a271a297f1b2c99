"""asset_liquidity_config, client_liquidity_customization, product_type_liquidity and the rank functions"""

from __future__ import annotations

from client_data import household, insert, refused
from kingston_schema import settings

RANK = "SELECT get_asset_liquidity_rank(%s, %s, %s)"
WHY = "SELECT liquidity_rank, rank_source FROM asset_liquidity(%s, %s, %s)"
# Document 000, lines 3742 to 3770, value for value.
SEED = [
    ("business", "private_business", 9, "Very low liquidity - highly illiquid", 1825),
    ("cash", "checking_account", 1, "Immediate access - same day", 0),
    ("cash", "money_market", 1, "Immediate access - same day", 0),
    ("cash", "savings_account", 1, "Immediate access - same day", 0),
    ("collections", "art", 10, "Lowest liquidity - specialty market required", 1825),
    ("collections", "jewelry", 10, "Lowest liquidity - specialty market required", 365),
    ("investments", "annuities", 6, "Medium-low liquidity - surrender charges possible", 60),
    ("investments", "corporate_bonds", 3, "Medium-high liquidity - 3-7 business days", 7),
    ("investments", "etfs", 2, "High liquidity - 1-3 business days", 3),
    ("investments", "gics", 4, "Medium liquidity - 7-14 business days", 14),
    ("investments", "government_bonds", 3, "Medium-high liquidity - 3-7 business days", 7),
    ("investments", "hedge_funds", 8, "Very low liquidity - lock-up periods", 365),
    ("investments", "mutual_funds", 2, "High liquidity - 1-3 business days", 3),
    ("investments", "private_equity", 8, "Very low liquidity - years to liquidate", 1095),
    ("investments", "public_stocks", 2, "High liquidity - 1-3 business days", 3),
    ("other", "other", 5, "Default medium liquidity for uncategorized assets", 30),
    ("real_estate", "investment_property", 7, "Low liquidity - 60-180 days typical", 120),
    ("real_estate", "primary_residence", 7, "Low liquidity - 60-180 days typical", 120),
    ("retirement", "401k", 5, "Medium liquidity - potential penalties", 30),
    ("retirement", "ira", 5, "Medium liquidity - potential penalties", 30),
    ("retirement", "roth_ira", 5, "Medium liquidity - potential penalties", 30),
]


def custom(portal, home, rank, asset_type, asset_subtype=None, **values):
    return insert(
        portal,
        "client_liquidity_customization",
        client_group_id=home.group,
        asset_type=asset_type,
        asset_subtype=asset_subtype,
        custom_liquidity_rank=rank,
        **values,
    )


def run_seed(portal, name):
    folder = settings.checkout() / "src/kingston_schema/sql/seeds"
    portal.run((folder / f"{name}.sql").read_text(encoding="utf-8"))


def test_the_21_defaults(portal_at):
    portal = portal_at("phase_2_liquidity")
    found = portal.all(
        "SELECT asset_type, asset_subtype, default_liquidity_rank, liquidity_description,"
        " business_days_to_liquidate FROM asset_liquidity_config WHERE is_system_default"
        ' ORDER BY asset_type COLLATE "C", asset_subtype COLLATE "C"'
    )
    assert found == SEED


def test_E102_seeding_again_changes_nothing_an_administrator_did(portal_at):
    portal = portal_at("phase_2_liquidity")
    portal.run("UPDATE asset_liquidity_config SET default_liquidity_rank = 3 WHERE asset_subtype = 'etfs'")
    portal.run("DELETE FROM asset_liquidity_config WHERE asset_subtype = '401k'")
    portal.run("DELETE FROM product_type_liquidity WHERE product_type = 'Bond'")
    state = (
        "SELECT to_jsonb(c) FROM asset_liquidity_config AS c ORDER BY id",
        "SELECT to_jsonb(t) FROM product_type_liquidity AS t ORDER BY product_type",
    )
    before = [portal.all(query) for query in state]
    run_seed(portal, "asset_liquidity_config")
    run_seed(portal, "product_type_liquidity")
    assert [portal.all(query) for query in state] == before
    assert len(before[0]) == 20


def test_E100_one_row_for_a_whole_type(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    insert(portal, "asset_liquidity_config", asset_type="cash", default_liquidity_rank=1)
    with refused("unique_asset_liquidity", "23505"):
        insert(portal, "asset_liquidity_config", asset_type="cash", default_liquidity_rank=9)
    custom(portal, home, 1, "cash")
    with refused("unique_client_asset_customization", "23505"):
        custom(portal, home, 9, "cash")
    with refused("unique_client_asset_customization", "23505"):
        custom(portal, home, 2, "cash", "etfs")
        custom(portal, home, 3, "cash", "etfs")


def test_E101_the_nearest_rule_wins(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    etfs = (home.group, "investments", "etfs")
    assert portal.one(WHY, *etfs) == (2, "default_subtype")
    assert portal.one(WHY, home.group, "investments", "crypto") == (5, "fallback")
    assert portal.one(WHY, home.group, "investments", None) == (5, "fallback")
    insert(portal, "asset_liquidity_config", asset_type="investments", default_liquidity_rank=4)
    assert portal.one(WHY, *etfs) == (2, "default_subtype")
    assert portal.one(WHY, home.group, "investments", "crypto") == (4, "default_type")
    assert portal.one(WHY, home.group, "investments", None) == (4, "default_type")
    custom(portal, home, 8, "investments")
    assert portal.one(WHY, *etfs) == (8, "client_type")
    custom(portal, home, 1, "investments", "etfs")
    assert portal.one(WHY, *etfs) == (1, "client_subtype")
    assert portal.one(WHY, home.group, "investments", None) == (8, "client_type")
    assert portal.one(WHY, home.group + 1, "investments", "etfs") == (2, "default_subtype")
    assert portal.one(WHY, None, "investments", "etfs") == (2, "default_subtype")
    for asked in (
        etfs,
        (home.group, "investments", None),
        (home.group, "boats", "sail"),
        (home.group, None, None),
    ):
        assert portal.one(RANK, *asked) == portal.one(WHY, *asked)[0]
    assert (
        portal.one("SELECT get_asset_liquidity_rank(%s, 'cash')", home.group) == 5
    )  # the subtype is optional
    assert (
        portal.one("SELECT provolatile::text FROM pg_proc WHERE proname = 'get_asset_liquidity_rank'") == "s"
    )


def test_the_switch_leaves_the_defaults(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    custom(portal, home, 9, "cash", "savings_account")
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'liquidity_rankings_enabled'")
    assert portal.one(RANK, home.group, "cash", "savings_account") == 1
    portal.run("UPDATE migration_control SET value = 'true' WHERE setting = 'liquidity_rankings_enabled'")
    assert portal.one(RANK, home.group, "cash", "savings_account") == 9


def test_E176_who_approved(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    approved = "SELECT approved_by FROM client_liquidity_customization WHERE id = %s"
    assert portal.one(approved, custom(portal, home, 1, "a")) == portal.one("SELECT current_user")
    portal.run("SELECT set_config('app.current_user_id', %s, false)", str(home.profile))
    assert portal.one(approved, custom(portal, home, 1, "b")) == str(home.profile)
    portal.run("SELECT set_config('app.current_user_id', '', false)")  # as after SET LOCAL (erratum E-112)
    assert portal.one(approved, custom(portal, home, 1, "c")) == portal.one("SELECT current_user")
    with refused(None, "23502"):
        custom(portal, home, 1, "d", approved_by=None)


def test_ranks_are_1_to_10(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    for rank in (0, 11):
        with refused("client_liquidity_customization_custom_liquidity_rank_check"):
            custom(portal, home, rank, "cash")
        with refused("asset_liquidity_config_default_liquidity_rank_check"):
            insert(portal, "asset_liquidity_config", asset_type="x", default_liquidity_rank=rank)


def test_touch_history_and_deletion(portal_at):
    portal = portal_at("phase_2_liquidity")
    home = household(portal)
    for table in ("asset_liquidity_config", "product_type_liquidity"):
        portal.run(f"UPDATE {table} SET updated_at = '2020-01-01'")
        portal.run(f"UPDATE {table} SET asset_subtype = 'other' WHERE asset_subtype = 'ira'")
        assert portal.all(
            f"SELECT DISTINCT updated_at > '2021-01-01' FROM {table} WHERE asset_subtype = 'other' ORDER BY 1"
        ) == [False, True]
    assert portal.one(
        "SELECT changes FROM row_history WHERE table_name = 'product_type_liquidity'"
        " AND row_key = '{\"product_type\": \"Pension\"}' AND changes ? 'asset_subtype'"
    )["asset_subtype"] == ["ira", "other"]
    custom(portal, home, 3, "cash")
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.one("SELECT count(*) FROM client_liquidity_customization") == 0
    assert portal.all(
        "SELECT action FROM row_history WHERE table_name = 'client_liquidity_customization' ORDER BY id"
    ) == [
        "insert",
        "delete",
    ]


def test_E104_every_product_type_has_an_asset_with_a_default(portal_at):
    portal = portal_at("phase_2_liquidity")
    managed = (
        "ISA",
        "GIA",
        "Onshore Bond",
        "Offshore Bond",
        "Pension",
        "Other",
        "Investment",
        "Savings",
        "Bond",
    )
    unmanaged = (
        "GIAs",
        "Stocks_and_Shares_ISAs",
        "Cash_ISAs",
        "Bank_Accounts",
        "Pensions",
        "Offshore_Bonds",
        "Onshore_Bonds",
        "Individual_Shares",
        "Property",
        "Others",
    )
    found = portal.all(
        "SELECT t.product_type FROM product_type_liquidity AS t JOIN asset_liquidity_config AS c"
        " ON (c.asset_type, c.asset_subtype) = (t.asset_type, t.asset_subtype)"
    )
    assert {*managed, *unmanaged} <= set(found)
    assert portal.one("SELECT count(*) FROM product_type_liquidity") == len(found)
    rule = portal.one(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conname = 'client_unmanaged_products_product_type_check'"
    )
    assert all(f"'{name}'" in rule for name in unmanaged)

"""client_unmanaged_products: rules, dates, status, keys, history"""

from __future__ import annotations

import pytest

from client_data import household, refused, unmanaged

TYPES = (
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


def test_types_names_and_amounts(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    for kind in TYPES:
        unmanaged(portal, home, product_type=kind, latest_valuation=0)
    unmanaged(portal, home, latest_valuation=None)
    with refused("client_unmanaged_products_product_type_check"):
        unmanaged(portal, home, product_type="ISA")
    with refused("product_name_not_empty"):
        unmanaged(portal, home, product_name=" ")
    for amount in (-0.01, "NaN"):
        with refused("client_unmanaged_products_latest_valuation_check"):
            unmanaged(portal, home, latest_valuation=amount)


def test_E038_the_valuation_date_is_judged_when_it_is_written_and_never_again(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    portal.run("SET timezone = 'Pacific/Kiritimati'")  # UTC+14
    number = unmanaged(portal, home, valuation_date=portal.one("SELECT CURRENT_DATE"))
    unmanaged(portal, home)  # the default is today as well
    portal.run("SET timezone = 'Pacific/Pago_Pago'")  # UTC-11: there it is still yesterday
    assert portal.run("UPDATE client_unmanaged_products SET notes = 'seen' WHERE id = %s", number) == 1
    assert (
        portal.run(
            "UPDATE client_unmanaged_products SET valuation_date = valuation_date WHERE id = %s", number
        )
        == 1
    )
    tomorrow = portal.one("SELECT CURRENT_DATE + 1")
    with refused("valid_valuation_date"):
        unmanaged(portal, home, valuation_date=tomorrow)
    past = unmanaged(portal, home, valuation_date="1999-12-31")
    with refused("valid_valuation_date") as caught:
        portal.run("UPDATE client_unmanaged_products SET valuation_date = %s WHERE id = %s", tomorrow, past)
    assert caught.value.diag.column_name == "valuation_date"
    with refused("valid_valuation_date"):
        unmanaged(portal, home, valuation_date="infinity")


def test_E098_what_has_a_default_cannot_be_null(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    for column in ("status", "ownership_details", "valuation_date"):
        with refused(None, "23502"):
            unmanaged(portal, home, **{column: None})


def test_E156_rival_shapes_of_ownership_are_refused(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    for shape in (
        {"owners": [{"name": "Ann", "percentage": 100}], "total_percentage": 100},
        {"primary_owner": True},
        {"1": 100},
        {"association_type": "trust", "1": 100},
        [],
        "x",
    ):
        with refused("valid_ownership_details"):
            unmanaged(portal, home, ownership_details=shape if isinstance(shape, dict | list) else '"x"')
    for shape in (
        {},
        {"association_type": "individual", "1": 100, "note": "sure"},
        {"association_type": "joint_ownership", "joint_owners": [1, 2]},
    ):
        unmanaged(portal, home, ownership_details=shape)
    with refused("valid_ownership_details"):
        unmanaged(portal, home, ownership_details={"association_type": "individual", "note": "x" * 8192})


def test_E033_what_phase_5_would_refuse_is_refused_from_the_start(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    for shape in (
        {"association_type": "joint_ownership"},
        {"association_type": "tenants_in_common", "1": 50, "2": 60},
        {"association_type": "individual", "1": 50, "2": 70},
        {"association_type": "tenants_in_common", "1": "100"},
    ):
        with refused("valid_ownership_percentages"):
            unmanaged(portal, home, ownership_details=shape)


@pytest.mark.parametrize("end", ["sold", "transferred", "matured"])
def test_an_end_is_final_unless_it_was_a_mistake(portal_at, end):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    number = unmanaged(portal, home)
    change = "UPDATE client_unmanaged_products SET status = %s WHERE id = %s"
    portal.run(change, end, number)
    portal.run(change, end, number)  # no change is no transition
    with refused("valid_unmanaged_product_transition"):
        portal.run(change, "active", number)
    with refused("client_unmanaged_products_status_check"):
        portal.run(change, "lost", number)
    portal.run(change, "cancelled", number)
    with refused("valid_unmanaged_product_transition"):
        portal.run(change, end, number)
    portal.run(change, "active", number)
    history = portal.all(
        "SELECT changes -> 'status' FROM row_history WHERE table_name = 'client_unmanaged_products'"
        " AND action = 'update' ORDER BY id"
    )
    assert history == [["active", end], [end, "cancelled"], ["cancelled", "active"]]


def test_a_product_may_be_entered_as_ended(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    assert unmanaged(portal, home, status="matured")


def test_deletion_rules(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    number = unmanaged(portal, home, provider_id=home.provider)
    portal.run("DELETE FROM available_providers WHERE id = %s", home.provider)
    assert portal.one("SELECT provider_id FROM client_unmanaged_products WHERE id = %s", number) is None
    with refused(
        "fk_unmanaged_products_editor",
        portal.one(
            "SELECT CASE WHEN current_setting('server_version_num')::int"
            " >= 180000 THEN '23001' ELSE '23503' END"
        ),
    ):
        portal.run("DELETE FROM profiles WHERE id = %s", home.profile)
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.one("SELECT count(*) FROM client_unmanaged_products") == 0


def test_updated_at_is_true(portal_at):
    portal = portal_at("phase_2_client_information")
    home = household(portal)
    number = unmanaged(portal, home)
    portal.run("UPDATE client_unmanaged_products SET updated_at = '2020-01-01' WHERE id = %s", number)
    portal.run("UPDATE client_unmanaged_products SET latest_valuation = 5 WHERE id = %s", number)
    assert (
        portal.one("SELECT updated_at > '2021-01-01' FROM client_unmanaged_products WHERE id = %s", number)
        is True
    )

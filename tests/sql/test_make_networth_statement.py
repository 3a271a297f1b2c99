"""make_networth_statement(client group, author, name): the totals are the sums of the parts"""

from __future__ import annotations

import json
import threading
from decimal import Decimal

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from client_data import asset, household, managed, portfolio, refused, unmanaged

MAKE = "SELECT make_networth_statement(%s, %s)"
SOURCES = ("managed_products", "unmanaged_products", "information_items")
READ = (
    "SELECT snapshot_data::text, total_assets, total_liabilities, net_worth"
    " FROM networth_statements WHERE id = %s"
)


def read(portal, number):
    """(snapshot with exact numbers, total assets, total liabilities, net worth)"""
    text, *totals = portal.one(READ, number)
    return json.loads(text, parse_float=Decimal, parse_int=Decimal), *totals


def sums(snapshot):
    """(assets, liabilities) added up from the parts listed."""
    parts = [part for source in SOURCES for part in snapshot[source]]
    assert all(part["amount"] >= 0 for part in parts)
    return tuple(
        sum((part["amount"] for part in parts if part["kind"] == kind), Decimal(0))
        for kind in ("asset", "liability")
    )


def test_a_statement_lists_its_parts(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    shared = portfolio(portal, Decimal("1000.10"))
    first = managed(portal, home, product_name="ISA one", portfolio_id=shared, provider_id=home.provider)
    second = managed(portal, home, product_name="ISA two", portfolio_id=shared)
    bank = unmanaged(
        portal,
        home,
        latest_valuation=Decimal("20.20"),
        ownership_details={"association_type": "individual", str(home.owners[1]): 100},
    )
    loan = asset(portal, home, "Car loan", current_balance=300.3)
    before = portal.one("SELECT clock_timestamp()")
    number = portal.one("SELECT make_networth_statement(%s, %s, 'Annual review')", home.group, home.profile)
    snapshot, assets, liabilities, net = read(portal, number)
    assert (assets, liabilities, net) == (Decimal("1020.30"), Decimal("300.30"), Decimal("720.00"))
    assert sums(snapshot) == (assets, liabilities)
    assert [part["id"] for part in snapshot["managed_products"]] == [first, second]
    assert snapshot["managed_products"][0]["provider"] == "Acme Life"
    assert snapshot["managed_products"][1]["counted_with"] == first
    assert snapshot["managed_products"][1]["counted"] is False
    assert snapshot["unmanaged_products"][0]["ownership_details"] == {
        "association_type": "individual",
        str(home.owners[1]): 100,
    }
    assert snapshot["unmanaged_products"][0]["id"] == bank
    assert snapshot["information_items"][0]["id"] == loan
    assert snapshot["information_items"][0]["kind"] == "liability"
    name, created, taken, author = portal.one(
        "SELECT statement_name, created_at, (snapshot_data ->> 'snapshot_timestamp')::timestamptz, created_by"
        " FROM networth_statements WHERE id = %s",
        number,
    )
    assert (name, author) == ("Annual review", home.profile)
    assert before <= created == taken


def test_a_group_without_anything_has_a_statement_of_zero(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    snapshot, *totals = read(portal, portal.one(MAKE, home.group, home.profile))
    assert totals == [0, 0, 0]
    assert [snapshot[source] for source in SOURCES] == [[], [], []]


def test_unknown_group_and_author(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    for group in (0, None):
        with refused("fk_networth_statements_client_group", "23503") as caught:
            portal.one(MAKE, group, home.profile)
        assert "there is no client group" in str(caught.value)
    with refused("fk_networth_statements_creator", "23503"):
        portal.one(MAKE, home.group, 0)
    with refused(None, "23502"):
        portal.one(MAKE, home.group, None)


def test_the_owners_of_managed_products_are_kept_as_soon_as_there_are_any(portal_at):
    portal = portal_at("phase_2_networth")
    home = household(portal)
    managed(portal, home, 1)
    assert (
        "ownership_details"
        not in read(portal, portal.one(MAKE, home.group, home.profile))[0]["managed_products"][0]
    )
    portal.run(
        "ALTER TABLE client_products ADD COLUMN ownership_details jsonb"
        """ DEFAULT '{"association_type": "x"}'"""
    )
    snapshot = read(portal, portal.one(MAKE, home.group, home.profile))[0]
    assert snapshot["managed_products"][0]["ownership_details"] == {"association_type": "x"}


money = st.decimals(-(10**9), 10**9, places=2)
json_number = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9, allow_nan=False).filter(lambda x: abs(x) > 1e-9 or x == 0),
    st.sampled_from(["1,250", None, [5], True, {"a": 1}]),
)
products = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["active", "active", "active", "inactive", None])),
    max_size=8,
)
valuations = st.lists(
    st.tuples(st.integers(1, 3), st.one_of(st.none(), money), st.integers(1, 28)), max_size=8
)
others = st.lists(
    st.tuples(
        st.one_of(st.none(), st.decimals(0, 10**9, places=2)), st.sampled_from(["active", "active", "sold"])
    ),
    max_size=5,
)
items = st.lists(
    st.tuples(
        st.sampled_from(["Property", "Mortgage", "liabilities", "Car loan"]),
        st.dictionaries(
            st.sampled_from(["latest_valuation", "current_balance", "estimated_value"]),
            json_number,
            max_size=3,
        ),
        st.sampled_from([None, True, False]),
    ),
    max_size=6,
)


def test_totals_equal_their_parts_to_the_penny_whatever_the_contents(portal_at):
    portal = portal_at("phase_2_networth")

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(products, valuations, others, items)
    def holds(products, valuations, others, items):
        home = household(portal)
        shared = portal.all(
            "INSERT INTO portfolios (portfolio_name) SELECT 'P' FROM generate_series(1, 3) RETURNING id"
        )
        for which, value, day in valuations:
            portal.run(
                "INSERT INTO portfolio_valuations (portfolio_id, valuation, valuation_date)"
                " VALUES (%s, %s, %s)",
                shared[which - 1],
                value,
                f"2026-01-{day:02}",
            )
        for which, status in products:
            managed(portal, home, portfolio_id=shared[which - 1] if which else None, status=status)
        for value, status in others:
            unmanaged(portal, home, latest_valuation=value, status=status)
        for category, data, flag in items:
            asset(portal, home, category, **data, **({} if flag is None else {"is_liability": flag}))
        snapshot, assets, liabilities, net = read(portal, portal.one(MAKE, home.group, home.profile))
        assert sums(snapshot) == (assets, liabilities)
        assert net == assets - liabilities
        assert len(snapshot["managed_products"]) == sum(status == "active" for _, status in products)
        assert len(snapshot["information_items"]) == len(items)
        # Independently: each portfolio with an active product counts once, at the value the portal shows.
        values = portal.all(
            "SELECT valuation FROM latest_portfolio_valuations WHERE portfolio_id IN (SELECT portfolio_id"
            " FROM client_products WHERE client_id = %s AND status = 'active') AND valuation IS NOT NULL",
            home.group,
        )
        values += [value for value, status in others if status == "active" and value is not None]
        plain = sum((v for v in values if v > 0), Decimal(0)), -sum((v for v in values if v < 0), Decimal(0))
        of_items = tuple(
            sum((p["amount"] for p in snapshot["information_items"] if p["kind"] == kind), Decimal(0))
            for kind in ("asset", "liability")
        )
        assert (assets - of_items[0], liabilities - of_items[1]) == plain

    holds()


def test_a_statement_is_one_snapshot_while_money_moves(portal_at):
    """Another session moves money between two kinds of assets, in transactions that keep the total."""
    portal = portal_at("phase_2_networth")
    home = household(portal)
    bank = unmanaged(portal, home, latest_valuation=500)
    house = asset(portal, home, "Property", latest_valuation=500)
    stop = threading.Event()
    mover = portal.connect()

    def move():
        amount = 0
        while not stop.is_set():
            amount = (amount + 37) % 1000
            with mover.transaction():
                mover.execute(
                    "UPDATE client_unmanaged_products SET latest_valuation = %s WHERE id = %s", [amount, bank]
                )
                mover.execute(
                    "UPDATE client_information_items SET data_content = jsonb_set(data_content,"
                    " '{latest_valuation}', to_jsonb(%s::int)) WHERE id = %s",
                    [1000 - amount, house],
                )

    thread = threading.Thread(target=move)
    thread.start()
    try:
        seen = set()
        for _ in range(1000):
            snapshot, assets, *_ = read(portal, portal.one(MAKE, home.group, home.profile))
            seen.add(snapshot["unmanaged_products"][0]["amount"])
            assert assets == 1000
            if len(seen) > 20:
                break
    finally:
        stop.set()
        thread.join(timeout=30)
    assert len(seen) > 1

"""Bounded history: above so many portfolios the older ones keep the latest values only."""

from __future__ import annotations

import pytest

from kingston_schema.operations import _sample, seed
from operations.seed_cases import SMALL, Listener
from operations.seed_oddities import VIOLATIONS
from portals import Portal


@pytest.fixture
def bounded(portal_at, monkeypatch) -> Portal:
    """SMALL with the whole history of 40 portfolios only."""
    monkeypatch.setattr(_sample, "HISTORY", 40)
    portal = portal_at("legacy")
    portal.told = Listener()
    planned = seed.plan(portal.url, **SMALL)
    portal.report = seed.run(portal.url, **SMALL, report=portal.told)
    assert planned.rows == portal.report.rows
    return portal


def test_every_portfolio_and_holding_keeps_its_latest_value_and_return(bounded):
    rows = bounded.report.rows
    assert bounded.one("SELECT count(*) FROM latest_portfolio_valuations") == rows["portfolios"]
    assert bounded.one("SELECT count(*) FROM latest_portfolio_irr_values") == rows["portfolios"]
    assert bounded.one("SELECT count(*) FROM latest_portfolio_fund_valuations") == rows["portfolio_funds"]
    oldest = rows["portfolios"] - 40
    for table in ("portfolio_valuations", "portfolio_irr_values"):
        kept = f"SELECT count(*) FROM {table} WHERE portfolio_id <= {oldest} GROUP BY portfolio_id"
        assert set(bounded.all(kept)) == {1}
        assert bounded.one(f"SELECT count(*) FROM {table} WHERE portfolio_id > {oldest}") > 700
    opened = "SELECT count(l.id) FROM portfolio_funds AS h LEFT JOIN holding_activity_log AS l"
    opened += f" ON l.portfolio_fund_id = h.id WHERE h.portfolio_id <= {oldest} GROUP BY h.portfolio_id"
    assert set(bounded.all(opened)) == {1}


def test_it_is_said(bounded):
    portfolios = bounded.report.rows["portfolios"]
    assert bounded.told.notes == [
        f"whole monthly history for the newest 40 of {portfolios} portfolios, latest values for the others"
    ]


def test_values_are_those_of_the_whole_history(bounded, portal_at, monkeypatch):
    monkeypatch.setattr(_sample, "HISTORY", 20_000)
    whole = portal_at("legacy")
    told = Listener()
    seed.run(whole.url, **SMALL, report=told)
    assert told.notes == []
    latest = "SELECT portfolio_id, valuation_date, valuation FROM latest_portfolio_valuations"
    assert bounded.all(latest) == whole.all(latest)
    for table in ("client_products", "portfolio_funds", "product_owner_products"):
        assert bounded.all(f"TABLE {table}") == whole.all(f"TABLE {table}")


def test_nothing_impossible_either(bounded):
    found = {name: bounded.one(f"SELECT count(*) FROM {rows}") for name, rows in VIOLATIONS.items()}
    assert {name: count for name, count in found.items() if count} == {}

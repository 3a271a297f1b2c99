"""Sample data look like a real portal: every oddity is there, nothing impossible is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kingston_schema.operations import seed
from operations.seed_cases import TABLES
from operations.seed_oddities import ODDITIES, VIOLATIONS
from portals import Portal


@pytest.fixture(scope="module")
def seeded(server) -> Iterator[Portal]:
    """The default size; nobody writes to it."""
    portal = server.templates.clone("legacy")
    portal.report = seed.run(portal.url)
    yield portal
    server.templates.drop(portal)


@pytest.mark.parametrize("oddity", ODDITIES)
def test_every_oddity_of_a_real_portal_is_there(seeded, oddity):
    assert seeded.one(f"SELECT count(*) FROM {ODDITIES[oddity]}") > 0


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_what_no_portal_has(seeded, violation):
    assert seeded.one(f"SELECT count(*) FROM {VIOLATIONS[violation]}") == 0


def test_rows_are_reported_as_they_are_and_scale_with_the_products(seeded):
    report, rows = seeded.report, seeded.report.rows
    assert list(rows) == TABLES
    assert len(TABLES) == 22
    assert rows == {table: seeded.one(f"SELECT count(*) FROM {table}") for table in TABLES}
    assert (report.clients, report.products, report.seed, report.written) == (130, 1000, 7, True)
    assert (rows["client_groups"], rows["client_products"]) == (130, 1000)
    assert 200 <= rows["product_owners"] <= 400
    assert 3500 <= rows["portfolio_funds"] <= 4500
    assert 1300 <= rows["product_owner_products"] <= 1700
    assert 18 <= rows["portfolio_fund_valuations"] / rows["portfolio_funds"] <= 24
    assert 18 <= rows["portfolio_valuations"] / rows["portfolios"] <= 24
    assert all(rows.values())


def test_rows_lie_in_the_order_of_their_ids(seeded):
    """Reads without ORDER BY see the heap's order (a short row may slip into the end of a full page)."""
    for table in TABLES:
        if table != "session":  # its key is a text without order
            key = {"authentication": "auth_id"}.get(table, "id")
            laid = f"SELECT {key} AS id, lag({key}) OVER (ORDER BY ctid) AS before FROM {table}"
            back = seeded.one(f"SELECT count(*) FROM ({laid}) AS t WHERE id < before")
            assert back <= seeded.report.rows[table] / 100, table


def test_ids_fit_the_casts_of_the_portal(seeded):
    for table in TABLES:
        if table not in ("session", "authentication"):
            assert seeded.one(f"SELECT max(id) FROM {table}") < 2**31


def test_statistics_and_sequences_are_ready(seeded):
    for table in TABLES:
        counted = seeded.one("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", table)
        assert counted == seeded.report.rows[table]
        if table != "session":
            column = {"authentication": "auth_id"}.get(table, "id")
            sequence = "SELECT last_value FROM pg_sequences WHERE sequencename = %s"
            last = seeded.one(sequence, f"{table}_{column}_seq")
            assert last == seeded.one(f"SELECT max({column}) FROM {table}"), table


def test_isins_have_their_check_digit(seeded):
    for isin in seeded.all("SELECT isin_number FROM available_funds WHERE isin_number <> 'N/A'"):
        digits = "".join(str(int(character, 36)) for character in isin)
        doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
        assert sum(n // 10 + n % 10 for n in doubled) % 10 == 0, isin


def test_every_legacy_view_and_function_runs_on_it(seeded):
    views = seeded.all("SELECT viewname FROM pg_views WHERE schemaname = current_schema() ORDER BY 1")
    assert len(views) == 24
    for view in views:
        assert seeded.all(f"SELECT * FROM {view}"), view
    assert seeded.one("SELECT total_fum FROM company_revenue_analytics") > 1_000_000
    assert len(seeded.all("SELECT * FROM global_search_entities('smith')")) > 5
    assert seeded.one("SELECT fund_count FROM calculate_adhoc_portfolio_valuation(1)") > 0

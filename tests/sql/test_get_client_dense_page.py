"""get_client_dense_page(): safe sorting, by offset and by key, the same rows either way"""

from __future__ import annotations

import itertools
import re

import psycopg
import pytest

SORTS = ("group_name", "total_active_value", "total_products", "last_activity")
PAGE = "SELECT * FROM get_client_dense_page(%s, %s, %s, %s, %s, %s, %s)"


@pytest.fixture
def portal(portal_at):
    portal = portal_at("head", seed=True)
    # Ties, a group without a name, groups without activity: what paging has to survive.
    portal.run("INSERT INTO client_groups (name) SELECT 'Twin' FROM generate_series(1, 40)")
    portal.run("INSERT INTO client_groups (name) VALUES (NULL), (NULL), ('')")
    portal.run("INSERT INTO client_products (client_id) SELECT (SELECT max(id) FROM client_groups) FROM generate_series(1, 25)")
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    return portal


@pytest.mark.parametrize(("sort", "direction"), list(itertools.product(SORTS, ("ASC", "DESC"))))
def test_E107_pages_by_offset_and_by_key_are_the_same_and_complete(portal, sort, direction):
    names = ("client_group_id", "group_name", "description", "total_products", "active_products", "total_active_value",
             "complexity_indicator", "last_activity", "row_number", "total_count")  # fmt: skip
    place = names.index(sort)
    everything = portal.all(PAGE, 0, 500, sort, direction, None, None, None)
    total = portal.one("SELECT count(*) FROM client_groups")
    assert [row[8] for row in everything] == list(range(1, total + 1))
    assert {row[9] for row in everything} == {total}
    offset = [row for start in range(0, total, 7) for row in portal.all(PAGE, start, 7, sort, direction, None, None, None)]
    assert [row[:9] for row in offset] == [row[:9] for row in everything]
    keyed, last = [], None
    while True:
        seen = (None, None) if last is None else (portal.one("SELECT %s::text", last[place]), last[0])
        page = portal.all(PAGE, len(keyed), 7, sort, direction, None, *seen)
        if not page:
            break
        keyed += page
        last = page[-1]
    assert [row[:9] for row in keyed] == [row[:9] for row in everything]


def test_the_order_is_that_of_the_column(portal):
    for sort in SORTS:
        up = [row[0] for row in portal.all(PAGE, 0, 500, sort, "asc", None, None, None)]
        down = [row[0] for row in portal.all(PAGE, 0, 500, sort, "Desc", None, None, None)]
        assert down == up[::-1]
    values = portal.all("SELECT total_active_value FROM get_client_dense_page(0, 500, 'total_active_value', 'DESC')")
    assert values == sorted(values, reverse=True)
    assert portal.one("SELECT last_activity FROM get_client_dense_page(0, 1, 'last_activity', 'DESC')") is not None


def test_filter_and_total(portal):
    rows = portal.all(PAGE, 0, 500, "total_products", "DESC", "MEDIUM_COMPLEXITY", None, None)
    assert rows
    assert {row[6] for row in rows} == {"MEDIUM_COMPLEXITY"}
    assert {row[9] for row in rows} == {portal.one("SELECT count(*) FROM client_dense_summary WHERE complexity_indicator = 'MEDIUM_COMPLEXITY'")}


def test_the_total_by_key_is_counted_when_asked_for(portal):
    call = "SELECT DISTINCT total_count FROM get_client_dense_page(0, 5, 'group_name', 'ASC', NULL, '', 0, {})"
    assert portal.all(call.format("NULL")) == [None]
    assert portal.all(call.format("true")) == [portal.one("SELECT count(*) FROM client_groups")]
    assert portal.all("SELECT DISTINCT total_count FROM get_client_dense_page(0, 5, p_with_total => false)") == [None]


@pytest.mark.parametrize(
    "arguments",
    [
        "0, 50, 'total_active_value; DROP TABLE profiles'",
        "0, 50, 'description'",
        "0, 50, NULL",
        "0, 50, 'group_name', 'sideways'",
        "0, 50, 'group_name', NULL",
        "0, 50, 'group_name', 'ASC', 'VERY_COMPLEX'",
        "0, 0",
        "0, -1",
        "0, 501",
        "0, NULL",
        "-1, 50",
        "NULL, 50",
        "0, 50, 'group_name', 'ASC', NULL, 'Smith', NULL",
        "0, 50, 'total_products', 'ASC', NULL, NULL, 7",
    ],
)
def test_E026_E106_what_is_not_understood_is_an_error(portal_at, arguments):
    portal = portal_at("head")
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        portal.all(f"SELECT * FROM get_client_dense_page({arguments})")
    assert portal.one("SELECT count(*) FROM profiles") == 0


def test_the_five_arguments_of_the_plan_and_its_defaults(portal):
    assert len(portal.all("SELECT * FROM get_client_dense_page()")) == 50
    assert portal.all("SELECT * FROM get_client_dense_page(0, 50, 'group_name', 'ASC', NULL)") == portal.all("SELECT * FROM get_client_dense_page()")


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("complexity", [None, "LOW_COMPLEXITY"])
def test_a_page_by_key_reads_an_index_and_only_its_own_rows(portal_at, sort, direction, complexity):
    portal = portal_at("head")
    portal.run("INSERT INTO client_groups (name) SELECT 'Client ' || g FROM generate_series(1, 3000) AS g")
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    portal.run("VACUUM ANALYZE client_dense_summary")
    after = {"group_name": "Client 2", "total_active_value": "0", "total_products": "0", "last_activity": None}[sort]
    portal.run("LOAD 'auto_explain'")
    notices: list[str] = []
    portal.connection.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    for name, value in (("auto_explain.log_min_duration", "0"), ("auto_explain.log_nested_statements", "on"),
                        ("auto_explain.log_analyze", "on"), ("client_min_messages", "log")):  # fmt: skip
        portal.run(f"SET {name} = '{value}'")
    page = portal.all(PAGE, 0, 50, sort, direction, complexity, after, 1500)
    assert len(page) == 50
    plan = next(text for text in notices if "client_dense_summary s" in text and "Limit" in text)
    scans = [line for line in plan.splitlines() if "Scan" in line and "client_dense_summary" in line]
    assert len(scans) == 1
    assert re.search(r"Index Scan( Backward)? using idx_client_dense_summary_\w+ on client_dense_summary s", scans[0])
    assert re.search(r"actual time=\S+ rows=50(\.00)? ", scans[0]), "no row is read that is not on the page"


def test_dense_ui_optimization_off_reads_the_tables_themselves(portal):
    group = portal.one("SELECT client_group_id FROM get_client_dense_page(0, 1)")
    portal.run("UPDATE client_groups SET name = '  first of all' WHERE id = %s", group)
    first = "SELECT group_name FROM get_client_dense_page(0, 500) WHERE client_group_id = %s"
    assert portal.one(first, group) != "  first of all"
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'dense_ui_optimization'")
    assert portal.one(first, group) == "  first of all"


def test_pages_behind_the_middle_are_counted_from_the_end(portal):
    total = portal.one("SELECT count(*) FROM client_dense_summary")
    everything = portal.all(PAGE, 0, 500, "group_name", "ASC", None, None, None)
    for offset in (total // 2, total // 2 + 1, total - 3, total - 1):
        rows = portal.all(PAGE, offset, 10, "group_name", "ASC", None, None, None)
        assert rows == everything[offset : offset + 10]
    assert portal.all(PAGE, total, 10, "group_name", "ASC", None, None, None) == []
    assert portal.all(PAGE, total + 7, 10, "group_name", "DESC", None, None, None) == []
    named = "SELECT * FROM get_client_dense_page(%s, 10, p_with_total => %s)"
    assert [r[:9] for r in portal.all(named, total - 3, False)] == [r[:9] for r in portal.all(named, total - 3, True)]

"""Functions, triggers and views from frozen files; their grants survive a rollback."""

from __future__ import annotations

import pytest

from kingston_schema.ddl.objects import drop_statement
from kingston_schema.ddl.sqltext import emit, parse, quote, render
from kingston_schema.errors import UsageError
from kingston_schema.settings import Schemas


@pytest.mark.parametrize(
    ("header", "statement"),
    [
        ("-- function f(bigint, text)", "DROP FUNCTION IF EXISTS f(bigint, text);"),
        ("-- procedure @control@.fill(integer)", "DROP PROCEDURE IF EXISTS @control@.fill(integer);"),
        ("-- view v", "DROP VIEW IF EXISTS v;"),
        ("-- materialized view m", "DROP MATERIALIZED VIEW IF EXISTS m;"),
        ("-- trigger a on t", "DROP TRIGGER IF EXISTS a ON t;"),
        ("-- triggers a, b on t", "DROP TRIGGER IF EXISTS a ON t;\nDROP TRIGGER IF EXISTS b ON t;"),
    ],
)
def test_the_header_says_how_to_drop(header, statement):
    assert drop_statement(parse(header + "\n-- why\nCREATE …")) == statement


def test_a_file_without_a_header_is_refused():
    with pytest.raises(UsageError, match="does not begin with a header"):
        parse("CREATE FUNCTION f() …", "f.sql")


def test_placeholders_are_the_names_of_this_portal():
    text = "@schema@ @control@ @archive@"
    assert render(text, Schemas()) == "public kingston kingston_archive"
    assert render(text, Schemas("firm_a")) == "firm_a firm_a_kingston firm_a_kingston_archive"


def test_identifiers_are_quoted_where_they_must_be():
    assert quote("plain_1") == "plain_1"
    assert quote('We"ird') == '"We""ird"'


def test_text_goes_to_the_server_as_it_is(controlled, ops):
    """No bind parameters, no percent and colon processing: '%', ':name' and '::' stay."""
    with ops(controlled) as op:
        row = emit(op, "SELECT '100 % of :this'::text, E'a\\\\b', 5 % 3").one()
    assert tuple(row) == ("100 % of :this", "a\\b", 2)


def test_grants_of_a_dropped_view_come_back_with_it(controlled, ops):
    controlled.run("CREATE ROLE reader_of_views; CREATE ROLE going")
    try:
        make = "CREATE VIEW v AS SELECT 1 AS one; SELECT kingston.give_back_grants('view', 'v')"
        controlled.run(make)
        controlled.run("GRANT SELECT ON v TO reader_of_views WITH GRANT OPTION; GRANT SELECT ON v TO going")
        controlled.run("SELECT kingston.keep_grants('view', 'v'); DROP VIEW v; DROP ROLE going")
        controlled.run(make)
        assert controlled.all(
            "SELECT grantee, is_grantable FROM information_schema.role_table_grants WHERE table_name = 'v' AND grantee LIKE 'reader%'"
        ) == [("reader_of_views", "YES")]
        controlled.run("DROP VIEW v")
    finally:
        controlled.run("DROP ROLE IF EXISTS reader_of_views; DROP ROLE IF EXISTS going")


def test_grants_of_a_dropped_function_come_back_with_it(controlled):
    controlled.run("CREATE ROLE caller")
    try:
        controlled.run(
            "CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql RETURN i; GRANT EXECUTE ON FUNCTION f(int) TO caller"
        )
        controlled.run("SELECT kingston.keep_grants('function', 'f(int)'); DROP FUNCTION f(int)")
        controlled.run(
            "CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql RETURN i; SELECT kingston.give_back_grants('function', 'f(int)')"
        )
        assert "caller=X" in controlled.one("SELECT proacl::text FROM pg_proc WHERE proname = 'f'")
        controlled.run("DROP FUNCTION f(int)")
    finally:
        controlled.run("DROP ROLE caller")

"""Definitions mean the same after a dump and restore, and nothing else does."""

from __future__ import annotations

import pytest

from kingston_schema import db
from kingston_schema.backup import scratch, tools
from kingston_schema.catalog import fingerprint
from kingston_schema.catalog.canonical import same


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
         "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))"),
        ("SELECT 'x'::text AS text", "SELECT 'x'::text"),
    ],
)  # fmt: skip
def test_casts_of_text_literals_and_labels_do_not_count(before, after):
    assert same("definition", before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CHECK ((a AND (b OR c)))", "CHECK (((a AND b) OR c))"),
        ("CHECK ((s = 'a b'::text))", "CHECK ((s = 'ab'::text))"),
        ("CHECK ((s = 'a::text'::text))", "CHECK ((s = 'a'::text))"),
        ("CHECK ((n > 1))", "CHECK ((n > 2))"),
        ("CHECK ((length(a) > 1))", "CHECK ((a > 1))"),
        ("SELECT a, b", "SELECT b, a"),
        ("round((n)::numeric(20,2))", "round((n)::numeric(20,4))"),
        ("round((n)::numeric)", "round((n)::integer)"),
        ("((a)::text < (b)::text)", "(a < b)"),
        ("('12345'::character varying(5))", "('12345'::character varying(3))"),
        ("('today'::text)", "('today'::date)"),
    ],
)
def test_everything_else_does(before, after):
    assert not same("definition", before, after)


def test_only_definitions_are_compared_so():
    assert not same("body", "RETURN 'x'::text", "RETURN 'x'")
    assert not same("comment", "(a)", "a")


def test_a_portal_at_head_is_the_same_after_dump_and_restore(portal_at, tmp_path):
    portal = portal_at("head")
    version = portal.connection.info.server_version
    tools.run(tools.find("pg_dump", version), portal.url, ["--format=custom", f"--file={tmp_path / 'd'}"])
    before = fingerprint.read(portal.connection, "public")
    with scratch.scratch(portal.url, "canonical") as url:
        tools.run(tools.find("pg_restore", version), url, ["--exit-on-error", str(tmp_path / "d")])
        with db.connect(url) as restored:
            assert fingerprint.differences(before, fingerprint.read(restored, "public")) == []


def test_a_tool_that_fails_says_why(newest_portal_at, tmp_path):
    portal = newest_portal_at("base")
    dump = tools.find("pg_dump", portal.connection.info.server_version)
    with pytest.raises(tools.RefusedError, match=r"pg_dump failed: .*no matching schemas"):
        tools.run(dump, portal.url, ["--schema=none", f"--file={tmp_path / 'd'}"])

"""Two long texts in one short line."""

from __future__ import annotations

import pytest

from kingston_schema.catalog import texts

LONG = "SELECT " + ", ".join(f"column_{n}" for n in range(60))


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("a\nb\nc", "a\nx\nc", 'body differs at line 2: "x", should be "b"'),
        ("a\nb\nc", "a\nx\ny", 'body differs at line 2: "x", should be "b" (2 lines differ)'),
        ("a\nb", "a", 'body differs at line 2: (no such line), should be "b"'),
        ("a", "a\nb", 'body differs at line 2: "b", should be (no such line)'),
        ("a\n  b", "a\n b", 'body differs at line 2, in space only: "b"'),
        ("a\n", "a", "body differs in the space at its end only"),
        (None, "a", 'body differs at line 1: "a", should be (no such line)'),
    ],
)
def test_the_first_line_that_differs(was, now, told):
    assert texts.difference("body", was, now) == told


def test_one_character_in_a_long_line_is_in_sight():
    told = texts.difference("body", LONG, LONG.replace("column_40", "column_4O"))
    assert "column_4O" in told
    assert "column_40" in told
    assert len(told) < 260


def test_source_is_compared_to_the_letter_and_definitions_by_their_meaning():
    was, now = "SELECT 'a'::text\n1", "SELECT 'a'\n2"
    assert "at line 1" in texts.difference("body", was, now)
    assert "at line 2" in texts.difference("definition", was, now, exact=False)

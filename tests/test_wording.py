"""Numbers of things, as messages say them"""

from __future__ import annotations

import pytest

from kingston_schema.wording import count


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (-1, "-1 rows"), (1200, "1,200 rows")]
)
def test_one_and_many(number, said):
    assert count(number, "row") == said


def test_words_that_take_more_than_an_s():
    assert (count(1, "entry", "entries"), count(3, "entry", "entries")) == ("1 entry", "3 entries")

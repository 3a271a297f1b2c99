"""docs/reference/fingerprint.md lists what is covered; every line is a planted difference, and the other way round."""

from __future__ import annotations

import re

import pytest

from catalog.planted import AREAS, Plant, every
from conventions.history import PACKAGE, ROOT
from kingston_schema.catalog import fingerprint

PAGE = ROOT / "docs" / "reference" / "fingerprint.md"
LINE = re.compile(r"^\| `(\w+)` \| (.+) \| (yes|no) \| (SQL|) \|$", re.MULTILINE)
KEY = re.compile(r"(?<![%\w])'([a-z][a-z ]*)', (?!')")
# The query that reads what an area plants.
READS = {
    "columns": {"columns"}, "constraints": {"constraints"}, "indexes": {"indexes"}, "relations": {"tables", "views", "sequences", "security"},
    "functions": {"functions"}, "triggers": {"triggers"}, "types": {"types"}, "others": {"triggers", "security", "others"},
    "grants": set(),
}  # fmt: skip
# Names and kinds of objects, and the table that an index or a trigger is on: not attributes of their own.
IDENTITY = {"table", "rule", "statistics", "column", "aggfnoid", "aggtranstype", "aggmtranstype", "aggsortop", "d", "n", "f"}  # fmt: skip


def line(plant: Plant) -> str:
    """The plant as the page has it."""
    since = f" (PostgreSQL {plant.since})" if plant.since > 15 else ""
    message = plant.message.replace("|", "\\|") + since
    return (
        f"| `{plant.name}` | {message} | {'no' if plant.local else 'yes'} | {'SQL' if plant.mends else ''} |"
    )


def test_every_planted_difference_has_its_line_and_the_other_way_round():
    found = [match.group(0) for match in LINE.finditer(PAGE.read_text(encoding="utf-8"))]
    assert found == [line(plant) for plant in every()]


def test_names_are_unique():
    names = [plant.name for plant in every()]
    assert len(names) == len(set(names)) >= 45


@pytest.mark.parametrize("query", [*fingerprint.QUERIES, "grants"])
def test_every_attribute_that_is_read_is_planted(query: str):
    text = re.sub(r"--.*", "", (PACKAGE / "sql" / "catalog" / f"{query}.sql").read_text(encoding="utf-8"))
    areas = READS[query] | {"rights"}
    assert areas <= set(AREAS)
    planted = {plant.attribute for area in areas for plant in every(area)}
    assert set(KEY.findall(text)) - planted - IDENTITY == set()

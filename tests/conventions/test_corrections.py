"""docs/explanation/corrections.md: every severity-1 erratum of documents 000 and 001, each held by a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from conventions.history import ROOT

PAGE = ROOT / "docs" / "explanation" / "corrections.md"
LINE = re.compile(r"^\| (E-\d{3}) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
REFERENCE = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
# The severity-1 errata of documents 000 and 001.
WANTED = {
    "E-001", "E-002", "E-003", "E-004", "E-005", "E-007", "E-010", "E-011", "E-012", "E-016", "E-017",
    "E-018", "E-019", "E-020", "E-021", "E-022", "E-023", "E-024", "E-027", "E-028", "E-029", "E-030",
    "E-031", "E-034", "E-036", "E-037", "E-039", "E-040", "E-041", "E-042", "E-043", "E-047", "E-048",
    "E-049", "E-052", "E-054", "E-055", "E-056", "E-057", "E-058", "E-059", "E-062", "E-063", "E-064",
    "E-066", "E-089", "E-108", "E-109", "E-119", "E-120", "E-121", "E-122", "E-123", "E-125", "E-128",
    "E-131", "E-134", "E-135", "E-138", "E-139", "E-143", "E-150", "E-153", "E-154", "E-155", "E-156",
    "E-158", "E-159", "E-169", "E-175", "E-178", "E-179", "E-180", "E-181", "E-182", "E-183", "E-185",
    "E-186", "E-194",
    "E-207", "E-209", "E-210", "E-211", "E-212", "E-213", "E-214", "E-216", "E-218", "E-220", "E-222", "E-224",
    "E-226", "E-227", "E-228",
}  # fmt: skip


def lines() -> list[tuple[str, str, str, str]]:
    return LINE.findall(PAGE.read_text(encoding="utf-8"))


@cache
def known_tests(path: str) -> set[str]:
    file = ROOT / path
    if not file.is_file():
        return set()
    return {
        n.name
        for n in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(n, ast.FunctionDef)
    }


def test_every_severity_1_erratum_has_its_line():
    assert sorted(WANTED - {erratum for erratum, *_ in lines()}) == []


@pytest.mark.parametrize("line", lines(), ids=lambda line: line[0])
def test_the_tests_of_a_line_exist(line):
    references = REFERENCE.findall(line[3])
    assert references, "name a test: tests/…/test_x.py::test_y"
    missing = [f"{path}::{name}" for path, name in references if name not in known_tests(path)]
    assert missing == []


@pytest.mark.parametrize("line", lines(), ids=lambda line: line[0])
def test_one_of_them_is_named_after_the_erratum(line):
    number = line[0].replace("-", "")
    assert any(number in name for _, name in REFERENCE.findall(line[3])), f"a test named test_{number}_…"

"""Revision files: names, order, docstrings, size, what they may import, no SQL bodies in Python."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from conventions.history import RevisionFile, revisions

ALL = pytest.mark.parametrize("revision", revisions(), ids=lambda r: r.path.stem)
FIELDS = ("Phase:", "Does:", "Locks:", "Refuses if:", "Down:")
# The Phase 1 schema is one revision: 22 tables; it is built once and never edited.
LONG = {"legacy": 600}


@ALL
def test_imports_only_the_standard_library_alembic_and_sqlalchemy(revision: RevisionFile):
    allowed = set(sys.stdlib_module_names) | {"alembic", "sqlalchemy"}
    for node in ast.walk(revision.tree):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= allowed
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] in allowed
            assert node.level == 0


@ALL
def test_the_file_is_named_after_number_and_revision(revision: RevisionFile):
    assert re.fullmatch(r"\d{4}", revision.number)
    assert revision.value("revision") == revision.name
    assert len(revision.name) <= 32, "alembic_version holds 32 characters"


def test_one_line_of_revisions_in_the_order_of_the_numbers():
    ordered = revisions()
    assert [r.value("down_revision") for r in ordered] == [None, *(r.name for r in ordered[:-1])]


def test_every_phase_ends_in_a_gate_of_its_own_name():
    gates = {r.name for r in revisions() if any(name == "gate" for name, _ in r.calls("upgrade"))}
    assert gates == {"pre_migration", *(f"phase_{n}" for n in range(1, 7))}
    assert revisions()[-1].name == "phase_6"


@ALL
def test_the_docstring_tells_what_someone_must_know_before_a_release(revision: RevisionFile):
    text = ast.get_docstring(revision.tree) or ""
    title, _, rest = text.partition("\n\n")
    assert title
    assert "\n" not in title
    positions = [rest.find(field) for field in FIELDS]
    assert -1 not in positions, f"missing: {[f for f, p in zip(FIELDS, positions, strict=True) if p < 0]}"
    assert positions == sorted(positions)
    for field in FIELDS:
        assert rest.split(field, 1)[1].split("\n", 1)[0].strip(), f"{field} says nothing"


@ALL
def test_a_page_to_read(revision: RevisionFile):
    assert len(revision.text.splitlines()) <= LONG.get(revision.name, 140)


@ALL
def test_no_bodies_of_sql_objects_inside_python(revision: RevisionFile):
    docstring = ast.get_docstring(revision.tree, clean=False)
    for node in ast.walk(revision.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != docstring:
            assert not re.search(r"\b(CREATE|ALTER|DROP|INSERT|UPDATE|DELETE|SELECT)\s+\w+", node.value), (
                node.value
            )


@ALL
def test_both_directions_are_there(revision: RevisionFile):
    functions = {node.name for node in revision.tree.body if isinstance(node, ast.FunctionDef)}
    assert {"upgrade", "downgrade"} <= functions
    assert "NotImplementedError" not in revision.text

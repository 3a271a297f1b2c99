"""Current and frozen SQL (design section 3): one object per file, the newest copy equals the current text."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from conventions.history import ROOT, code_of, current, frozen, used

ITEMS = [(name, path, item) for name, (path, item) in current().items()]
ALL = pytest.mark.parametrize(("name", "path", "item"), ITEMS, ids=[name for name, _, _ in ITEMS])
KIND_OF_FOLDER = {
    "functions": {"function", "procedure"}, "triggers": {"trigger", "triggers"}, "views": {"view", "materialized view"},
    "gates": {"gate"}, "seeds": {"seed"}, "control": {"control", "function", "procedure"},
}  # fmt: skip


@ALL
def test_the_newest_frozen_copy_is_the_current_text(name, path, item):
    copies = frozen().get(name)
    assert copies, f"make snapshot OBJ={name} REV=… ({path})"
    newest = copies[max(copies)]
    assert newest.read_bytes() == path.read_bytes(), (
        f"{newest} differs from {path}: make snapshot OBJ={name} REV={max(copies)}"
    )


def test_every_frozen_object_has_a_current_text():
    assert sorted(frozen().keys() - current().keys()) == []


def test_each_frozen_copy_is_used_by_exactly_one_upgrade():
    uses = Counter((name, version) for _, name, version in used("upgrade"))
    copies = {(name, version) for name, versions in frozen().items() for version in versions}
    assert sorted(copies - uses.keys()) == [], "frozen but never run"
    assert sorted(uses.keys() - copies) == [], "run but not frozen"
    assert [pair for pair, count in uses.items() if count > 1] == []


def test_an_upgrade_runs_only_copies_of_its_own_number():
    assert [(r.number, n, v) for r, n, v in used("upgrade") if r.number != v] == []


def test_a_downgrade_names_copies_that_exist():
    assert [(r.number, n, v) for r, n, v in used("downgrade") if v not in frozen().get(n, {})] == []


@ALL
def test_the_header_fits_the_folder_and_the_name(name, path, item):
    assert item.kind in KIND_OF_FOLDER[path.parent.name]
    if item.kind in ("function", "procedure", "view", "materialized view"):
        bare = item.identity.split("(")[0].removeprefix("@control@.")
        assert bare == name
    if item.kind in ("trigger",):
        assert item.identity == name or path.stem.startswith(item.identity) or item.identity in path.stem


@ALL
def test_a_header_says_what_it_is_for_and_where_it_is_tested(name, path, item):
    head = item.text[: item.text.find("\n\n") if item.kind in ("gate",) else None]
    comments = [line for line in head.splitlines()[1:40] if line.startswith("--")]
    assert comments, "say in a line what it is for"


@ALL
def test_no_schema_is_named_literally(name, path, item):
    code = code_of(item.text)
    assert not re.search(r"\bpublic\.|\bkingston(_archive)?\.(?!revision|run|direction|lock)", code)


@ALL
def test_plain_ascii_in_the_catalogue(name, path, item):
    assert code_of(item.text).isascii()


@ALL
def test_functions_fix_their_search_path(name, path, item):
    """Or they are immutable validators of pg_catalog objects, where SET would cost more than the check.

    The two Phase 1 functions are as production has them.
    """
    if item.kind == "function" and set(frozen()[name]) != {"0000"}:
        code = code_of(item.text)
        assert re.search(r"SET search_path", code) or re.search(r"\bIMMUTABLE\b", code), path
    if item.kind == "procedure" and "COMMIT" in item.text:
        assert "SET search_path =" not in code_of(item.text), "a procedure with SET cannot commit"


# With its owner's rights and open to all the same: why.
FOR_EVERYBODY = {"feature_enabled": "tells on or off, nothing else"}


@ALL
def test_security_definer_only_with_a_search_path_and_not_for_everybody(name, path, item):
    code = code_of(item.text)
    if "SECURITY DEFINER" in code:
        assert re.search(r"SET search_path\s*(=|TO)\s*[^\n]*pg_temp", code), path
        assert re.search(r"REVOKE ALL ON (FUNCTION|PROCEDURE)", code), path
        assert ("TO PUBLIC" in code) == (name in FOR_EVERYBODY), path


@ALL
def test_can_be_run_again(name, path, item):
    code = code_of(item.text)
    assert not re.search(r"CREATE (FUNCTION|VIEW|TRIGGER|PROCEDURE|CONSTRAINT TRIGGER)\b", code), (
        "CREATE OR REPLACE"
    )


@ALL
def test_no_clock_in_checks_and_no_cascade(name, path, item):
    assert not re.search(r"\bDROP\b[^;]*\bCASCADE\b", code_of(item.text))


@ALL
def test_the_test_files_a_header_names_exist(name, path, item):
    named = re.findall(r"tests/[\w/]+\.py", item.text)
    assert [file for file in named if not (ROOT / file).is_file()] == []

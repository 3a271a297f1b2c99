"""The ``--sql`` script of every revision is the golden one: an operation's effect on a revision never drifts."""

from __future__ import annotations

import sys

import pytest

from conventions.history import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from golden import FOLDER, scripts

SCRIPTS = scripts()


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_the_script_is_the_golden_one(name):
    path = FOLDER / name
    assert path.is_file(), "make golden"
    assert SCRIPTS[name] == path.read_text(encoding="utf-8"), (
        "if that is meant: make golden, and read the diff"
    )


def test_no_golden_file_is_left_over():
    assert sorted(path.name for path in FOLDER.glob("*.sql")) == sorted(SCRIPTS)


def test_a_script_takes_no_setting_of_this_machine():
    assert not any("/" + word + "/" in text for text in SCRIPTS.values() for word in ("home", "root", "tmp"))

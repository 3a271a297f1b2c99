"""--format: one renderer for the findings of any command"""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from kingston_schema.cli import formats
from kingston_schema.cli.render import Finding, Result
from kingston_schema.errors import UsageError

ODD = Finding("critical_failed", "a:b,c", '50% of <rows> & "more"\r\nsecond \x00\x1b line', "SELECT 'x:y, z'")
SOFT = Finding("warning_failed", "statistics", "3 tables", "ANALYZE")


def test_junit_is_well_formed_whatever_the_text_and_counts_failures_only():
    root = ET.fromstring(
        formats.junit("check", Result(None, (), (ODD, SOFT), 1, ("primary", "encoding"))).encode()
    )
    (suite,) = root
    assert root.tag == "testsuites"
    assert suite.attrib["name"] == "kingston check"
    assert {k: suite.attrib[k] for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "0", "skipped": "0"
    }  # fmt: skip
    assert [case.attrib["name"] for case in suite] == ["primary", "encoding", "a:b,c", "statistics"]
    assert {case.attrib["classname"] for case in suite} == {"kingston.check"}
    (failure,) = suite.iter("failure")
    assert failure.attrib["type"] == "critical_failed"
    assert '50% of <rows> & "more"' in failure.text
    assert "\ufffd" in failure.text
    assert failure.text.endswith("fix: SELECT 'x:y, z'")
    (out,) = suite.iter("system-out")
    assert out.text.startswith("warning: 3 tables")


def test_junit_of_nothing_found_is_one_passing_case():
    (suite,) = ET.fromstring(formats.junit("drift", Result(None)).encode())
    assert suite.attrib["tests"] == "1"
    assert len(suite) == 1
    assert len(suite[0]) == 0


def test_github_commands_are_escaped_as_the_runner_reads_them():
    lines = formats.github("check", Result(None, (), (ODD, SOFT), 1)).splitlines()
    assert lines == [
        "::error title=kingston check%3A a%3Ab%2Cc::50%25 of <rows> & \"more\"%0D%0Asecond \x00\x1b line%0Afix: SELECT 'x:y, z'",
        "::warning title=kingston check%3A statistics::3 tables%0Afix: ANALYZE",
    ]
    assert (
        formats.github("verify", Result(None, passed=("a", "b")))
        == "::notice title=kingston verify::2 checks passed"
    )
    assert formats.github("drift", Result(None)) == "::notice title=kingston drift::nothing found"


def test_an_unknown_format_is_told():
    with pytest.raises(UsageError, match='no format "xml"'):
        formats.checked("xml")

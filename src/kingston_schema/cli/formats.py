"""``--format``: the findings of a command for people, for programs, for a test report, for annotations on GitHub.

One renderer for any command: it needs the findings and the names of what passed, nothing else.
"""

from __future__ import annotations

import re
from typing import Annotated
from xml.etree import ElementTree as ET

import typer

from ..errors import UsageError
from .render import Finding, Result, envelope

FORMATS = ("text", "json", "junit", "github")
Format = Annotated[str, typer.Option("--format", help="text, json, junit or github.")]
# What XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def checked(name: str) -> str:
    """``name``, when it is a format; raises UsageError otherwise."""
    if name not in FORMATS:
        raise UsageError(f'there is no format "{name}"', fix="--format text, json, junit or github")
    return name


def render(name: str, command: str, result: Result) -> str:
    """``result`` of ``kingston <command>`` in one of the formats for programs."""
    return {"json": envelope, "junit": junit, "github": github}[name](command, result)


def warns(finding: Finding) -> bool:
    """Whether it is worth a look and stops nothing."""
    return finding.code.startswith("warning")


def junit(command: str, result: Result) -> str:
    """A JUnit document: one test case per finding and per thing that passed; warnings pass, with their text."""
    failed = [finding for finding in result.findings if not warns(finding)]
    warned = [finding for finding in result.findings if warns(finding)]
    number = str(max(1, len(result.findings) + len(result.passed)))
    counts = {"tests": number, "failures": str(len(failed)), "errors": "0", "skipped": "0"}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": f"kingston {command}"} | counts)
    for name in result.passed or ([] if result.findings else ["nothing found"]):
        _case(suite, command, name)
    for finding in failed:
        case = _case(suite, command, finding.object or finding.code)
        inner = ET.SubElement(
            case, "failure", {"type": _clean(finding.code), "message": _clean(finding.message)}
        )
        inner.text = _clean(f"{finding.message}\nfix: {finding.fix}" if finding.fix else finding.message)
    for finding in warned:
        out = ET.SubElement(_case(suite, command, finding.object or finding.code), "system-out")
        out.text = _clean(f"warning: {finding.message}\nfix: {finding.fix}")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def github(command: str, result: Result) -> str:
    """Workflow commands of GitHub Actions, one per finding; a notice when there is none."""
    lines = [
        f"::{'warning' if warns(found) else 'error'} title={_property(f'kingston {command}: {found.object or found.code}')}"
        f"::{_data(found.message + (chr(10) + 'fix: ' + found.fix if found.fix else ''))}"
        for found in result.findings
    ]
    what = f"{len(result.passed)} checks passed" if result.passed else "nothing found"
    return "\n".join(lines or [f"::notice title={_property(f'kingston {command}')}::{what}"])


def _case(suite: ET.Element, command: str, name: str) -> ET.Element:
    words = {"classname": "kingston." + command.replace(" ", "."), "name": _clean(name)}
    return ET.SubElement(suite, "testcase", words)


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Documentation stays true: pages, checks, links, verbs and options are those of the code."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from alembic.config import CommandLine
from typer.testing import CliRunner

from conventions.history import PACKAGE, ROOT, revisions
from kingston_schema.cli.app import COMMANDS, build
from kingston_schema.ddl.gate import parse_checks

DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
ROW = re.compile(r"^\| `(\w+)` \| (critical in production|critical|warning) \|", re.MULTILINE)
SHELL = ("", "bash", "sh", "shell", "console")
WITH_VALUE = ("--url", "--schema")


def pages() -> list[Path]:
    """Every Markdown file of the repository; nothing of folders that begin with a dot."""
    found = [path.relative_to(ROOT) for path in ROOT.rglob("*.md")]
    return sorted(path for path in found if not any(part.startswith(".") for part in path.parts))


def gates() -> list[str]:
    """The phases that end in a gate, in their order."""
    return [
        str(arguments[0]) for r in revisions() for name, arguments in r.calls("upgrade") if name == "gate"
    ]


@cache
def text(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def prose(page: Path) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", text(page))


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """(kingston or alembic, arguments) of every command line in a code block."""
    found = []
    for language, block in FENCE.findall(text(page)):
        for line in block.splitlines() if language in SHELL else ():
            words = split(line)
            if words and words[0] in ("kingston", "alembic"):
                found.append((words[0], words[1:]))
    return found


def split(line: str) -> list[str]:
    """The words of the first command of a line; empty for what is no command."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a quote that ends on another line
        return []
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words.pop(0)
    end = next((i for i, word in enumerate(words) if word in ("|", ">", ";", "&&")), len(words))
    return [Path(words[0]).name, *words[1:end]] if words[:end] else []


def verb(arguments: list[str]) -> list[str]:
    """The verb of a ``kingston`` command, with the second word of a group; empty where none is named."""
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in WITH_VALUE and rest:
            rest.pop(0)
    if not rest or not re.fullmatch(r"[a-z]+", rest[0]):
        return []
    second = rest[1:2] if rest[0] in groups() and rest[1:] and re.fullmatch(r"[a-z]+", rest[1]) else []
    return [rest[0], *second]


@cache
def groups() -> frozenset[str]:
    """The verbs that have verbs of their own."""
    return frozenset(
        name for name in COMMANDS if hasattr(import_module(f"kingston_schema.cli.{name}"), "group")
    )


@cache
def known_options(*path: str) -> frozenset[str]:
    """The options in ``kingston <path> --help``; empty for a verb that does not exist."""
    result = CliRunner().invoke(build(), [*path, "--help"])
    return (
        frozenset(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", result.output))
        if result.exit_code == 0
        else frozenset()
    )


def named_verbs(page: Path) -> list[list[str]]:
    """The verbs of every ``kingston …`` in code, in blocks and in lines."""
    inline = [split(code) for code in INLINE.findall(prose(page))]
    found = [arguments for name, arguments in commands(page) if name == "kingston"]
    found += [words[1:] for words in inline if words and words[0] == "kingston"]
    return [path for path in map(verb, found) if path]


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


ALL = pytest.mark.parametrize("page", pages(), ids=str)


@pytest.mark.parametrize("phase", ["legacy", *gates()])
def test_every_phase_has_a_short_page_in_the_runbook(phase: str):
    page = DOCS / "runbook" / f"{phase}.md"
    assert 40 <= len(page.read_text(encoding="utf-8").splitlines()) <= 105
    assert f"]({phase}.md)" in text(Path("docs/runbook/README.md"))


@pytest.mark.parametrize("phase", gates())
def test_the_page_names_every_check_of_the_gate_with_its_severity(phase: str):
    checks = parse_checks((PACKAGE / "sql" / "gates" / f"{phase}.sql").read_text(encoding="utf-8"))
    stated = dict(ROW.findall(text(Path(f"docs/runbook/{phase}.md"))))
    assert stated == {check.name: check.severity for check in checks}


@ALL
def test_every_relative_link_leads_somewhere(page: Path):
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        to = (ROOT / page.parent / name).resolve() if name else ROOT / page
        assert to.exists(), f"{page}: {target}"
        if anchor and to.suffix == ".md":
            assert anchor in slugs(to.relative_to(ROOT)), f"{page}: {target}"


def test_every_page_is_linked_from_the_index():
    seen: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(prose(page.relative_to(ROOT))))
        waiting += [
            (page.parent / name).resolve() for name in targets if name and not re.match(r"[a-z]+:", name)
        ]
    assert set(DOCS.rglob("*.md")) - seen == set()


@ALL
def test_every_verb_that_is_mentioned_exists(page: Path):
    for path in named_verbs(page):
        assert path[0] in COMMANDS, f"{page}: kingston {' '.join(path)}"
        assert known_options(*path), f"{page}: kingston {' '.join(path)}"


def test_every_verb_is_mentioned():
    mentioned = {path[0] for page in pages() if page.parts[0] == "docs" for path in named_verbs(page)}
    assert set(COMMANDS) - mentioned == set()


@ALL
def test_every_option_in_a_code_block_is_known(page: Path):
    for name, arguments in commands(page):
        if name == "alembic":
            complaint = io.StringIO()
            with contextlib.redirect_stderr(complaint):
                try:
                    CommandLine(prog="alembic").parser.parse_args(arguments)
                except SystemExit:
                    pytest.fail(f"{page}: alembic {shlex.join(arguments)}: {complaint.getvalue()}")
            continue
        for option in (word.partition("=")[0] for word in arguments if re.match(r"--?[a-z]", word)):
            assert option in known_options(*verb(arguments)), f"{page}: kingston {shlex.join(arguments)}"

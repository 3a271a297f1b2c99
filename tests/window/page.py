"""A page of the documentation as something to do: its blocks in order, and what each says will be seen."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+(?:[,.:]\d+)*")
SPACE = re.compile(r"\s+")


@dataclass
class Block:
    """Commands of a shell or of SQL; ``expected``: the text block right below, whose lines are seen in this order."""

    section: str
    language: str
    text: str
    expected: list[str] = field(default_factory=list)

    @property
    def commands(self) -> list[list[str]]:
        """Words of each command line; comments are left out."""
        return [words for line in self.text.splitlines() if (words := shlex.split(line, comments=True))]


def blocks(path: Path) -> list[Block]:
    """What the page tells to do, in order."""
    page = path.read_text(encoding="utf-8")
    found: list[Block] = []
    end = 0
    for match in FENCE.finditer(page):
        language, text = match.groups()
        headings = re.findall(r"^## (.*)$", page[: match.start()], re.MULTILINE)
        if language in ("bash", "sql"):
            found.append(Block(headings[-1] if headings else "", language, text))
        elif language == "text" and found and not page[end : match.start()].strip():
            found[-1].expected = text.splitlines()
        end = match.end()
    return found


def missing(expected: list[str], said: str) -> list[str]:
    """Lines of ``expected`` that ``said`` does not have in that order.

    Any number stands for any number, ``…`` for anything; how wide a space is does not matter, nor are rules looked for.
    """
    seen = [_plain(line) for line in said.splitlines()]
    absent, at = [], 0
    for line in expected:
        if not _plain(line).strip("-+… "):
            continue
        pattern = re.compile(re.escape(_plain(line)).replace("…", ".*"))
        for place in range(at, len(seen)):
            if pattern.fullmatch(seen[place]):
                at = place + 1
                break
        else:
            absent.append(line)
    return absent


def _plain(line: str) -> str:
    return SPACE.sub(" ", NUMBER.sub("#", line)).strip()

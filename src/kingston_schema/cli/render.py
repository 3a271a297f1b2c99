"""How results look: tables and lines for people, one JSON envelope for programs."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.table import Table

# Not a terminal: wide enough that no line of ours is broken where a program or grep reads it.
FILE_WIDTH = 240


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    code: str
    object: str
    message: str
    fix: str


@dataclass(frozen=True)
class Result:
    """What a verb gives back: ``data`` (a dataclass) for programs, ``view`` for people.

    ``passed``: names of what was asked and found right, for formats that list it.
    """

    data: Any
    view: Sequence[RenderableType] = ()
    findings: Sequence[Finding] = field(default_factory=tuple)
    exit_code: int = 0
    passed: Sequence[str] = ()


def console(stream: TextIO, color: bool = True) -> Console:
    """A console on ``stream``; plain when it is no terminal or colour is not wanted (NO_COLOR too)."""
    plain = not color or bool(os.environ.get("NO_COLOR"))
    width = None if stream.isatty() else FILE_WIDTH
    return Console(file=stream, no_color=plain, width=width, highlight=False, soft_wrap=False, markup=False)


def envelope(command: str, result: Result) -> str:
    """The one JSON document every command writes."""
    return json.dumps(
        {
            "command": command,
            "ok": result.exit_code == 0,
            "exit_code": result.exit_code,
            "findings": [dataclasses.asdict(finding) for finding in result.findings],
            "data": dataclasses.asdict(result.data) if result.data is not None else None,
        },
        indent=2,
        default=_plain,
        ensure_ascii=not _unicode(sys.stdout),
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[int] = ()) -> Table:
    """A table without lines; ``right`` are the columns of numbers."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, heading in enumerate(headings):
        made.add_column(heading, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*("" if value is None else str(value) for value in row))
    return made


def facts(pairs: Sequence[tuple[str, Any]]) -> Table:
    """Name and value, one pair per line."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        made.add_row(name, "" if value is None else str(value))
    return made


def seconds(value: float | None) -> str:
    """A duration: ``0.04 s``, ``12.3 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    minutes = round(value) // 60
    return (
        f"{minutes} min {round(value) % 60:02d} s"
        if minutes < 60
        else f"{minutes // 60} h {minutes % 60:02d} min"
    )


def moment(value: datetime | None) -> str:
    """A time of day in the time zone of this machine."""
    return "" if value is None else value.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"

"""Looking again and again: a picture that is redrawn on a terminal, one line per look elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.live import Live
from rich.table import Table

from ..errors import BusyError, KingstonError, OutcomeUnknown, UnreachableError
from ..operations.status import Report, Running
from .driver import Call
from .render import console, facts, moment, seconds

# A server that restarts, or that has no answer for a moment, does not end the watch.
PASSING = (BusyError, OutcomeUnknown, UnreachableError)


def watch(
    call: Call,
    interval: float,
    look: Callable[[Any], Any],
    draw: Callable[[Any], RenderableType],
    said: Callable[[Any], str],
) -> Any:
    """Look every ``interval`` seconds until Ctrl-C; returns what was seen last where it is still to be shown.

    The first look raises what it raises; later ones that cannot reach the server are repeated.
    """
    out = console(sys.stdout, not call.no_color)
    report = None
    try:
        report = look(None)
        if not out.is_terminal:
            while True:
                print(f"{datetime.now():%H:%M:%S} {said(report)}", flush=True)
                report = _again(interval, look, report, lambda text: print(text, flush=True))
        with Live(draw(report), console=out, auto_refresh=False, screen=True) as live:
            live.refresh()
            while True:
                report = _again(interval, look, report, lambda text: live.update(text, refresh=True))
                live.update(draw(report), refresh=True)
    except KeyboardInterrupt:
        return report if out.is_terminal else None


def _again(interval: float, look: Callable[[Any], Any], before: Any, say: Callable[[str], None]) -> Any:
    while True:
        time.sleep(interval)
        try:
            return look(before)
        except PASSING as error:
            say(_short(error))


def _short(error: KingstonError) -> str:
    return f"{datetime.now():%H:%M:%S} {error.message}; looking again"


def progress(running: Running) -> Table:
    """What is running, as name and value."""
    at = f"{running.revision} {running.direction}" if running.revision else "before its first revision"
    pairs = [
        ("running", f'"{running.command or "a run"}", {at}'),
        ("by", f"{running.who} on {running.host or 'an unknown host'}, process {running.pid or 'unknown'}"
               f" (session {running.session}), version {running.version or 'unknown'}"),
        ("since", f"{moment(running.since)}" + (f", last heard of {moment(running.heard_at)}" if running.heard_at else "")),
    ]  # fmt: skip
    if running.step is not None:
        pairs.append(("step", f"{running.step}: {running.operation}, since {moment(running.step_since)}"))
    if running.movement is not None:
        pairs.append(("progress", moved(running)))
    if running.waits_for:
        pairs.append(("waits for", running.waits_for))
    return facts(pairs)


def moved(running: Running) -> str:
    """``fill_ownership: 5,000 of 10,000 rows (50 %), 12,345 rows/s, 4.1 s left``."""
    movement = running.movement
    if movement is None:
        return ""
    parts = [f"{movement.step}: {movement.done:,} rows"]
    if movement.total:
        share = 100 * min(movement.done, movement.total) // movement.total
        parts = [f"{movement.step}: {movement.done:,} of {movement.total:,} rows ({share} %)"]
    if movement.rate:
        parts.append(f"{movement.rate:,.0f} rows/s")
    if movement.left is not None:
        parts.append(f"{seconds(movement.left)} left")
    return ", ".join(parts)


def line(report: Report) -> str:
    """The status in one line."""
    running = report.running
    if running is None:
        return f"at {report.revision or 'nothing'}, {report.pending} pending; nothing is running; next: {report.next}"
    parts = [f"at {report.revision or 'nothing'}; running: {running.command or 'a run'} by {running.who}"]
    if running.revision:
        parts.append(f"{running.revision} {running.direction}")
    if running.step is not None:
        parts.append(f"step {running.step} {running.operation}")
    if running.movement is not None:
        parts.append(moved(running))
    if running.waits_for:
        parts.append(f"waits for {running.waits_for}")
    return "; ".join(parts)

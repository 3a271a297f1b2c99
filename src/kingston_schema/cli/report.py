"""kingston report"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..operations import report as operation
from ..wording import count
from .driver import Call, verb
from .render import Result, facts


@verb
def report(
    call: Call,
    html: Annotated[str, typer.Option("--html", help="Write one self-contained page to this file.")] = "",
) -> Result:
    """Report on the migration: timeline, gates, checks, performance, archive, checkpoints, problems."""
    found = operation.run(call.database(), call.portal)
    if html:
        try:
            Path(html).write_text(operation.html(found), encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{html} cannot be written: {error.strerror}", fix="choose another --html"
            ) from error
    pairs = [
        ("portal", f"{found.state.database}, schema {found.state.schema}"),
        ("revision", f"{found.state.revision or 'none'}, {found.state.pending} pending"),
        (
            "runs",
            f"{count(len(found.runs), 'revision')} run, {sum(r.status != 'completed' for r in found.runs)} not completed",
        ),
        ("checks", f"{found.readiness.verdict}, score {found.readiness.score} of 100"),
        (
            "archive",
            f"{count(found.state.archived_rows, 'row')}, {found.state.quarantined_rows:,} in quarantine",
        ),
        (
            "checkpoints",
            f"{len(found.checkpoints)}, {sum(bool(c.proven_at) for c in found.checkpoints)} proven",
        ),
    ]
    problems = [f"  {text}" for text in found.problems] or ["  none"]
    return Result(
        found, [facts(pairs), "", "problems:", *problems, *(["", f"written: {html}"] if html else [])]
    )

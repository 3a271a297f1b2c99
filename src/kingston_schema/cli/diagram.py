"""kingston diagram"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..operations import diagram as operation
from ..wording import count
from .driver import Call, verb
from .render import Result


@verb
def diagram(
    call: Call,
    revision: Annotated[str, typer.Option("--revision", help="The schema of which revision.")] = "head",
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Mermaid text instead of SVG.")] = False,
    output: Annotated[
        str, typer.Option("--output", "-o", help="File to write; standard output without.")
    ] = "",
) -> Result:
    """Draw the schema of a revision, tables of Phase 1 and Phase 2 told apart; needs no database."""
    report = operation.run(revision, mermaid=mermaid)
    if not output:
        return Result(report, [report.text.rstrip("\n")])
    try:
        Path(output).write_text(report.text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written: {error.strerror}", fix="choose another --output"
        ) from error
    return Result(
        report,
        [f"{count(len(report.tables), 'table')} and {count(len(report.links), 'reference')} in {output}"],
    )

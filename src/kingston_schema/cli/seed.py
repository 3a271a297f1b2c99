"""kingston seed"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from .. import db
from ..catalog import portal
from ..errors import RefusedError
from ..operations import seed as operation
from ..settings import schemas
from ..wording import count
from .driver import Call, verb
from .progress import single
from .render import Result, seconds, table


@verb
def seed(
    call: Call,
    clients: Annotated[int, typer.Option(help="Client groups.")] = 130,
    products: Annotated[int, typer.Option(help="Products.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same number gives the same data.")] = 7,
    legacy_phones: Annotated[
        bool, typer.Option("--legacy-phones", help="Add the phone column that some portals have.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Nothing to do when the portal holds data.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be written.")] = False,
) -> Result:
    """Fill an empty Phase 1 portal (revision legacy) with sample data, the same for the same seed."""
    url, names = call.database(), schemas(call.portal)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        revision = portal.read(connection, names).revision
        held = portal.populated(connection, names) if revision else None
    if once and held:
        return Result(None, [f"nothing to do: the portal holds data already (table {held})"])
    if revision != "legacy":
        raise RefusedError(
            f"sample data go into a portal at revision legacy; this one is at {revision or 'none'}",
            fix="kingston rollback legacy" if revision else "kingston upgrade legacy",
            obj=names.application,
        )
    work = operation.plan if dry_run else operation.run
    with single(not call.no_color) as story:
        report = work(
            url,
            schema=names.application,
            clients=clients,
            products=products,
            seed=seed,
            legacy_phones=legacy_phones,
            report=story,
        )
    rows = [(name, f"{count:,}") for name, count in report.rows.items()]
    done = "would be written" if dry_run else f"written in {seconds(report.seconds)}"
    view: list[RenderableType] = [
        table(("table", "rows"), rows, right=(1,)),
        "",
        f"{count(report.total, 'row')} {done}; next: kingston upgrade",
    ]
    return Result(report, view)

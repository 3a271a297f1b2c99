"""kingston archive"""

from __future__ import annotations

import typer

from . import listing, purge, restore, show

group = typer.Typer(
    help="What rollbacks keep: list it (kingston archive alone does the same), show, restore, purge.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
group.command(name="list")(listing.listing)
group.command(name="show")(show.show)
group.command(name="restore")(restore.restore)
group.command(name="purge")(purge.purge)
group.callback(invoke_without_command=True)(listing.alone)

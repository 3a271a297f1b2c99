"""kingston checkpoint"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.filesize import decimal

from ..errors import EXIT_FOUND
from ..operations import checkpoint as operation
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, facts, moment, seconds, table

Folder = Annotated[
    str, typer.Option("--in", help="Folder of the checkpoints (default: .kingston/checkpoints).")
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="So many tables at a time.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Name = Annotated[str, typer.Argument(help="Name of the checkpoint.")]

group = typer.Typer(
    help="Backups that say what they hold and whose restore is proven.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@dataclass(frozen=True)
class Listing:
    """What ``list`` says."""

    folder: str
    checkpoints: tuple[operation.Item, ...]


@dataclass(frozen=True)
class Intention:
    """What a dry run says."""

    would: str


@verb
def create(
    call: Call,
    name: Annotated[str, typer.Option("--name", help="Default: revision and time.")] = "",
    folder: Folder = "",
    jobs: Jobs = 2,
    physical: Annotated[
        bool, typer.Option("--physical", help="The whole server, by pg_basebackup; needs REPLICATION.")
    ] = False,
    dry_run: DryRun = False,
) -> Result:
    """Back up the portal's schemas, with a manifest of rows, checksums and fingerprints."""
    if dry_run:
        what = "the whole server" if physical else "the portal's schemas"
        return _would(f"back up {what} into {operation.home(folder or None)}/{name or '<revision>-<time>'}")
    report = operation.create(
        call.database(),
        call.portal,
        name=name,
        folder=folder or None,
        jobs=jobs,
        physical=physical,
        tell=call.say,
    )
    return Result(
        report, [_facts(report.checkpoint), "", f"next: kingston checkpoint verify {report.checkpoint.name}"]
    )


def _listed(call: Call, folder: str) -> Result:
    """All in the folder; those of one portal where --schema asks for it."""
    asked = tuple(
        item for item in operation.listing(folder or None) if call.portal in (None, item.schema) or not item.schema
    )
    found = Listing(str(operation.home(folder or None)), asked)
    if not found.checkpoints:
        return Result(found, [f"no checkpoints in {found.folder}; next: kingston checkpoint create"])
    rows = [
        (
            i.name, i.revision, moment(i.created_at), f"{i.rows:,}", decimal(i.bytes), i.kind,
            moment(i.proven_at) if i.proven_at else i.state,
        )
        for i in found.checkpoints
    ]  # fmt: skip
    headings = ("checkpoint", "revision", "made", "rows", "size", "kind", "restore proven")
    return Result(found, [table(headings, rows, right=(3, 4))])


@verb
def listing(call: Call, folder: Folder = "") -> Result:
    """List the checkpoints: of which revision, how large, when a restore was last proven."""
    return _listed(call, folder)


@verb
def alone(call: Call, folder: Folder = "") -> Result:
    """Backups that say what they hold and whose restore is proven; alone it lists them."""
    return _listed(call, folder)


@verb
def verify(call: Call, name: Name, folder: Folder = "", jobs: Jobs = 2) -> Result:
    """Prove that it can be restored: hashes of its files, then a restore into a scratch database, compared."""
    operation.existing(folder or None, name)
    report = operation.verify(
        call.database(), name, call.portal, folder=folder or None, jobs=jobs, tell=call.say
    )
    if report.differences:
        return _differs(report, f"checkpoint {name} does not hold what it should")
    what = (
        "pg_verifybackup found nothing" if report.checkpoint.kind == "physical" else "restored and compared"
    )
    held = f"{report.checkpoint.tables} tables and sequences, {count(report.checkpoint.rows, 'row')}"
    return Result(report, [f"proven: {what}, {held}, in {seconds(report.seconds)}"])


@verb
def restore(
    call: Call,
    name: Name,
    folder: Folder = "",
    jobs: Jobs = 2,
    leave_others: Annotated[
        bool, typer.Option("--leave-others", help="Other schemas stay in the old database only.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Rollback of level 3: restore into a new database, compare, swap by rename; the old one is kept."""
    operation.existing(folder or None, name)
    url = call.database()
    if dry_run:
        return _would(f"restore {name} beside the database, compare, end its sessions and swap by rename")
    call.confirm(f"Restore {name} and let it take the place of the database? Its sessions are ended.", yes)
    report = operation.restore(
        url, name, call.portal, folder=folder or None, jobs=jobs, others=leave_others, tell=call.say
    )
    if report.differences:
        return _differs(report, f"checkpoint {name} was restored, but differs; nothing was swapped")
    told = f"{report.restored_to} is checkpoint {name} now, in {seconds(report.seconds)}"
    return Result(
        report, [told, f"the database of before is kept as {report.kept_as}", "next: kingston status"]
    )


@verb
def drop(call: Call, name: Name, folder: Folder = "", yes: Yes = False, dry_run: DryRun = False) -> Result:
    """Remove a checkpoint's files."""
    path = operation.existing(folder or None, name)
    if dry_run:
        return _would(f"remove {path}")
    call.confirm(f"Remove checkpoint {name} for good?", yes)
    report = operation.drop(call.database(), name, call.portal, folder=folder or None)
    return Result(report, [f"checkpoint {name} is gone"])


def _facts(item: operation.Item) -> RenderableType:
    return facts(
        [
            ("checkpoint", item.name),
            ("in", item.folder),
            ("revision", item.revision or "none"),
            ("holds", f"{item.tables} tables and sequences, {count(item.rows, 'row')}"),
            ("size", decimal(item.bytes)),
            ("took", seconds(item.seconds)),
        ]
    )


def _differs(report: operation.Report, head: str) -> Result:
    findings = tuple(Finding("differs", "", text, "make another checkpoint") for text in report.differences)
    lines = [f"{head}:", *(f"  {text}" for text in report.differences[:20])]
    rest = len(report.differences) - 20
    return Result(report, [*lines, *([f"  and {rest} more"] if rest > 0 else [])], findings, EXIT_FOUND)


def _would(text: str) -> Result:
    return Result(Intention(text), [f"would {text}; nothing was done"])


for _name, _command in (
    ("create", create),
    ("list", listing),
    ("verify", verify),
    ("restore", restore),
    ("drop", drop),
):
    group.command(name=_name)(_command)
group.callback(invoke_without_command=True)(alone)

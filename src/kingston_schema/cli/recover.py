"""kingston recover"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import EXIT_FOUND, UsageError
from ..operations.recover import check as checking
from ..operations.recover import client as of_client
from ..operations.recover import items as of_items
from ..operations.recover import ownership as of_ownership
from ..operations.recover import undo as undoing
from ..operations.recover import verify as verifying
from ..operations.recover.carrying import Report
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, table
from .when import moment_given

WIDTH = 36  # characters of one value on the screen; --json has them whole
SECRET = ("security_word", "security_words", "notes", "private_notes", "sensitive_data", "phone_number")
_PAST = {"insert": "put back", "update": "changed back", "delete": "taken out"}

Client = Annotated[int, typer.Argument(help="The client group.")]
At = Annotated[str, typer.Option("--at", help="As it was then: '2026-11-19 12:00'.")]
Tables = Annotated[str, typer.Option("--tables", metavar="A,B", help="Only rows of these.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is recorded with every row.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]

group = typer.Typer(
    help="Bring back one client group's rows as they were, from the row history.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@verb
def alone(call: Call) -> Result:
    """Bring back one client group's rows as they were, from the row history."""
    if call.context is not None:
        call.say(call.context.get_help())
    return Result(None)


@verb
def client(
    call: Call,
    number: Client,
    at: At,
    tables: Tables = "",
    reason: Reason = "",
    lose_secrets: Annotated[
        bool, typer.Option("--lose-secrets", help="Also overwrite secrets that no undo could bring back.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Show the difference to a time, ask, and write it in one transaction; nobody else's row changes."""
    moment = moment_given("--at", at)
    if moment is None:
        raise UsageError("--at is needed", fix="--at '2026-11-19 12:00'")
    wanted = [name.strip() for name in tables.split(",") if name.strip()]

    def go(dry: bool) -> Report:
        return of_client.run(
            call.database(), number, moment, call.portal, tables=wanted, reason=reason,
            lose_secrets=lose_secrets, dry_run=dry,
        )  # fmt: skip

    return _carried(call, go, f"Bring client group {number} back to {moment:%Y-%m-%d %H:%M:%S}", yes, dry_run)


@verb
def undo(
    call: Call,
    number: Annotated[str, typer.Argument(metavar="ID", help="The recovery, as it named itself.")],
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Take a recovery back; refused when one of its rows was changed since."""

    def go(dry: bool) -> Report:
        return undoing.run(call.database(), number, call.portal, reason=reason, dry_run=dry)

    return _carried(call, go, f"Take recovery {number} back", yes, dry_run)


@verb
def check(
    call: Call,
    number: Client,
    at: At,
    checkpoint: Annotated[str, typer.Option("--checkpoint", help="Which one to start from.")],
    folder: Annotated[str, typer.Option("--in", help="Folder of the checkpoints.")] = "",
) -> Result:
    """Rebuild a client group's rows at a time from today and from a checkpoint; exit code 1 where they differ."""
    moment = moment_given("--at", at)
    if moment is None:
        raise UsageError("--at is needed", fix="--at '2026-11-19 12:00'")
    report = checking.run(
        call.database(), number, moment, checkpoint, call.portal, folder=folder or None, tell=call.say
    )
    findings = tuple(
        Finding("differs", "", text, f"kingston audit verify; kingston audit show --client {number}")
        for text in report.differences
    )
    view = [
        f"{count(report.rows, 'row')} of client group {number} rebuilt in two ways"
        f" (back from today; {report.way} from checkpoint {checkpoint})"
    ]
    if report.unseen:
        view.append(f"{count(report.unseen, 'row')} came after the checkpoint: known from today only")
    view += [*report.differences] or ["the same in every column"]
    return Result(report, view, findings, EXIT_FOUND if findings else 0)


@verb
def items(
    call: Call,
    number: Annotated[int | None, typer.Option("--client", help="Only this client group's.")] = None,
    broken: Annotated[
        str, typer.Option("--broken", metavar="JSONPATH", help="Found by this instead of the rules of the type.")
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take out what never was good.")] = False,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Give broken information items their last good content; what was broken stays in the history."""

    def go(dry: bool) -> Report:
        return of_items.run(
            call.database(), call.portal, client=number, path=broken, remove=remove, reason=reason, dry_run=dry
        )

    return _carried(call, go, "Restore the last good content of broken items", yes, dry_run)


@verb
def ownership(
    call: Call,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Write all shares there as well.")
    ] = None,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Make the links say what the ownership documents say; list mismatches, keep shares aside."""
    planned = of_ownership.run(call.database(), call.portal, keep=keep, reason=reason, dry_run=True)
    view: list[Any] = [*planned.mismatches, *_view(planned.carried)]
    aside = f"{count(planned.shares, 'product')} with shares, which no link can hold; they stay in ownership_details"
    if dry_run or not (planned.carried.changes or keep):
        return Result(planned, [*view, aside, _closing(planned.carried)])
    if not yes:
        for part in view:
            call.say(part)
    call.confirm(f"Give the links the owners of the documents ({_counts(planned.carried)})?", yes)
    done = of_ownership.run(call.database(), call.portal, keep=keep, reason=reason)
    kept = f"{aside}, and in {done.kept_in}" if done.kept_in else aside
    return Result(done, [*(view if yes else []), kept, _closing(done.carried)])


@verb
def verify(call: Call) -> Result:
    """Judge a recovery: data, references, business rules, performance; exit code 1 when one is not right."""
    report = verifying.run(call.database(), call.portal)
    view: list[Any] = []
    findings = []
    for judgement in report.judgements:
        state = judgement.note or (f"{len(judgement.wrong)} wrong" if judgement.wrong else "right")
        view.append(f"{judgement.area}: {state} ({judgement.asked} asked)")
        view += [f"  {text}" for text in judgement.wrong[:20]]
        area = judgement.area.split(":")[0]
        findings += [Finding(area.replace(" ", "_"), "", text, "kingston audit show") for text in judgement.wrong]
    return Result(report, view, tuple(findings), EXIT_FOUND if findings else 0)


def _carried(call: Call, go: Any, question: str, yes: bool, dry_run: bool) -> Result:
    if dry_run or not yes:
        planned = go(True)
        if dry_run or not planned.changes:
            return Result(planned, [*_view(planned), _closing(planned)])
        for part in _view(planned):
            call.say(part)
        call.confirm(f"{question} ({_counts(planned)})?", yes)
    done = go(False)
    return Result(done, [*(_view(done) if yes else []), _closing(done)])


def _view(report: Report) -> list[Any]:
    view: list[Any] = []
    if report.changes:
        rows = [
            (
                change.action,
                f"{change.table}/{_key(change.key)}",
                ", ".join(_column(change.action, name, *values) for name, values in change.columns.items()),
                "; ".join(change.lost),
            )
            for change in report.changes
        ]
        view.append(table(("", "row", "changes", "not as it was"), rows))
    if report.left:
        view += ["", "left as they are:"]
        view += [f"  {left.table}/{_key(left.key)}: {left.why}" for left in report.left]
    return view


def _closing(report: Report) -> str:
    if not report.changes:
        return "nothing to change"
    if report.dry_run:
        return f"would be {_counts(report)}; nothing was changed"
    return (
        f"recovery {report.id}: {_counts(report)}; {count(report.others, 'row')} of others in the same tables"
        f" are as they were (counted and hashed before and after)\nback again: kingston recover undo {report.id}"
    )


def _counts(report: Report) -> str:
    numbers = {word: sum(change.action == word for change in report.changes) for word in _PAST}
    return ", ".join(f"{count(n, 'row')} {_PAST[word]}" for word, n in numbers.items() if n)


def _column(action: str, name: str, now: Any, then: Any) -> str:
    shown = "…" if name in SECRET else None
    if action == "update":
        return f"{name}: {shown or _short(now)} → {shown or _short(then)}"
    return f"{name}={shown or _short(then if action == 'insert' else now)}"


def _short(value: Any) -> str:
    # Numbers to fifteen digits here, exact in --json.
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, default=float)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _key(key: str) -> str:
    return ",".join(str(value) for value in json.loads(key).values())


for _name, _command in (
    ("client", client), ("undo", undo), ("check", check), ("items", items), ("ownership", ownership), ("verify", verify),
):  # fmt: skip
    group.command(name=_name)(_command)
group.callback(invoke_without_command=True)(alone)

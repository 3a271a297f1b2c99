"""kingston recover"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from ..errors import UsageError
from ..operations.recover import client as of_client
from ..operations.recover import undo as undoing
from ..operations.recover.carrying import Report
from ..wording import count
from .driver import Call, verb
from .render import Result, table
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
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _key(key: str) -> str:
    return ",".join(str(value) for value in json.loads(key).values())


for _name, _command in (("client", client), ("undo", undo)):
    group.command(name=_name)(_command)
group.callback(invoke_without_command=True)(alone)

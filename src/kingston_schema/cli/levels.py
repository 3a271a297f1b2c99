"""What ``kingston rollback --level`` shows and asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import EXIT_FOUND, UsageError
from ..operations import checkpoint
from ..operations import rollback as operation
from ..wording import count
from .driver import Call
from .render import Finding, Result, moment, seconds, table

SHOWN = 40


@dataclass(frozen=True)
class Asked:
    """What the command line said beside the level."""

    undo: bool = False
    features: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    checkpoint: str = ""
    folder: str = ""
    reason: str = ""
    yes: bool = False
    dry_run: bool = False


def level(call: Call, number: int, target: str, asked: Asked) -> Result:
    """Run the rollback of that level; raises UsageError for options that mean nothing to it."""
    wrong = [
        name
        for name, given, of in (
            ("a target", target, ()), ("--feature", asked.features, (1,)), ("--role", asked.roles, (2,)),
            ("--checkpoint", asked.checkpoint, (3,)), ("--undo", asked.undo, (1, 2)),
        )
        if given and number not in of
    ]  # fmt: skip
    if wrong:
        raise UsageError(f"{wrong[0]} means nothing to --level {number}", fix="kingston rollback --help")
    return _restore(call, asked) if number == 3 else _change(call, number, asked)


def _change(call: Call, number: int, asked: Asked) -> Result:
    """Levels 1 and 2: seen in a dry run, asked about, done."""

    def run(dry_run: bool) -> Any:
        common: dict[str, Any] = {"undo": asked.undo, "dry_run": dry_run, "reason": asked.reason}
        if number == 1:
            return operation.switch_off(call.database(), call.portal, features=asked.features, **common)
        return operation.withdraw(call.database(), call.portal, roles=asked.roles, **common)

    seen = run(True)
    if asked.dry_run or not seen.done:
        return _told(seen, asked)
    what = count(len(seen.done), *(("switch", "switches") if number == 1 else ("right",)))
    verb = ("Switch off", "Take away")[number - 1] if not asked.undo else "Give back"
    call.confirm(f"{verb} {what} in schema {seen.schema}?", asked.yes)
    return _told(run(False), asked)


def _told(report: Any, asked: Asked) -> Result:
    rows = [(c.object, c.before, c.after, c.note) for c in report.changes[:SHOWN]]
    view: list[Any] = [table(("object", "before", "after", ""), rows), ""] if rows else []
    rest = len(report.changes) - SHOWN
    view += [f"and {rest} more (--json has all)", ""] if rest > 0 else []
    findings = [
        Finding(
            "not_given_back",
            c.object,
            f"{c.object}: {c.note}",
            f"kingston rollback --level {report.level} --undo",
        )
        for c in report.changes
        if c.note.startswith("not given back")
    ]
    word = "given back" if report.undone else ("switched off", "taken away")[report.level - 1]
    number = len(report.done)
    if not number:
        return Result(
            report, [*view, f"nothing to do: nothing is {word}"], findings, EXIT_FOUND if findings else 0
        )
    what = count(number, "switch", "switches") if report.level == 1 else count(number, "right")
    said = f"{what} {'would be ' if report.dry_run else ''}{word}; the data stays"
    back = (
        ""
        if report.undone or report.dry_run
        else f"; next: kingston rollback --level {report.level} --undo gives them back"
    )
    return Result(report, [*view, said + back], findings, EXIT_FOUND if findings else 0)


def _restore(call: Call, asked: Asked) -> Result:
    """Level 3."""
    if not asked.checkpoint:
        raise UsageError(
            "--level 3 restores a checkpoint: which one?",
            fix="kingston checkpoint list; then --checkpoint NAME",
        )
    item = operation.proven(asked.checkpoint, asked.folder or None)
    when = f"{item.name} of {moment(item.created_at)}, at {item.revision}, restore proven {moment(item.proven_at)}"
    if asked.dry_run:
        return Result(item, [f"would restore {when}; what was written since is not in it; nothing was done"])
    url = call.database()
    call.confirm(
        f"Restore {when}, and let it take the place of the database? What was written since is not in it.",
        asked.yes,
    )
    report = checkpoint.restore(
        url, asked.checkpoint, call.portal, folder=asked.folder or None, tell=call.say
    )
    if report.differences:
        findings = tuple(
            Finding("differs", item.name, text, "kingston checkpoint list") for text in report.differences
        )
        return Result(report, ["it was restored, but differs; nothing was swapped"], findings, EXIT_FOUND)
    told = f"{report.restored_to} is checkpoint {item.name} now, in {seconds(report.seconds)}"
    kept = f"the database of before is kept as {report.kept_as}"
    return Result(report, [told, kept, "next: kingston verify"])

"""What is the same for every verb: common options, where the database is, errors, exit codes, output."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import psycopg
import sqlalchemy as sa
import typer
from alembic.util import CommandError
from typer.exceptions import Abort

from .. import db
from ..errors import (
    EXIT_BUG,
    EXIT_PARTIAL,
    Interrupted,
    KingstonError,
    PartialError,
    RefusedError,
    UsageError,
)
from . import formats
from .hints import for_portal
from .render import Finding, Result, console, envelope

Url = Annotated[str, typer.Option("--url", help="Database, instead of DATABASE_URL or the embedded one.")]
Schema = Annotated[str, typer.Option("--schema", help="Schema of the portal (default: public).")]
Actor = Annotated[str, typer.Option("--actor", help="Your name, for the record (default: KINGSTON_ACTOR).")]
Json = Annotated[bool, typer.Option("--json", help="Write the result as one JSON document.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More detail; tracebacks of errors.")]

# Accepted before the verb and after it.
COMMON = {
    "url": Url, "schema": Schema, "actor": Actor, "as_json": Json, "no_color": NoColor, "verbose": Verbose,
}  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "url": "", "schema": "", "actor": "", "as_json": False, "no_color": False, "verbose": False,
}  # fmt: skip


@dataclass
class Call:
    """One call of a verb: its common options, and where to write."""

    command: str
    url: str = ""
    schema: str = ""
    actor: str = ""
    as_json: bool = False
    no_color: bool = False
    verbose: bool = False
    context: typer.Context | None = field(default=None, repr=False)
    format: str = field(default="text", init=False)
    resolved: str = field(default="", init=False)

    @property
    def portal(self) -> str | None:
        """The schema asked for; None for the default."""
        return self.schema or None

    def database(self) -> str:
        """The URL of the database meant; the embedded server is started for it when needed."""
        if not self.resolved:
            self.resolved, _ = db.resolve_url(self.url or None)
        return self.resolved

    def write_as(self, name: str) -> None:
        """Write the result in the format ``name`` (cli/formats.py), errors too; raises UsageError for an unknown one."""
        self.format = formats.checked(name)

    def confirm(self, question: str, yes: bool) -> None:
        """Ask, unless ``yes``.

        Raises UsageError without a terminal to ask on, RefusedError on no, Interrupted on Ctrl-C.
        """
        if yes:
            return
        if not sys.stdin.isatty():
            raise UsageError(
                f"{question} There is no terminal to ask on", fix=f"kingston {self.command} … --yes"
            )
        try:
            answer = typer.confirm(question, err=True)
        except Abort as error:  # Ctrl-C or the end of the input
            raise Interrupted(
                "interrupted at the question; nothing was changed", fix=f"kingston {self.command} asks again"
            ) from error
        if not answer:
            raise RefusedError("not confirmed; nothing was changed")

    def say(self, text: str) -> None:
        """A line of the story, on stderr."""
        console(sys.stderr, not self.no_color).print(text, soft_wrap=True)


def verb(function: Callable[..., Result]) -> Callable[..., None]:
    """Make a command of ``function(call, **own options)``: common options, output and exit code are added.

    An option of its own hides the common one of that name (``audit show --actor`` is whom to look for).
    """
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    hidden = {parameter.name for parameter in own}
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=DEFAULTS[name], annotation=annotation)
        for name, annotation in COMMON.items()
        if name not in hidden
    ]
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [*(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *shared, context]

    @functools.wraps(function)
    def command(**given: Any) -> None:
        ctx: typer.Context = given.pop("ctx")
        before = ctx.find_object(dict) or {}
        inherited = {name: value for name, value in before.items() if name not in hidden or name not in COMMON}
        given = {name: value or inherited.get(name, value) for name, value in given.items()}
        if ctx.invoked_subcommand is not None:  # a group: what it was given holds for the verb that follows
            ctx.obj = before | {name: value for name, value in given.items() if value}
            return
        common = {name: before.get(name, DEFAULTS[name]) if name in hidden else given.pop(name) for name in COMMON}
        name = " ".join(ctx.command_path.split()[1:])
        raise typer.Exit(perform(Call(name, **common, context=ctx), lambda call: function(call, **given)))

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    del command.__wrapped__  # type: ignore[attr-defined]
    return command


def perform(call: Call, body: Callable[[Call], Result]) -> int:
    """Run ``body`` and write what came of it; the exit code (design section 11)."""
    try:
        with _named(call.actor):
            result = for_portal(body(call), call.schema)
    except typer.Exit:
        raise
    except (KeyboardInterrupt, Exception) as error:
        known = expected(error, call)
        if call.verbose or known is None:
            traceback.print_exc(file=sys.stderr)
        result = for_portal(failure(known, error), call.schema)
        _complain(call, result)
    try:
        _write(call, result)
    except BrokenPipeError:
        # The reader went away (kingston status | head): no error of ours, nor Python's at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return result.exit_code


@contextmanager
def _named(actor: str) -> Iterator[None]:
    """KINGSTON_ACTOR for the length of the block; what writes events takes the name from there."""
    before = os.environ.get("KINGSTON_ACTOR")
    if actor:
        os.environ["KINGSTON_ACTOR"] = actor
    try:
        yield
    finally:
        if actor and before is None:
            del os.environ["KINGSTON_ACTOR"]
        elif actor and before is not None:
            os.environ["KINGSTON_ACTOR"] = before


def _write(call: Call, result: Result) -> None:
    if call.as_json:
        print(envelope(call.command, result))
    elif call.format != "text":
        print(formats.render(call.format, call.command, result))
    elif result.view:
        out = console(sys.stdout, not call.no_color)
        with out.capture() as captured:
            for part in result.view:
                out.print(part, soft_wrap=isinstance(part, str))
        print("\n".join(line.rstrip() for line in captured.get().splitlines()))
    sys.stdout.flush()


def expected(error: BaseException, call: Call) -> KingstonError | None:
    """The error of ours behind ``error``; None for a bug.  The one place where this is decided."""
    if isinstance(error, KingstonError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return PartialError("interrupted", fix=f"kingston {call.command} again continues")
    if isinstance(error, (psycopg.Error, sa.exc.SQLAlchemyError)):
        return db.translate(error, call.resolved) if call.resolved else None
    if isinstance(error, CommandError):
        return UsageError(str(error))
    return None


def failure(known: KingstonError | None, error: BaseException) -> Result:
    """The result of a call that failed."""
    if known is None:
        original = getattr(error, "orig", None) or error  # the statement itself stands in the traceback
        message = f"this is a bug: {type(original).__name__}: {original}"
        return Result(
            None, (), (Finding("bug", "", message, "report it with the traceback above"),), EXIT_BUG
        )
    finding = Finding(known.code, known.object, known.message, known.fix)
    return Result(None, (), (finding,), known.exit_code)


def _complain(call: Call, result: Result) -> None:
    story = console(sys.stderr, not call.no_color)
    for finding in result.findings:
        word = "stopped part-way" if result.exit_code == EXIT_PARTIAL else "failed"
        word = "stopped" if finding.code == Interrupted.code else word
        story.print(f"kingston {call.command} {word}: {finding.message}", style="red", soft_wrap=True)
        if finding.fix:
            story.print(f"  next: {finding.fix}", soft_wrap=True)

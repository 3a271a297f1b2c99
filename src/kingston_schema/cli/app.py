"""``kingston``: the verbs, in the order in which help shows them."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from .. import __version__
from ..errors import EXIT_PARTIAL, EXIT_USAGE
from .driver import DEFAULTS, Actor, Json, NoColor, Schema, Url, Verbose
from .render import Finding, Result, envelope

# Each is a module kingston_schema.cli.<name> with a function of that name, or with a Typer called ``group``.
COMMANDS = (
    "up",
    "stop",
    "seed",
    "status",
    "check",
    "baseline",
    "load",
    "stamp",
    "drift",
    "doctor",
    "plan",
    "upgrade",
    "rollback",
    "archive",
    "checkpoint",
    "verify",
    "keys",
    "encrypt",
    "fingerprint",
    "history",
    "audit",
    "report",
    "diagram",
    "alembic",
)


class InOrder(TyperGroup):
    """Lists the verbs as COMMANDS has them, groups among them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in order."""
        return list(COMMANDS)


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        cls=InOrder,
        help=(
            "Kingston's Portal from Phase 1 to Phase 2 and back on PostgreSQL."
            "\n\nThe database is --url, else DATABASE_URL, else the embedded PostgreSQL under .kingston/."
            "\n\nExit codes: 0 done; 1 a check found something; 2 usage; 3 refused, nothing changed;"
            " 4 database unreachable or busy, safe to retry; 5 stopped part-way, run it again;"
            " 6 outcome unknown; 70 bug."
        ),
        no_args_is_help=False,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    @app.callback(invoke_without_command=True)
    def root(
        ctx: typer.Context,
        url: Url = "",
        schema: Schema = "",
        actor: Actor = "",
        as_json: Json = False,
        no_color: NoColor = False,
        verbose: Verbose = False,
        version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    ) -> None:
        ctx.obj = {name: value for name, value in ctx.params.items() if name in DEFAULTS}
        if version:
            print(__version__)
            raise typer.Exit(0)
        if ctx.invoked_subcommand is None:
            print(ctx.get_help())

    for name in COMMANDS:
        module = import_module(f"{__package__}.{name}")
        group = getattr(module, "group", None)
        if group is not None:
            app.add_typer(group, name=name)
        else:
            app.command(name=name, context_settings=getattr(module, "SETTINGS", None))(getattr(module, name))
    return app


def main(arguments: list[str] | None = None) -> int:
    """Run ``kingston`` with ``arguments`` (default: the process's); the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        # Without Typer's own handling of errors, the code of typer.Exit comes back as the value.
        return build()(args=given, prog_name="kingston", standalone_mode=False) or 0
    except TyperException as error:
        return _usage(error, given)
    except (Abort, KeyboardInterrupt):
        print("kingston: interrupted", file=sys.stderr)
        return EXIT_PARTIAL


def _usage(error: TyperException, given: list[str]) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "kingston"
    message = error.format_message()
    if "--json" in given:
        finding = Finding("usage", "", message, f"{path} --help")
        name = " ".join(path.split()[1:])
        print(envelope(name, Result(None, (), (finding,), EXIT_USAGE)))
    print(f"{path}: {message}\n  next: {path} --help", file=sys.stderr)
    return EXIT_USAGE

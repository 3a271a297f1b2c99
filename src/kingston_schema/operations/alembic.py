"""Plain Alembic on this package's history: the way to it where no checkout and no alembic.ini is at hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

from alembic.config import CommandLine, Config

from ..catalog import history
from ..errors import RefusedError, UsageError
from ..settings import checkout


@dataclass(frozen=True)
class Report:
    """What Alembic printed on standard output."""

    command: str
    output: str


def run(arguments: Sequence[str], *, url: str = "", schema: str | None = None) -> Report:
    """``alembic <arguments>``; ``url`` and ``schema`` as ``-x url=`` and ``-x schema=`` do.

    Raises UsageError for what Alembic's own parser refuses, RefusedError for commands that write revisions into
    an installed package, and whatever the run raises.
    """
    said = io.StringIO()
    line = CommandLine(prog="kingston alembic")
    try:
        with redirect_stdout(said):
            options = line.parser.parse_args(list(arguments))
    except SystemExit as ended:  # argparse has said why on stderr; --help ends with 0
        if ended.code:
            raise UsageError("Alembic does not understand this", fix="kingston alembic -- --help") from ended
        return Report("help", said.getvalue())
    if not hasattr(options, "cmd"):
        raise UsageError("no Alembic command was given", fix="kingston alembic current")
    function, positional, keywords = options.cmd
    if function.__name__ in ("revision", "merge", "init", "edit") and checkout() is None:
        raise RefusedError(
            f"alembic {function.__name__} writes revisions, and this is an installed package",
            fix="run it in a checkout of kingston-schema",
        )
    config = _configuration(options.x or [], url, schema)
    config.stdout = config.output_buffer = said
    function(
        config, *(getattr(options, name) for name in positional), **{k: getattr(options, k) for k in keywords}
    )
    return Report(function.__name__, said.getvalue())


def _configuration(pairs: Sequence[str], url: str, schema: str | None) -> Config:
    """``-x`` arguments become attributes: so errors are raised here instead of printed by env.py."""
    config = history.configuration()
    given: dict[str, list[str]] = {"url": [], "schema": [], "allow": [], "actor": []}
    for pair in pairs:
        key, _, value = pair.partition("=")
        if key not in given:
            raise UsageError(
                f"-x {key}=… is not understood", fix="-x schema=NAME, -x allow=CHECK:reason, -x url=URL or -x actor=NAME"
            )
        given[key].append(value)
    config.attributes["url"] = [url, *given["url"]][-1] or None
    config.attributes["schema"] = [schema, *given["schema"]][-1]
    config.attributes["allow"] = given["allow"]
    config.attributes["actor"] = [None, *given["actor"]][-1]
    return config

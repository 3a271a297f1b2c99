"""Every command speaks of one portal: --schema says which, on each verb and on each verb of a group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from kingston_schema.cli.app import COMMANDS, build


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """("archive list", command) of every command that can be called."""
    yield " ".join(path), command
    for name, below in getattr(command, "commands", {}).items():
        yield from verbs(below, (*path, name))


def test_every_command_takes_a_schema():
    found = dict(verbs(get_command(build())))
    assert set(COMMANDS) <= found.keys()
    assert len(found) > len(COMMANDS)
    assert [name for name, command in found.items() if not any("--schema" in p.opts for p in command.params)] == []

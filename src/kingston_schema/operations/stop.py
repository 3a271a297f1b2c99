"""Stop the embedded PostgreSQL; its data stays."""

from __future__ import annotations

from dataclasses import dataclass

from .. import embedded


@dataclass(frozen=True)
class Report:
    """What was done."""

    stopped: bool
    data: str


def run() -> Report:
    """Stop the server: open transactions are rolled back, sessions ended.  Harmless when it does not run."""
    server = embedded.default_server()
    return Report(stopped=server.stop(), data=str(server.data))

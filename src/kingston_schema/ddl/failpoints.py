"""Fail points: end a run at one exact place, to prove that the next run puts everything right (promise P5).

``KINGSTON_FAIL_AT="phase_3_ownership:up:12:before:kill"``: revision, direction, number of the step (from 1; or
``commit`` for the COMMIT of the revision), position and action.  Without the variable nothing here does anything.

Positions: ``before`` the step, ``after`` it but before its acknowledgement, ``acked`` after that.
Actions: ``kill`` (SIGKILL to this process), ``terminate`` (the session that does the work is ended by the server),
``stop`` (immediate shutdown of the server whose data folder KINGSTON_FAIL_SERVER names), ``error`` (an exception),
``pause`` (makes the file KINGSTON_FAIL_FILE and goes on when somebody has removed it).
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ..errors import KingstonError, UsageError

POSITIONS = ("before", "after", "acked")
ACTIONS = ("kill", "terminate", "stop", "error", "pause")
COMMIT = "commit"
LONGEST_PAUSE = 120.0  # seconds
FIX = "KINGSTON_FAIL_AT=revision:up|down:step|commit:before|after|acked:kill|terminate|stop|error|pause"


class FailPointReached(KingstonError):
    """The exception of action ``error``."""

    code = "fail_point"


@dataclass(frozen=True)
class FailPoint:
    """One place, and what happens there."""

    revision: str
    direction: str
    step: str
    position: str
    action: str

    @classmethod
    def parse(cls, text: str) -> FailPoint:
        """``revision:direction:step:position:action``; raises UsageError for anything else."""
        parts = text.split(":")
        if len(parts) == 5:
            found = cls(*parts)
            if (
                found.direction in ("up", "down")
                and (found.step == COMMIT or found.step.isdigit())
                and found.position in POSITIONS
                and found.action in ACTIONS
            ):
                return found
        raise UsageError(f'the fail point "{text}" is not understood', fix=FIX)

    @classmethod
    def from_environment(cls) -> FailPoint | None:
        """What KINGSTON_FAIL_AT says; None without it."""
        text = os.environ.get("KINGSTON_FAIL_AT")
        return cls.parse(text) if text else None

    @property
    def words(self) -> str:
        """The same as text."""
        return f"{self.revision}:{self.direction}:{self.step}:{self.position}:{self.action}"

    def at(self, revision: str, direction: str, step: int | str, position: str) -> bool:
        """Whether this is the place."""
        return (self.revision, self.direction, self.step, self.position) == (
            revision,
            direction,
            str(step),
            position,
        )

    def act(self, side: psycopg.Connection[Any], backend: int) -> None:
        """Do it.  ``side``: the runner's second connection; ``backend``: the session that does the work."""
        if self.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.action == "terminate":
            side.execute("SELECT pg_terminate_backend(%s, 10000)", (backend,))
        elif self.action == "stop":
            _stop_server()
        elif self.action == "error":
            raise FailPointReached(
                f"fail point: {self.position} step {self.step} of {self.revision} {self.direction}"
            )
        else:
            _pause()


def _stop_server() -> None:
    """SIGQUIT to the postmaster, and wait until it is gone."""
    folder = os.environ.get("KINGSTON_FAIL_SERVER")
    if not folder:
        raise UsageError(
            "the action stop needs the server's data folder", fix="export KINGSTON_FAIL_SERVER=/path/to/data"
        )
    file = Path(folder) / "postmaster.pid"
    pid = int(file.read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    until = time.monotonic() + 30
    while file.exists() and time.monotonic() < until:
        time.sleep(0.01)


def _pause() -> None:
    name = os.environ.get("KINGSTON_FAIL_FILE")
    if not name:
        raise UsageError("the action pause needs a file", fix="export KINGSTON_FAIL_FILE=/path/to/file")
    file = Path(name)
    file.write_text(str(os.getpid()))
    until = time.monotonic() + LONGEST_PAUSE
    while file.exists() and time.monotonic() < until:
        time.sleep(0.01)

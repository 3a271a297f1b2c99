"""Runs of Alembic as processes of their own, forked from one that has everything imported: they can be killed for real.

``crasher.run(url, "upgrade", "phase_3", fail_at=…)`` is ``alembic -x url=… upgrade phase_3`` with its exit code (negative: the
signal that ended it) and what it printed, without the second that importing takes.  ``start`` and ``wait`` do it in two parts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST = 120.0  # seconds


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    said: str


class Crasher:
    """Talks to the forking process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, url: str, command: str, target: str, **environment: str) -> Ended:
        """Run it and wait."""
        return self.wait(self.start(url, command, target, **environment))

    def start(self, url: str, command: str, target: str, **environment: str) -> int:
        """Start it; returns its process id.  ``fail_at`` and the like become KINGSTON_FAIL_AT and the like."""
        settings = {f"KINGSTON_{name.upper()}": value for name, value in environment.items()}
        return int(self._ask({"arguments": ["-x", f"url={url}", command, target], "environment": settings}))

    def wait(self, process: int) -> Ended:
        """Wait for its end."""
        return Ended(**self._ask({"process": process}))

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the forking process."""
        self._process.communicate()


def serve() -> None:
    """The forking process: one request per line."""
    from alembic.config import CommandLine

    from kingston_schema import settings
    from kingston_schema.ddl import environment  # noqa: F401

    root = settings.checkout()
    assert root is not None
    os.chdir(root)
    outputs: dict[int, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "process" in request:
            answer: Any = _wait(request["process"], outputs.pop(request["process"]))
        else:
            output = tempfile.TemporaryFile()  # noqa: SIM115
            answer = os.fork()
            if answer == 0:
                _become(CommandLine("alembic"), request, output.fileno())
            outputs[answer] = output
        print(json.dumps(answer), flush=True)


def _wait(child: int, output: Any) -> dict[str, Any]:
    until = time.monotonic() + LONGEST
    ended, status = os.waitpid(child, os.WNOHANG)
    while not ended:
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            until = float("inf")
        time.sleep(0.002)
        ended, status = os.waitpid(child, os.WNOHANG)
    with output:
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if until == float("inf"):
        return {"code": 999, "said": f"{said}\nnot ended after {LONGEST:.0f} s"}
    return {"code": os.waitstatus_to_exitcode(status), "said": said}


def _become(alembic: Any, request: dict[str, Any], output: int) -> None:
    os.environ.update(request["environment"])
    os.dup2(output, 1)
    os.dup2(output, 2)
    code = 70
    try:
        alembic.main(request["arguments"])
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    serve()

"""The eight clients together: started, ended, asked what they kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from kingston_schema import settings

# Two to a process: the interpreter of each is never in another's way.
PROCESSES = (("Reader:0:1", "Products:0:2"), ("WholeRows:0:1", "Patcher:0:1"),
             ("Products:1:2", "Tables:0:1"), ("People:0:1", "Owners:0:1"))  # fmt: skip


class Crowd:
    """Runs from construction to ``end()``."""

    def __init__(self, url: str) -> None:
        tests = Path(__file__).resolve().parents[2]
        paths = [str(tests), str(tests.parent / "src"), os.environ.get("PYTHONPATH", "")]
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "promises.online.process", settings.libpq_url(url), *clients],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in paths if p)},
            )
            for clients in PROCESSES
        ]
        for process in self._processes:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
        self.clients: list[dict[str, Any]] = []

    def end(self) -> None:
        """Let every client finish its request, and collect."""
        for process in self._processes:
            out, _ = process.communicate("over\n", timeout=60)
            self.clients += json.loads(out)

    def kill(self) -> None:
        """Whatever happened: nobody stays behind."""
        for process in self._processes:
            process.kill()
            process.wait()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What the clients of one kind kept."""
        return [client for client in self.clients if client["kind"] == kind]

    @property
    def failures(self) -> list[str]:
        return [failure for client in self.clients for failure in client["failures"]]

    @property
    def counts(self) -> Counter[str]:
        return sum((Counter(client["counts"]) for client in self.clients), Counter())

    def latencies(self, kind: str, began: float, ended: float) -> list[float]:
        """Milliseconds of the requests of ``kind`` that were sent in that time, shortest first."""
        return sorted(
            ms
            for client in self.clients
            for what, at, ms in client["samples"]
            if what == kind and began <= at < ended
        )


def watch() -> float:
    """Now, on the clock that the clients use."""
    return time.monotonic()

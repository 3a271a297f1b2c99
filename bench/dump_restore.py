"""What people do today instead of rolling back: dump the database, restore the dump."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from kingston_schema.embedded import Server

from . import runs
from .databases import Databases
from .figures import in_turns, spread


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Seconds of ``pg_dump | pg_restore`` of the portal at head, and of the parallel way by a folder."""
    server, head = databases.server, databases.head(products)

    def piped() -> float:
        with databases.empty() as url:
            begun = time.perf_counter()
            dump = subprocess.Popen(
                [server.bindir / "pg_dump", "-Fc", "-Z0", server.dsn(head)],
                stdout=subprocess.PIPE,
                env=_environment(),
            )
            _run(server, "pg_restore", "-d", runs.dsn(url), stdin=dump.stdout)
            if dump.wait() != 0:
                raise RuntimeError("pg_dump failed")
            return time.perf_counter() - begun

    def parallel() -> float:
        with databases.empty() as url, tempfile.TemporaryDirectory(dir=server.home) as folder:
            begun = time.perf_counter()
            _run(server, "pg_dump", "-Fd", "-j2", "-Z0", "-f", str(Path(folder) / "dump"), server.dsn(head))
            _run(server, "pg_restore", "-j2", "-d", runs.dsn(url), str(Path(folder) / "dump"))
            return time.perf_counter() - begun

    large = products > 100_000
    took = in_turns(2 if large else 3, piped=piped) | in_turns(1 if large else 3, parallel=parallel)
    return {name: spread(values) for name, values in took.items()}


def _run(server: Server, program: str, *arguments: str, stdin: Any = None) -> None:
    subprocess.run([server.bindir / program, *arguments], stdin=stdin, check=True, env=_environment())


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")}

"""The server of the benchmarks: the embedded PostgreSQL with durable settings, in a folder that stays for the next run."""

from __future__ import annotations

import contextlib
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from kingston_schema.embedded import Server, wheel_bindir

# As somebody would set a server of this size; fsync, synchronous_commit, full_page_writes and autovacuum stay on.
OPTIONS = {
    "shared_buffers": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
SHOWN = (
    *[name for name in OPTIONS if "timezone" not in name],
    "fsync", "synchronous_commit", "full_page_writes", "wal_level", "autovacuum", "io_method",
)  # fmt: skip


def home() -> Path:
    """KINGSTON_BENCH_HOME, else a folder for temporary files."""
    named = os.environ.get("KINGSTON_BENCH_HOME")
    return Path(named) if named else Path(tempfile.gettempdir()) / f"kingston-bench-{os.geteuid()}"


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """The server, started; stopped at the end, with its data kept."""
    home().mkdir(mode=0o755, exist_ok=True)
    server = Server(wheel_bindir(), home(), OPTIONS)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def forget() -> None:
    """Remove the server and everything it holds."""
    if home().is_dir():
        Server(wheel_bindir(), home(), OPTIONS).destroy()


def described(server: Server) -> dict[str, Any]:
    """Machine and settings, for the report; nothing that names the machine."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        settings: dict[str, str] = dict(
            connection.execute(
                "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (%s) ORDER BY name",
                [list(SHOWN)],
            ).fetchall()
        )
        version = connection.info.server_version
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "postgresql": f"{version // 10000}.{version % 10000}",
        "settings": settings,
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()

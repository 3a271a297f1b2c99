"""The operating-system account a server runs under, and running a program as that account.

PostgreSQL refuses to run as root.  Started by root we use an existing ordinary account; started by
anybody else we are that account.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UnreachableError

FALLBACKS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether this process already runs as this account."""
        return self.uid == os.geteuid()


def choose(*owned: Path) -> Account:
    """The account for a server whose folders are ``owned`` (first existing one decides).

    Not root: the caller.  Root: the owner of the first existing folder if that is an ordinary account,
    so that data made by a user stays that user's; else ``postgres``, else ``nobody``.
    """
    if os.geteuid() != 0:
        return Account(_name(os.geteuid()) or str(os.geteuid()), os.geteuid(), os.getegid())
    for folder in owned:
        if folder.exists():
            uid = folder.stat().st_uid
            if uid != 0 and (name := _name(uid)):
                return Account(name, uid, pwd.getpwuid(uid).pw_gid)
    for name in FALLBACKS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise UnreachableError(
        "PostgreSQL cannot run as root, and neither the account postgres nor nobody exists on this machine",
        fix="run the same command as an ordinary user",
    )


def run(account: Account, argv: Sequence[str | Path], *, timeout: float = 120) -> tuple[int, str]:
    """Run ``argv`` as ``account``; returns (exit code, everything it printed).

    Output goes through a file, not a pipe: a server that stays behind would keep a pipe open for ever.
    PG* variables of the caller are not passed on; they could redirect or reconfigure the server.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    environment |= {"LC_ALL": "C", "HOME": "/"}
    drop: dict[str, object] = {}
    if not account.is_us:
        drop = {"user": account.uid, "group": account.gid, "extra_groups": []}
    with tempfile.TemporaryFile() as output:
        try:
            code = subprocess.run(
                [str(a) for a in argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                timeout=timeout,
                check=False,
                **drop,  # type: ignore[call-overload]
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
        except OSError as error:
            # Not executable for this account, another architecture, no right to change the account.
            return 126, f"{argv[0]}: {error.strerror or error}"
        output.seek(0)
        text = output.read().decode("utf-8", "replace").strip()
    return code, text if code != -1 else f"{text}\n{argv[0]} did not end within {timeout:.0f} s".strip()


def give(path: Path, account: Account) -> None:
    """Hand ``path`` over to ``account`` (nothing to do when it is ours already)."""
    if not account.is_us:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None

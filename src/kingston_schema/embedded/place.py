"""Where a server's data and its socket live.

``<home>/data`` is the data folder, or a symbolic link to it when the server's account cannot reach
``<home>`` (a checkout under ``/root``).  No existing folder's owner or permissions are changed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from ..errors import UnreachableError
from .account import Account, give, run
from .shared import shared_folder

# sun_path holds 108 bytes with the closing zero byte; the socket's name is "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")


def make_home(home: Path) -> None:
    """Create ``home``; raises UnreachableError when that is not allowed."""
    try:
        if not home.is_dir():
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)
    except OSError as error:
        raise UnreachableError(
            f"the folder {home} for the embedded PostgreSQL cannot be made: {error.strerror}",
            fix="set KINGSTON_HOME to a folder you may write to",
        ) from error


def existing_data(home: Path) -> Path | None:
    """The data folder ``home`` already has or points to (it may still have to be filled)."""
    data = home / "data"
    if data.is_symlink():
        return home / data.readlink()
    return data if data.exists() else None


def choose_data(home: Path, account: Account) -> Path:
    """The data folder for ``home``: the one it has, ``<home>/data``, or a linked one elsewhere."""
    found = existing_data(home)
    if found is not None:
        return found
    if account.is_us or _can_use(home, account):
        return home / "data"
    # The link is made first: if we are stopped before the folder is filled, the next start finds it.
    key = hashlib.sha256(f"{home.resolve()} {secrets.token_hex(8)}".encode()).hexdigest()[:12]
    target = shared_folder(account) / f"data-{key}"
    (home / "data").symlink_to(target)
    return target


def socket_folder(data: Path, account: Account) -> Path:
    """The folder for the Unix socket: the data folder, or a hashed one when that path will not do."""
    folder = data.resolve()
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and "," not in str(folder):
        return folder  # a comma would be read as a list of hosts
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"kingston-{account.uid}-{key}"
    try:
        short.mkdir(mode=0o700)
        give(short, account)
    except FileExistsError:
        found = short.lstat()
        # The system's temp folder is open to all: only a closed folder of the right owner will do.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
            raise UnreachableError(
                f"{short} is needed for the server's socket, but belongs to somebody else",
                fix=f"rm -r {short}",
            ) from None
    return short


def _can_use(home: Path, account: Account) -> bool:
    """Whether ``account`` can enter and write a folder of its own under ``home``."""
    probe = Path(tempfile.mkdtemp(prefix="probe.", dir=home))
    try:
        give(probe, account)
        code, _ = run(account, ["/bin/sh", "-c", 'cd "$1" && test -w .', "sh", probe])
    except OSError:  # a file system that does not let even root change the owner
        return False
    finally:
        probe.rmdir()
    return code == 0

"""A folder outside the checkout that both root and the server's account can reach."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import UnreachableError
from .account import Account, run

PLACES = (Path("/var/lib/kingston-schema"), Path("/var/tmp/kingston-schema"))


def shared_folder(account: Account) -> Path:
    """The first of PLACES that exists or can be made, is ours alone to write, and is reachable.

    Only root ever needs it.  Raises UnreachableError when there is none.
    """
    tried = []
    for place in PLACES:
        try:
            place.mkdir(mode=0o755, exist_ok=True)
            made = place.lstat()
        except OSError as error:
            tried.append(f"{place}: {error.strerror}")
            continue
        # /var/tmp is open to all: a folder somebody else put there is never trusted.
        if not stat.S_ISDIR(made.st_mode) or made.st_uid != os.geteuid() or made.st_mode & 0o022:
            tried.append(f"{place}: belongs to somebody else")
            continue
        if made.st_mode & 0o055 != 0o055:
            place.chmod(0o755)  # our own folder, made under a strict umask
        code, said = run(account, ["/bin/sh", "-c", 'cd "$1"', "sh", place])
        if code == 0:
            return place
        tried.append(f"{place}: {said}")
    raise UnreachableError(
        f'no folder is reachable for the account "{account.name}" ({"; ".join(tried)})',
        fix="run the command as an ordinary user, or set KINGSTON_HOME to a folder that account can reach",
    )

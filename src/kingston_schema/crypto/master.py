"""The master key: from a file that only we can read, or from a command that prints it.  Never from the database."""

from __future__ import annotations

import base64
import os
import shlex
import stat
import subprocess
from pathlib import Path

from ..errors import KeyRingError
from ..settings import state_folder

FILE, COMMAND, RING = "KINGSTON_KEY_FILE", "KINGSTON_KEY_COMMAND", "KINGSTON_KEY_RING"
PREFIX = "kingston-master-1:"
BYTES = 32
COMMAND_SECONDS = 30


def configured() -> bool:
    """Whether the environment names a master key at all."""
    return bool(os.environ.get(FILE) or os.environ.get(COMMAND))


def file_path() -> Path | None:
    """Where KINGSTON_KEY_FILE points; None where a command or nothing is configured."""
    return Path(os.environ[FILE]) if os.environ.get(FILE) else None


def ring_path() -> Path:
    """Where the wrapped data keys are: KINGSTON_KEY_RING, else beside the key file, else ``.kingston/keys.ring``."""
    if os.environ.get(RING):
        return Path(os.environ[RING])
    file = file_path()
    return file.with_name(file.name + ".ring") if file else state_folder() / "keys.ring"


def read_master() -> bytes:
    """The 32 bytes.  Raises KeyRingError: none configured, missing, readable by others, not ours, malformed."""
    file = file_path()
    if file and os.environ.get(COMMAND):
        raise KeyRingError(f"{FILE} and {COMMAND} are both set: one of them decides", fix=f"unset {COMMAND}")
    if file:
        return _parsed(read_private(file, "key file"), f"key file {file}")
    if os.environ.get(COMMAND):
        return _parsed(_printed(), COMMAND)
    raise KeyRingError(
        f"no key is configured: neither {FILE} nor {COMMAND} is set", fix=f"export {FILE}=/etc/kingston/master.key"
    )  # fmt: skip


def new_master(file: Path) -> bytes:
    """Make a key file with mode 0600; never over an existing one."""
    made = os.urandom(BYTES)
    write_private(file, f"{PREFIX}{base64.b64encode(made).decode()}\n", "key file", fresh=True)
    return made


def read_private(path: Path, what: str) -> str:
    """The text of a file that belongs to us and nobody else can read; raises KeyRingError otherwise."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KeyRingError(
            f"the {what} {path} cannot be read: {error.strerror}",
            fix="correct the path, restore the file, or for a new portal: kingston keys init",
        ) from None
    with os.fdopen(handle, encoding="ascii", errors="replace") as opened:
        found = os.fstat(opened.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise KeyRingError(
                f"the {what} {path} is not a file of ours (user {os.geteuid()})", fix=f"chown {os.geteuid()} {path}"
            )  # fmt: skip
        if found.st_mode & 0o077:
            raise KeyRingError(
                f"the {what} {path} can be read or written by others (mode {stat.S_IMODE(found.st_mode):04o});"
                " whoever could have copied it has the keys",
                fix=f"chmod 600 {path}; then consider new keys",
            )
        return opened.read(1 << 20)


def write_private(path: Path, text: str, what: str, *, fresh: bool = False) -> None:
    """Write a file with mode 0600 so that a crash leaves the old one or the new one, on disk before we go on."""
    unfinished = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        if fresh:
            os.link(unfinished, path)  # fails where somebody else's is there already
            unfinished.unlink()
        else:
            unfinished.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise KeyRingError(
            f"the {what} {path} cannot be written: {error.strerror}", fix="name another place"
        ) from None


def _printed() -> str:
    try:
        done = subprocess.run(
            shlex.split(os.environ[COMMAND]), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise KeyRingError(
            f"{COMMAND} cannot be run: {type(error).__name__}", fix="run it yourself and look"
        ) from None
    if done.returncode:
        raise KeyRingError(
            f"{COMMAND} ended with exit code {done.returncode}", fix="run it yourself and look"
        )
    return done.stdout


def _parsed(text: str, where: str) -> bytes:
    line = text.strip()
    try:
        found = base64.b64decode(line.removeprefix(PREFIX), validate=True)
    except ValueError:
        found = b""
    if not line.startswith(PREFIX) or len(found) != BYTES:
        raise KeyRingError(
            f"what {where} holds is no master key ({PREFIX} and {BYTES} bytes in base64)",
            fix="restore the file; for a new portal: kingston keys init",
        )
    return found

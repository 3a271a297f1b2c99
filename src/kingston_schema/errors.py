"""One exception class per condition; each knows its exit code (design section 11).

Every message says what happened, why, and the exact next command.  All derive from Alembic's
``CommandError`` so that plain ``alembic`` prints one line instead of a traceback.
"""

from __future__ import annotations

from alembic.util import CommandError
from sqlalchemy.exc import DontWrapMixin

EXIT_DONE = 0
EXIT_FOUND = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_RETRY = 4
EXIT_PARTIAL = 5
EXIT_UNKNOWN = 6
EXIT_BUG = 70


class KingstonError(CommandError):
    """Base of all expected failures."""

    exit_code = EXIT_FOUND
    code = "error"
    part_way = False
    """Whether the run had changed something before it stopped: then nothing is "refused" any more, it goes on."""

    def __init__(self, message: str, *, fix: str = "", obj: str = "") -> None:
        super().__init__(message if not fix else f"{message}\n  next: {fix}")
        self.message = message
        self.fix = fix
        self.object = obj


class UsageError(KingstonError):
    """The command line or a setting cannot be understood."""

    exit_code = EXIT_USAGE
    code = "usage"


class RefusedError(KingstonError):
    """A gate or a precondition refuses; nothing was changed."""

    exit_code = EXIT_REFUSED
    code = "refused"


class GateFailed(RefusedError):
    """One or more critical checks of a gate failed; its revision is not recorded.

    The functions of the gate and what its checks measured stay, so that one can look closer.
    """

    code = "gate_failed"


class NotAPortal(RefusedError):
    """The schema does not hold what the recorded revision says it holds."""

    code = "not_a_portal"


class NotAsExpected(KingstonError):
    """The run came to its end, and what it left is not what it should have left."""

    code = "not_as_expected"


class UnreachableError(KingstonError):
    """The server cannot be reached, or refuses the connection; nothing was changed."""

    exit_code = EXIT_RETRY
    code = "unreachable"


class BusyError(KingstonError):
    """A lock or statement timeout, or another runner at work; safe to repeat."""

    exit_code = EXIT_RETRY
    code = "busy"


class DiskFull(KingstonError):
    """The server could not write for lack of room; nothing is lost, the same command goes on once there is some."""

    exit_code = EXIT_RETRY
    code = "disk_full"


class DamagedError(KingstonError):
    """The server finds its own files damaged; what is read from them cannot be trusted."""

    code = "damaged"


class PartialError(KingstonError):
    """Stopped part-way; running the same command again continues."""

    exit_code = EXIT_PARTIAL
    code = "partial"


class Interrupted(PartialError):
    """Stopped by Ctrl-C before anything was changed."""

    code = "interrupted"


class OutcomeUnknown(KingstonError):
    """The connection was lost at a moment when the outcome cannot be known; run again to find out."""

    exit_code = EXIT_UNKNOWN
    code = "outcome_unknown"


class KeyRingError(RefusedError):
    """The keys of sensitive fields cannot be used: missing, readable by others, wrong, or not those the portal knows."""

    code = "key_ring"


class SecretRefused(RefusedError, DontWrapMixin):
    """A sensitive value would be read or written in a way that is not allowed; it went nowhere.

    SQLAlchemy hands it on as it is: wrapped, its message would repeat the parameters of the statement.
    """

    code = "secret_refused"


class NotDecryptable(KingstonError, DontWrapMixin):
    """A ciphertext is not what was written at its place under its key: changed, moved, cut off, or another key's."""

    code = "not_decryptable"

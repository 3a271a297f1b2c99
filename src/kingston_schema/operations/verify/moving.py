"""Taking the scratch database from one revision to another, silently, with what depends on this machine allowed."""

from __future__ import annotations

from ...catalog import history
from ...ddl.events import SilentReporter
from ...errors import BusyError, OutcomeUnknown, PartialError, UnreachableError
from .. import rollback, upgrade

# The speed and load of the machine that rehearses say nothing about a rollback.
REASON = "a rehearsal on a scratch database"
ALLOWED = tuple(
    f"{check}:{REASON}" for check in ("benchmarks_within_tolerance", "connections_critical", "health")
)


class Stopped(Exception):
    """The rehearsal cannot go on from here: a movement or a write failed, which is what it is there to find."""

    def __init__(self, when: str, what: str, error: BaseException) -> None:
        super().__init__(f"{what}: {' '.join(str(getattr(error, 'message', error)).split())}")
        self.when = when


def go(url: str, schema: str, target: str, current: str | None) -> None:
    """Up or down to ``target``.  Raises Stopped when a revision fails, KeyboardInterrupt for an interrupt."""
    up = history.position(current) < history.target_position(target, current)
    work = upgrade if up else rollback
    try:
        work.run(url, work.plan(url, schema, target), SilentReporter(), ALLOWED)
    except (UnreachableError, BusyError, OutcomeUnknown):
        raise
    except Exception as error:
        if isinstance(error, PartialError) and isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise Stopped("up" if up else "down", f"the way to {target} failed", error) from error

"""When a run goes wrong: what is written down about it, and what can be found out where the connection was lost."""

from __future__ import annotations

import contextlib
import time

import psycopg
from alembic.script import ScriptDirectory

from ..errors import GateFailed, KingstonError, OutcomeUnknown, PartialError
from . import settling
from .events import Reporter
from .records import Current, Records

LONGEST_END = 10.0  # seconds that the session that was cut off may take to end


def recorded(
    error: BaseException,
    records: Records,
    current: Current | None,
    scripts: ScriptDirectory,
    reporter: Reporter,
) -> BaseException:
    """Leave a record of the revision that failed (its transaction is rolled back by now), as far as the server answers.

    Returns the error to raise: where the connection was lost, what could be found out about it.
    """
    if current is None:
        with contextlib.suppress(psycopg.Error):
            records.register.end("failed", str(error))
        return error
    seconds = current.seconds
    text = (str(error).strip() or type(error).__name__)[:2000]
    with contextlib.suppress(psycopg.Error):
        if isinstance(error, OutcomeUnknown):
            records.journal.unknown(seconds, text)
            error = _found_out(error, records, scripts)
        else:
            records.journal.failed(seconds, text, current.open_step)
            settling.settle_steps(records.journal, records.run, current.revision, current.direction)
            # A gate that refuses leaves only the functions that its queries to look closer need.
            if isinstance(error, KingstonError) and not isinstance(error, GateFailed):
                error.part_way = error.part_way or records.journal.changed()
        outcome = "unknown" if isinstance(error, OutcomeUnknown) else "failed"
        records.failed(current, outcome, seconds, text)
    reporter.revision_failed(current.revision, seconds, text)
    return error


def _found_out(error: OutcomeUnknown, records: Records, scripts: ScriptDirectory) -> KingstonError:
    """The working connection was lost, the second one was not: wait for the session to end, then look."""
    journal = records.journal
    until = time.monotonic() + LONGEST_END
    while journal.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (records.backend,)).fetchone():
        if time.monotonic() > until:
            return error
        time.sleep(0.05)
    heads = [row[0] for row in journal.execute("SELECT version_num FROM @schema@.alembic_version")]
    found = settling.settle(journal, scripts, heads)
    records.settled(found)
    if not found or found[-1].status == "unknown":
        return error
    return PartialError(
        f"{error.message}\n  {found[-1].revision} {found[-1].direction}: {found[-1].how}",
        fix="run the same command again; it goes on from there",
        obj=found[-1].revision,
    )

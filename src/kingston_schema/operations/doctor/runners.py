"""A runner that is recorded as at work and is not: its process is gone, and nobody holds the locks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...ddl.helping import APPLICATION_NAME
from ...ddl.runner import WORKS
from .hands import Hands
from .patient import Ill, Patient

CODE = "stale_runner"


def find(patient: Patient) -> Iterator[Ill]:
    """Called with the runner's locks held: whoever is recorded without an end is dead."""
    if patient.controlled:
        rows = patient.all(
            "SELECT run_id, format('%s on %s, process %s, \"%s\"', os_user, host, pid, command),"
            " date_trunc('second', heartbeat_at)::text"
            " FROM @control@.runner WHERE ended_at IS NULL ORDER BY since"
        )
        for run, who, since in rows:
            yield Ill(
                CODE,
                f"run {run}",
                f"{who} is recorded as at work, last heard of at {since}; nobody holds its locks",
                remedy="the run is recorded as ended without a word",
                repair=partial(_end, run=run),
            )
    yield from _helpers(patient)


def _end(hands: Hands, run: object) -> str:
    hands.execute(
        "UPDATE @control@.runner SET ended_at = clock_timestamp(), outcome = 'unknown',"
        " found = 'it ended without a word, kingston doctor found' WHERE run_id = %s AND ended_at IS NULL",
        run,
    )
    return "recorded as ended without a word"


def _helpers(patient: Patient) -> Iterator[Ill]:
    """Second sessions of a fill whose first one is gone.  Not while a runner of another portal is at work here: the
    name does not tell whose helper it is."""
    rows = patient.all(
        "SELECT a.pid, date_trunc('second', a.backend_start)::text FROM pg_stat_activity AS a"
        " WHERE a.datname = current_database() AND a.application_name = %s AND NOT EXISTS (SELECT 1 FROM pg_locks AS l"
        "  WHERE l.locktype = 'advisory' AND l.classid::bigint = %s AND l.pid <> pg_backend_pid()"
        "    AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))",
        APPLICATION_NAME,
        WORKS,
    )
    for pid, since in rows:
        yield Ill(
            "stale_session",
            f"session {pid}",
            f"session {pid} helps a run that is gone, since {since}",
            remedy="the session is ended",
            repair=partial(_terminate, pid=pid),
        )


def _terminate(hands: Hands, pid: int) -> str:
    hands.execute("SELECT pg_terminate_backend(%s, 10000)", pid)
    return "ended"

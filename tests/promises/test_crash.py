"""P5: whatever dies, wherever: the same command again completes it, as if nothing had happened.

Every step of every revision, up and down, and its COMMIT × client killed, session ended by the server, server stopped
immediately × before the step, after it but before its acknowledgement, after the acknowledgement.  Each run is a process
of its own and dies for real.  The normal run takes a spread of the cases; ``make test-long`` takes all.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from crasher import Crasher, Ended
from kingston_schema.catalog import fingerprint
from kingston_schema.ddl.failpoints import ACTIONS, COMMIT, POSITIONS, FailPoint
from portals import Portal, TestServer
from promises.stages import Stages, pairs, state
from servers import discover, start

LONG = bool(os.environ.get("KINGSTON_LONG"))
DEATHS = ACTIONS[:3]
# What has to survive here is written as on a server in production.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
REVISIONS = [("pre_migration_control", "legacy"), *pairs()]
# The normal run goes one way through each revision, by turns.
TRIPS = [
    (way, revision, below)
    for number, (revision, below) in enumerate(REVISIONS)
    for way in (("up", "down") if LONG else ("up",) if number % 2 else ("down",))
]


class CrashServer(TestServer):
    """A server that may be stopped at any moment, with a filled database at every revision."""

    def __init__(self) -> None:
        name, bindir = next(iter(discover().items()))
        started = start(name, bindir)
        started.server.stop()
        started.server.options |= DURABLE
        started.server.start()
        super().__init__(started, "template0")
        self.stages = Stages(self)
        with self.stages.at("legacy") as portal:
            self.steps = {
                (revision, way): steps
                for revision, way, steps in portal.all(
                    "SELECT revision, direction, max(step) FROM kingston.step_journal GROUP BY revision, direction"
                )
            }

    def restart(self) -> None:
        """After an immediate stop."""
        if self.started.server.start():
            self.templates.close()
            self.templates.connect()

    def close(self) -> None:
        self.templates.close()
        self.started.stop()


@pytest.fixture(scope="module")
def crashing() -> Iterator[CrashServer]:
    made = CrashServer()
    yield made
    made.close()


def cases(steps: int, number: int) -> list[FailPoint]:
    """Places and deaths of one trip.  The normal run: one case, another kind for each trip ``number``, so that in nine
    trips each death meets each position."""
    places = [str(step) for step in range(1, steps + 1)] + [COMMIT]
    if LONG:
        return [
            FailPoint("", "", at, position, death)
            for at in places
            for position in POSITIONS
            for death in DEATHS
        ]
    # From the first step of the first trip to the COMMIT of the last.
    place = places[number * len(places) // len(TRIPS)]
    return [FailPoint("", "", place, POSITIONS[number % 3], DEATHS[number // 3 % 3])]


def remains(portal: Portal) -> list[str]:
    """What a crash could leave lying about."""
    found = portal.all(
        "SELECT 'lock ' || l.locktype || ' ' || l.mode FROM pg_locks AS l"
        " WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid <> pg_backend_pid()"
        " UNION ALL SELECT 'session ' || a.application_name FROM pg_stat_activity AS a"
        " WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'"
        " UNION ALL SELECT 'invalid index ' || i.indexrelid::regclass::text FROM pg_index AS i WHERE NOT (i.indisvalid AND i.indisready)"
        " UNION ALL SELECT 'unfinished index ' || c.relname FROM pg_class AS c WHERE c.relname LIKE '%\\_\\_building'"
        " UNION ALL SELECT 'unvalidated ' || c.conname FROM pg_constraint AS c WHERE NOT c.convalidated"
        " UNION ALL SELECT 'temporary ' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname LIKE 'pg\\_temp%' OR n.nspname LIKE 'pg\\_toast\\_temp%'"
    )
    if portal.one("SELECT to_regclass('kingston.journal') IS NOT NULL"):
        found += portal.all(
            "SELECT 'open journal ' || j.revision FROM kingston.journal AS j WHERE j.status IN ('started', 'unknown')"
            " UNION ALL SELECT 'open step ' || s.revision || ' ' || s.step FROM kingston.step_journal AS s"
            " WHERE s.outcome IS NULL"
            " UNION ALL SELECT 'open run ' || r.command FROM kingston.runner AS r WHERE r.ended_at IS NULL"
        )
    return found


def expected_codes(point: FailPoint) -> set[int]:
    if point.action == "kill":
        return {-signal.SIGKILL}
    # Nothing of the work was left to do: only the second connection is needed to verify it, and that one lives.
    done = point.step == COMMIT and point.position != "before"
    if point.action == "terminate":
        return {0, 5, 6} if done else {5, 6}
    return {6}


@pytest.mark.parametrize(("way", "revision", "below"), TRIPS, ids=[f"{r}-{w}" for w, r, _ in TRIPS])
def test_killed_anywhere_the_same_command_completes_it(
    crashing, crasher, way, revision, below, record_property
):
    first, last = (below, revision) if way == "up" else (revision, below)
    command = "upgrade" if way == "up" else "downgrade"
    want = crashing.stages.state(last)
    steps = crashing.steps[revision, way]
    points = [
        replace(case, revision=revision, direction=way)
        for case in cases(steps, TRIPS.index((way, revision, below)))
    ]
    for point in points:
        with crashing.stages.at(first) as portal:
            assert crash(crashing, crasher, portal, point, command, last, lambda p: state(p) == want)
    record_property("crashes", len(points))


# Before there is a journal: the Phase 1 schema itself, and the revision that makes the journal.
BEGINNINGS = [("up", "legacy", "base"), ("up", "pre_migration_control", "legacy"), ("down", "legacy", "base")]


@pytest.mark.parametrize(("way", "revision", "below"), BEGINNINGS, ids=[f"{r}-{w}" for w, r, _ in BEGINNINGS])
def test_killed_before_there_is_a_journal(crashing, crasher, way, revision, below, record_property):
    first, last = (below, revision) if way == "up" else (revision, below)
    reference = crashing.templates.clone(last if way == "up" else first)
    if way == "down":  # the event log stays
        reference.alembic("downgrade", last)
    want = schemas(reference)
    crashing.templates.drop(reference)
    spread = [
        [("1", "before", "stop"), (COMMIT, "before", "kill")],
        [("1", "after", "terminate"), (COMMIT, "after", "stop")],
        [("1", "after", "kill"), (COMMIT, "before", "terminate")],
    ][BEGINNINGS.index((way, revision, below))]
    every = [(str(at), position, death) for at in range(1, 60) for position in POSITIONS for death in DEATHS]
    crashes = 0
    for place, position, death in [*spread, *every] if LONG else spread:
        portal = crashing.templates.clone(first)
        try:
            point = FailPoint(revision, way, place, position, death)
            if not crash(
                crashing,
                crasher,
                portal,
                point,
                "upgrade" if way == "up" else "downgrade",
                last,
                lambda p: schemas(p) == want,
            ):
                break  # there are no more steps
            crashes += 1
        finally:
            crashing.templates.drop(portal)
    assert crashes >= len(spread)
    record_property("crashes", crashes)


def schemas(portal: Portal) -> list[object]:
    return [fingerprint.read(portal.connection, name).objects for name in ("public", "kingston")]


def crash(
    crashing: CrashServer, crasher: Crasher, portal: Portal, point: FailPoint, command: str, last: str,
    as_wanted: Callable[[Portal], bool],
) -> bool:  # fmt: skip
    """One case: die there, run again, compare.  False where there is no such step."""
    portal.close()
    portal._open.clear()
    ended = crasher.run(
        portal.url, command, last, fail_at=point.words, fail_server=str(crashing.started.server.data)
    )
    if f"fail point reached: {point.words}" not in ended.said:
        assert ended.code == 0
        return False
    crashing.restart()
    assert ended.code in expected_codes(point), ended.said
    again: Ended = crasher.run(portal.url, command, last)
    assert again.code == 0, (point.words, ended.said, again.said)
    assert as_wanted(portal), (point.words, ended.said, again.said)
    assert remains(portal) == [], (point.words, ended.said, again.said)
    return True

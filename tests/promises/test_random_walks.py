"""P2 at random: walks over the revisions with writes in both shapes, against a model of what must be there.

``KINGSTON_WALKS=n`` runs n walks, ``KINGSTON_WALKS_SEED=n`` other ones; ``make test-long`` runs thousands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from promises.walks.machine import Walker
from promises.walks.start import Starts
from promises.walks.tally import Tally

LONG = bool(os.environ.get("KINGSTON_LONG"))
WALKS = int(os.environ.get("KINGSTON_WALKS", "2000" if LONG else "200"))
SEED = os.environ.get("KINGSTON_WALKS_SEED")
STEPS = 10


@pytest.fixture(scope="module")
def starts(newest_server) -> Iterator[Starts]:
    made = Starts(newest_server)
    yield made
    made.drop()


def test_random_walks(starts, record_property, capsys):
    tally = Tally(all_climb=LONG)

    class Walking(Walker):
        pass

    Walking.starts, Walking.tally = starts, tally
    if SEED:
        seed(int(SEED))(Walking)
    run_state_machine_as_test(
        Walking,
        settings=settings(
            max_examples=WALKS, stateful_step_count=STEPS, deadline=None, database=None, derandomize=not SEED,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,) if os.environ.get("KINGSTON_NOSHRINK") else (Phase.generate, Phase.shrink), print_blob=False, report_multiple_bugs=False,
            verbosity=Verbosity.normal,
        ),
    )  # fmt: skip
    with capsys.disabled():
        print("\n" + tally.line())
        print(dict(tally.refused.most_common(40)))
        print(dict(tally.written.most_common()))
    for name, number in tally.counts.items():
        record_property(name, number)

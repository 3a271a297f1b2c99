"""Fixtures of several promises."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from promises.legacy.walk import Walk, walked
from promises.stages import Stages


@pytest.fixture(scope="session")
def legacy_walk(server) -> Iterator[Walk]:
    """One walk over all revisions per server, seen with the eyes of the Phase 1 application.

    Half a minute: modules that ask for it stand in tests/together.py, so that it is done once.
    """
    portal = server.templates.clone("legacy", seed=True)
    with contextlib.ExitStack() as stack:
        stack.callback(server.templates.drop, portal)
        yield stack.enter_context(walked(portal))


@pytest.fixture(scope="session")
def stages(newest_server) -> Iterator[Stages]:
    """A filled database at every revision, on the newest server."""
    made = Stages(newest_server)
    yield made
    made.close()

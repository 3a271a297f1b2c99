"""``production(...)``: a Phase 1 database as production has it: on a durable server, in use since long, never stamped."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import servers
from portals import Portal, Templates

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@pytest.fixture(scope="session")
def durable() -> Iterator[Templates]:
    """A server of its own: the others of the tests would lose everything in a power cut, and the checks say so."""
    started = servers.start("durable", next(iter(servers.discover().values())), DURABLE)
    templates = Templates(started, "template0")
    yield templates
    templates.close()
    started.stop()


@pytest.fixture
def production(durable, tmp_path, monkeypatch) -> Iterator[Callable[[], Portal]]:
    """Factory of such databases; checkpoints go to a folder of the test."""
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path / "checkpoints"))
    made: list[Portal] = []

    def make() -> Portal:
        portal = durable.clone("legacy", True)
        made.append(portal)
        portal.run("DROP TABLE alembic_version; DROP SCHEMA IF EXISTS kingston, kingston_archive CASCADE")
        return portal

    yield make
    for portal in made:
        durable.drop(portal)

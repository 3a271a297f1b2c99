"""Fixtures: ``server`` (every PostgreSQL found), ``portal_at(revision, seed=False)`` (your own database).

``newest_portal_at`` is ``portal_at`` on the newest server only, for tests of the Python side (command line,
rendering) that gain nothing from a second server.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

# The caller's database is never ours to touch: no test can see how to reach it, nor the embedded server.
for _name in [n for n in os.environ if n.startswith("PG") or n in ("DATABASE_URL", "KINGSTON_SCHEMA")]:
    del os.environ[_name]
os.environ["KINGSTON_HOME"] = str(Path(tempfile.gettempdir()) / f"kingston-none-{os.getpid()}")
sys.path.insert(0, str(Path(__file__).parent))
# A shell starts what runs in the background with Ctrl-C ignored, and so would be every program that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402
from pytest_postgresql import factories  # noqa: E402

from command_line import kingston  # noqa: E402, F401
from crasher import Crasher  # noqa: E402
from portals import Portal, TestServer  # noqa: E402
from servers import StartedServer, discover, start  # noqa: E402
from together import Together  # noqa: E402

SERVERS = discover()
PortalAt = Callable[..., Portal]


def _started(name: str) -> Callable[..., Iterator[StartedServer]]:
    @pytest.fixture(scope="session")
    def started() -> Iterator[StartedServer]:
        """A server of our own, as an ordinary account (pytest-postgresql's own cannot run as root)."""
        server = start(name, SERVERS[name])
        yield server
        server.stop()

    return started


# One pair of session fixtures per server; pytest-postgresql connects to ours and keeps the blank database.
for _server in SERVERS:
    globals()[f"started_{_server}"] = _started(_server)
    globals()[f"blank_{_server}"] = factories.postgresql_noproc(
        depends_on=f"started_{_server}", dbname="blank"
    )


# What every server found is asked in ``make test``: schema and data of each revision, up and down.  All else runs on the
# newest one there, and on every server in ``make test-long``: the normal run has to end in a quarter of an hour.
EVERY_SERVER = (
    "tests/revisions/test_p", "tests/revisions/test_legacy", "tests/conventions/test_fingerprints.py",
    "tests/promises/test_walk.py", "tests/promises/test_lossless.py", "tests/promises/test_two_roads.py",
    "tests/catalog/test_canonical.py", "tests/sql/test_legacy", "tests/ddl/test_indexes.py", "tests/ddl/test_columns.py",
    "tests/ddl/test_archive.py",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest test first; leave the older servers to the long run where EVERY_SERVER does not name the file."""
    items.sort(key=lambda item: "test_random_walks" not in item.nodeid)
    if os.environ.get("KINGSTON_LONG"):
        return
    newest = next(iter(SERVERS))

    def wanted(item: pytest.Item) -> bool:
        asked = getattr(getattr(item, "callspec", None), "params", {}).get("server", newest)
        return asked == newest or item.nodeid.startswith(EVERY_SERVER)

    left = [item for item in items if not wanted(item)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if wanted(item)]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    """With several workers: what belongs together on one of them."""
    return Together(config, log)


def _server(request: pytest.FixtureRequest, name: str) -> TestServer:
    found = request.config.stash.setdefault(_stash, {})
    if name not in found:
        found[name] = TestServer(
            request.getfixturevalue(f"started_{name}"),
            request.getfixturevalue(f"blank_{name}").template_dbname,
        )
    return found[name]


_stash = pytest.StashKey[dict[str, TestServer]]()


@pytest.fixture(scope="session", params=list(SERVERS), ids=[f"pg{name}" for name in SERVERS])
def server(request: pytest.FixtureRequest) -> TestServer:
    """Each PostgreSQL found, in turn."""
    return _server(request, request.param)


@pytest.fixture(scope="session")
def newest_server(request: pytest.FixtureRequest) -> TestServer:
    """The newest PostgreSQL found."""
    return _server(request, next(iter(SERVERS)))


def _portal_at(server: TestServer) -> Iterator[PortalAt]:
    made: list[Portal] = []

    def portal_at(revision: str, seed: bool = False) -> Portal:
        made.append(server.templates.clone(revision, seed))
        return made[-1]

    yield portal_at
    for portal in made:
        server.templates.drop(portal)


@pytest.fixture
def portal_at(server: TestServer) -> Iterator[PortalAt]:
    """Factory of databases at a revision: ``portal = portal_at("phase_2")``; gone after the test."""
    yield from _portal_at(server)


@pytest.fixture
def newest_portal_at(newest_server: TestServer) -> Iterator[PortalAt]:
    """The same on the newest server only."""
    yield from _portal_at(newest_server)


@pytest.fixture(scope="session")
def crasher() -> Iterator[Crasher]:
    """Runs of Alembic in processes of their own."""
    made = Crasher()
    yield made
    made.close()

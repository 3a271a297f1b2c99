"""The servers of the tests: two processes that start at once leave each other alone."""

from __future__ import annotations

import fcntl
import os

import pytest

import servers


@pytest.fixture
def bindir():
    return next(iter(servers.discover().values()))


def test_a_server_being_made_is_not_swept_away(bindir, monkeypatch):
    """Seen in continuous integration: the other worker's sweep came between the making and the locking."""
    lock, swept = fcntl.flock, []

    def sweep_first(handle: int, how: int) -> None:
        if not swept:
            swept.append(True)
            servers.sweep(bindir)
        lock(handle, how)

    monkeypatch.setattr(servers.fcntl, "flock", sweep_first)
    started = servers.start("race", bindir)
    try:
        assert swept
        assert (started.server.home / "alive").exists()
    finally:
        started.stop()


def test_what_a_killed_run_left_is_removed(bindir):
    started = servers.start("left", bindir)
    home = started.server.home
    os.close(started._alive)  # as when its process is killed
    servers.sweep(bindir)
    assert not home.exists()

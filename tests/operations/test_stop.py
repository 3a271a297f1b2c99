"""kingston stop"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import servers
from kingston_schema import embedded


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder of our own instead of the checkout's .kingston/."""
    folder = Path(tempfile.mkdtemp(prefix="kingston-stop-", dir=servers.folder()))
    folder.chmod(0o755)
    monkeypatch.setenv("KINGSTON_HOME", str(folder))
    yield folder
    embedded.default_server().destroy()


def test_stops_and_keeps_the_data(kingston, home):
    kingston("up")
    stopped = kingston("stop", "--json")
    assert stopped.code == 0
    assert stopped.json["data"]["stopped"] is True
    assert (home / "data" / "PG_VERSION").exists()
    assert not embedded.default_server().running()


def test_harmless_when_nothing_runs(kingston, home):
    stopped = kingston("stop")
    assert stopped.code == 0
    assert "was not running" in stopped.out


def test_a_url_makes_no_sense(kingston):
    assert kingston("stop", "--url", "postgresql://h/d").code == 2

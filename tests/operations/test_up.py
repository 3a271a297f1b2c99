"""kingston up"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import servers
from kingston_schema import embedded


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder of our own instead of the checkout's .kingston/."""
    folder = Path(tempfile.mkdtemp(prefix="kingston-up-", dir=servers.folder()))
    folder.chmod(0o755)
    monkeypatch.setenv("KINGSTON_HOME", str(folder))
    yield folder
    embedded.default_server().destroy()


def test_starts_the_server_creates_the_database_and_is_harmless_again(kingston, home):
    first = kingston("up", "--json")
    assert first.code == 0
    data = first.json["data"]
    assert (data["started"], data["created"], data["database"]) == (True, True, "portal")
    with psycopg.connect(data["url"]) as connection:
        assert connection.info.dbname == "portal"
    second = kingston("up", "--json").json["data"]
    assert (second["started"], second["created"]) == (False, False)


def test_says_where_and_what_next(kingston, home):
    up = kingston("up")
    assert f"data      {home.resolve()}/data" in up.out
    assert "next      kingston status" in up.out
    status = kingston("status")
    assert status.code == 0
    assert f'database: "portal" on {home.resolve()}/data (embedded)' in status.err


def test_other_commands_start_it_by_themselves(kingston, home):
    assert kingston("status").code == 0
    assert kingston("stop").code == 0
    assert kingston("status").code == 0


def test_tells_when_another_database_is_meant_by_the_environment(kingston, home):
    assert "DATABASE_URL is set" in kingston("up", portal="postgresql://u@elsewhere/d").err


def test_a_url_makes_no_sense(kingston):
    refused = kingston("up", "--url", "postgresql://h/d", "--json")
    assert refused.code == 2
    assert refused.finding["code"] == "usage"


def test_a_folder_that_cannot_be_made(kingston, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KINGSTON_HOME", str(tmp_path / "file" / "home"))
    refused = kingston("up", "--json")
    assert refused.code == 4
    assert "KINGSTON_HOME" in refused.finding["fix"]


def test_data_of_another_version(kingston, home):
    kingston("up")
    kingston("stop")
    (home / "data" / "PG_VERSION").write_text("13\n")
    refused = kingston("up")
    assert refused.code == 4
    assert "PostgreSQL 13" in refused.err
    assert f"mv {home}" in refused.err
    (home / "data" / "PG_VERSION").write_text(f"{embedded.default_server().major}\n")


def test_a_server_that_does_not_start_shows_its_log(kingston, home):
    kingston("up")
    kingston("stop")
    with (home / "data" / "postgresql.conf").open("a") as settings:
        settings.write("\nshared_buffers = nonsense\n")
    refused = kingston("up")
    assert refused.code == 4
    assert "nonsense" in refused.err
    assert os.listdir(home / "data")

"""``keys``: a master key and ring of the test's own; ``sealed_portal()``: a portal with keys; ``vault_for(portal)``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import sessionmaker

from kingston_schema.cli.app import main
from kingston_schema.crypto import Vault, open_vault
from kingston_schema.operations.keys import init
from portals import Portal


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """KINGSTON_KEY_FILE names a file that is not there yet."""
    file = tmp_path / "master.key"
    for name in ("KINGSTON_KEY_COMMAND", "KINGSTON_KEY_RING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KINGSTON_KEY_FILE", str(file))
    return file


@pytest.fixture
def sealed_portal(keys: Path, newest_portal_at: Callable[..., Portal]) -> Callable[..., Portal]:
    """A portal with version 1 of both keys active; whoever writes gives a reason."""

    def made(revision: str = "phase_2_field_encryption") -> Portal:
        portal = newest_portal_at(revision)
        name = portal.one("SELECT current_database()")
        portal.run(f"ALTER DATABASE {name} SET app.justification = 'test'".encode())
        portal.connection.close()
        init.run(portal.url)
        return portal

    return made


@pytest.fixture
def vault_for() -> Iterator[Callable[..., tuple[Vault, sessionmaker]]]:
    """(vault, sessions with it) of a portal; closed after the test."""
    opened: list[Vault] = []

    def made(portal: Portal, **options: object) -> tuple[Vault, sessionmaker]:
        opened.append(open_vault(portal.url, **options))
        sessions = sessionmaker(portal.engine)
        opened[-1].attach(sessions)
        return opened[-1], sessions

    yield made
    for vault in opened:
        vault.close()


@pytest.fixture
def kingston_calls(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run ``kingston`` against a portal; the exit code (what it printed is kept for capsys)."""

    def call(*arguments: str, portal: Portal) -> int:
        monkeypatch.setenv("DATABASE_URL", portal.url)
        return main(list(arguments))

    return call

"""The command line in this process, against one database: the fixture ``kingston``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from kingston_schema.cli.app import main
from kingston_schema.db import which
from portals import Portal


@dataclass
class Outcome:
    """What a call came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The envelope on standard output; nothing else may stand there."""
        document = json.loads(self.out)
        assert list(document) == ["command", "ok", "exit_code", "findings", "data"]
        assert document["exit_code"] == self.code
        assert document["ok"] is (self.code == 0)
        return document

    @property
    def finding(self) -> dict[str, str]:
        """The only finding of the envelope."""
        (finding,) = self.json["findings"]
        assert list(finding) == ["code", "object", "message", "fix"]
        return finding


@pytest.fixture
def kingston(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run ``kingston`` with ``arguments``; ``portal`` (a Portal or a URL) becomes DATABASE_URL."""
    monkeypatch.setattr(which, "_announced", set())

    def call(*arguments: str, portal: Portal | str | None = None) -> Outcome:
        if portal is not None:
            monkeypatch.setenv("DATABASE_URL", portal if isinstance(portal, str) else portal.url)
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return call

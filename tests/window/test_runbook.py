"""The runbook is done as it is written: every command and query of every page, in order, on one portal.

It starts as production does, with a Phase 1 schema that nobody stamped.  A text block right below a command is what the
reader is told to expect.  Each page's way back is walked too, and up again before the next page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from conventions.history import ROOT
from window.page import Block, blocks, missing

RUNBOOK = ROOT / "docs" / "runbook"
ORDER = ("legacy", "pre_migration", "phase_1", "phase_2", "phase_3", "phase_4", "phase_5", "phase_6")
BACK = "Go back"
# A question is answered with yes; there is nobody to ask here.
ASKING = (["upgrade"], ["rollback"], ["stamp", "legacy"])
STYLE = re.compile(r"\x1b\[[0-9;]*m")
MOVE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Reader:
    """Somebody who does what the page says."""

    def __init__(self, portal, kingston) -> None:
        self.portal, self._kingston = portal, kingston

    def follow(self, block: Block) -> None:
        """Run the block and look whether what it promises is seen."""
        said = "\n".join(
            [self.query(block.text)] if block.language == "sql" else map(self.type, block.commands)
        )
        said = MOVE.sub("\n", STYLE.sub("", said)).replace(
            str(self.portal.one("SELECT current_database()")), "portal"
        )
        assert missing(block.expected, said) == [], said

    def type(self, words: list[str]) -> str:
        """What the command says, its error output first; it has to succeed."""
        if words[0] == "kingston":
            asks = any(words[1:][: len(start)] == start for start in ASKING) and "--dry-run" not in words
            answer = ["--yes"] if asks else []
            done = self._kingston(*words[1:], *answer, portal=self.portal)
            code, said = done.code, f"{done.err}\n{done.out}"
        else:
            assert words[0] == "alembic", words
            process = subprocess.run(
                [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False,
                env={**os.environ, "DATABASE_URL": self.portal.url},
            )  # fmt: skip
            code, said = process.returncode, process.stderr + process.stdout
        assert code == 0, f"{words}: {said}"
        return said

    def query(self, statements: str) -> str:
        """Their rows as psql shows them, but for the rule below the names."""
        with self.portal.connection.cursor() as cursor:
            cursor.execute(statements.encode())
            said = []
            while True:
                if cursor.description:
                    said.append(" | ".join(column.name for column in cursor.description))
                    said += [" | ".join(str(value) for value in row) for row in cursor.fetchall()]
                if not cursor.nextset():
                    return "\n".join(said)


def test_the_runbook_is_done_as_it_is_written(production, kingston, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("COLUMNS", "120")
    portal = production()
    reader = Reader(portal, kingston)
    for name in ORDER:
        page = blocks(RUNBOOK / f"{name}.md")
        assert page, name
        for block in page:
            reader.follow(block)
        if any(block.section == BACK for block in page):
            reader.type(["kingston", "upgrade", name])
    assert portal.one("SELECT version_num FROM alembic_version") == "phase_6"

"""Reading and running the checks in sql/checks: each one query with one row (ok, found, keys)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import psycopg

from ..catalog import history
from ..ddl.sqltext import render
from ..settings import Schemas

AREAS = ("server", "data", "portal")
STAGES = ("pre", "post", "go-live")
KEYS_SHOWN = 20
_FIELD = re.compile(r"-- (check|stages|from|severity|needed|fix): *(.*)\Z")


@dataclass(frozen=True)
class Definition:
    """A check as its file has it; ``since``: the first revision at which it can be asked."""

    name: str
    area: str
    stages: tuple[str, ...]
    since: str
    severity: str
    needed: str
    fix: str
    query: str


@dataclass(frozen=True)
class Outcome:
    """One check: ``state`` is passed, failed or unknown; ``keys`` at most twenty of what was found."""

    name: str
    area: str
    severity: str
    state: str
    found: str
    needed: str
    fix: str
    keys: tuple[str, ...] = ()


def definitions() -> list[Definition]:
    """Every check of the three files, in order."""
    return [
        check
        for area in AREAS
        for check in parse(
            (files("kingston_schema") / "sql" / "checks" / f"{area}.sql").read_text("utf-8"), area
        )
    ]


def parse(text: str, area: str) -> list[Definition]:
    """The checks of one file; raises ValueError where a check lacks a field."""
    found = []
    for block in re.split(r"^(?=-- check: )", text, flags=re.MULTILINE)[1:]:
        fields = {"from": "legacy"}
        query = []
        for line in block.splitlines():
            field = _FIELD.match(line)
            if field:
                fields[field.group(1)] = field.group(2).strip()
            elif not line.startswith("--"):
                query.append(line)
        missing = {"check", "stages", "severity", "needed", "fix"} - fields.keys()
        if missing or fields["severity"] not in ("critical", "warning"):
            raise ValueError(f"check {fields.get('check')} of {area}: {missing or 'severity'}")
        stages = tuple(fields["stages"].split())
        found.append(
            Definition(
                fields["check"], area, stages, fields["from"], fields["severity"], fields["needed"], fields["fix"],
                "\n".join(query).strip().rstrip(";"),
            )
        )  # fmt: skip
    return found


def fitting(checks: Sequence[Definition], stage: str, revision: str | None) -> list[Definition]:
    """Those of a stage that can be asked at ``revision``."""
    reached = history.position(revision)
    return [c for c in checks if stage in c.stages and history.position(c.since) <= reached]


def ask_all(connection: psycopg.Connection, names: Schemas, checks: Sequence[Definition]) -> list[Outcome]:
    """Ask them one by one.  Functions that they call may write (measurements): kept out by a rollback of each."""
    asked = []
    for check in checks:
        connection.execute("BEGIN READ WRITE")
        try:
            asked.append(ask(connection, names, check))
        finally:
            connection.execute("ROLLBACK")
    return asked


def ask(connection: psycopg.Connection, names: Schemas, check: Definition) -> Outcome:
    """Run one; what the database refuses to tell is unknown, never passed."""
    try:
        row = connection.execute(render(check.query, names).encode()).fetchone()
    except psycopg.Error as error:
        said = (error.diag.message_primary or str(error)).strip()
        return _outcome(check, None, f"cannot be asked: {said}")
    if row is None:
        return _outcome(check, None, "the query gave no row")
    ok, found, keys = row
    return _outcome(check, ok, str(found), [] if ok else [k for k in keys or () if k is not None])


def _outcome(check: Definition, ok: bool | None, found: str, keys: Sequence[str] = ()) -> Outcome:
    state = "unknown" if ok is None else "passed" if ok else "failed"
    return Outcome(
        check.name,
        check.area,
        check.severity,
        state,
        found,
        check.needed,
        check.fix,
        tuple(keys[:KEYS_SHOWN]),
    )

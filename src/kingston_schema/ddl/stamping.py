"""``alembic stamp`` tells the truth: the schema must be what the revision says, or a reason must be given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from alembic.script import ScriptDirectory

from ..catalog import expected, fingerprint, matching
from ..errors import RefusedError
from ..settings import Schemas
from . import toolkit
from .sqltext import render

ALLOWANCE = "stamp"
SHOWN = 10


def check(
    side: psycopg.Connection[Any],
    names: Schemas,
    script: ScriptDirectory,
    target: str,
    allowed: Mapping[str, str],
) -> None:
    """Compare the schema with revision ``target``, which is about to be stamped.

    Raises RefusedError (exit 3) naming what is missing or changed, unless a reason is given, which is recorded.
    ``base`` says nothing that could be compared.
    """
    revisions = [r.revision for r in script.get_revisions(target) if r is not None]
    if len(revisions) != 1 or revisions[0] not in expected.revisions():
        return
    revision = revisions[0]
    found = fingerprint.read(side, names.application)
    match = matching.against(revision, found, side.info.server_version, names)
    if match.exact:
        return
    if ALLOWANCE in allowed:
        if toolkit.missing(side, names):
            toolkit.install(side, names, Path(script.dir) / "sql")
        _record(side, names, match, allowed[ALLOWANCE])
        return
    rest = len(match.blocking) - SHOWN
    raise RefusedError(
        f"schema {names.application} is not at {revision}: {len(match.blocking)} objects are missing or different\n  "
        + "\n  ".join(difference.message for difference in match.blocking[:SHOWN])
        + (f"\n  … and {rest} more" if rest > 0 else ""),
        fix=f"kingston stamp --detect; or, knowing better: alembic -x allow={ALLOWANCE}:reason stamp {revision}",
        obj=revision,
    )


def _record(side: psycopg.Connection[Any], names: Schemas, match: matching.Match, reason: str) -> None:
    side.execute(
        render(
            "INSERT INTO @control@.gate_result (phase, check_name, severity, outcome, found, reason)"
            " VALUES (%s, 'stamp', 'critical', 'allowed', %s, %s)",
            names,
        ).encode(),
        (match.revision, f"{len(match.blocking)} differences: " + "; ".join(d.message for d in match.blocking)[:1800], reason),
    )

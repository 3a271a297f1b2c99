"""The run of ``--sql``: nothing is known of the database, and all that is written down is a part of the script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..settings import Schemas
from . import around_revision, revision_files
from .event_log import WRITER
from .events import PlainReporter
from .run import Steps
from .sqltext import literal, render


class ScriptRun:
    """What operations find of a run while a script is made (kingston_schema.ddl.run.Run has more)."""

    def __init__(self, schemas: Schemas, allowed: dict[str, str]) -> None:
        self.schemas = schemas
        self.allowed = allowed
        self.reporter = PlainReporter()

    def wrap(self, steps: Steps) -> Steps:
        """Alembic's step function; the script says before every revision which one it is."""

        def wrapped(heads: Any, context: Any) -> Iterator[Any]:
            for step in steps(heads, context):
                if not step.info.is_stamp:
                    way = "up" if step.is_upgrade else "down"
                    text = around_revision.settings(step.revision.revision, way, "script")
                    context.impl.static_output(text + ";")
                yield step

        return wrapped

    def applied(self, *, ctx: Any, step: Any, **_: Any) -> None:
        """Alembic's callback at the end of a revision."""
        if step.is_stamp:
            return
        ctx.impl.static_output(render(_ended(step, ctx.environment_context.script), self.schemas))
        if not step.is_upgrade and step.down_revision_ids:
            left = around_revision.leave_phase(step.down_revision_ids[0])
            ctx.impl.static_output(render(left, self.schemas))


def _ended(step: Any, scripts: Any) -> str:
    """The event that a script writes at the end of a revision, where there is a log by then."""
    direction, revision = "up" if step.is_upgrade else "down", step.up_revision_id
    fields = {
        "outcome": "done",
        "revision": revision,
        "detail": "by a script",
        "files": revision_files.of(scripts.get_revision(revision), scripts),
    }
    return (
        f"DO $kingston$ BEGIN\n  IF to_regprocedure('@control@.{WRITER}') IS NOT NULL THEN\n"
        f"    PERFORM @control@.log_event(gen_random_uuid(), 'ended', '{direction}', '{revision}',"
        f" {literal(json.dumps(fields))});\n"
        "  END IF;\nEND $kingston$;"
    )

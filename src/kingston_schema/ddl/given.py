"""What env.py is given: ``-x`` arguments of the command line, attributes of an in-process caller."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context

from ..errors import UsageError
from ..settings import Schemas, schemas
from . import allowances, event_log
from .events import PlainReporter, Reporter

KNOWN = {"schema", "allow", "url", "actor"}


@dataclass(frozen=True)
class Given:
    """``url`` and ``connection``: at most one is needed; ``allowed``: {check: reason}; ``actor``: who it is said to be."""

    schemas: Schemas
    url: str | None
    connection: sa.Connection | sa.Engine | None
    allowed: dict[str, str]
    actor: str
    reporter: Reporter


def read() -> Given:
    """``-x schema=… -x allow=… -x url=… -x actor=…``, with the attributes of an in-process caller on top.

    Raises UsageError for an argument that nobody knows, and as ``allowances.parse`` and ``event_log.given_name`` do.
    """
    pairs = [item.partition("=") for item in context.get_x_argument(as_dictionary=False)]
    for key, _, _ in pairs:
        if key not in KNOWN:
            raise UsageError(
                f"-x {key}=… is not understood",
                fix="-x schema=NAME, -x allow=CHECK:reason, -x url=URL or -x actor=NAME",
            )
    attributes: dict[str, Any] = context.config.attributes
    last = {key: value for key, _, value in pairs}
    allowed = [value for key, _, value in pairs if key == "allow"] + list(attributes.get("allow", ()))
    return Given(
        schemas=schemas(attributes.get("schema") or last.get("schema")),
        url=attributes.get("url") or last.get("url"),
        connection=attributes.get("connection"),
        allowed=allowances.parse(allowed, Path(context.script.dir)),
        actor=event_log.given_name(attributes.get("actor") or last.get("actor")),
        reporter=attributes.get("reporter") or PlainReporter(),
    )

"""Commands that a message names, so that they mean the portal it speaks of."""

from __future__ import annotations

import dataclasses
import re
from functools import cache

from rich.console import RenderableType

from .render import Result

_NO_PORTAL = ("up", "stop")  # speak of the embedded server
_ALEMBIC = re.compile(r"\balembic (?=(?:upgrade|downgrade|stamp|current|check)\b)")


def for_portal(result: Result, schema: str) -> Result:
    """``result`` with ``--schema`` (``-x schema=…`` for alembic) in the commands it names; as it is for the default."""
    if not schema:
        return result
    findings = tuple(dataclasses.replace(f, fix=named(f.fix, schema)) for f in result.findings)
    view: list[RenderableType] = [
        named(part, schema) if isinstance(part, str) else part for part in result.view
    ]
    return dataclasses.replace(result, findings=findings, view=view)


def named(text: str, schema: str) -> str:
    """``kingston upgrade`` → ``kingston upgrade --schema firm_a``, unless the text says a schema already."""
    if "--schema" in text or "schema=" in text:
        return text
    text = _verbs().sub(rf"kingston \1 --schema {schema}", text)
    return _ALEMBIC.sub(f"alembic -x schema={schema} ", text)


@cache
def _verbs() -> re.Pattern[str]:
    from .app import COMMANDS  # which imports this module

    verbs = "|".join(name for name in COMMANDS if name not in _NO_PORTAL)
    return re.compile(rf"\bkingston ({verbs})\b")

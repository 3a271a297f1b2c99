"""Attributes of a sequence put right."""

from __future__ import annotations

from ...ddl.sqltext import literal
from ..names import quote, sql_name

_CLAUSES = {"type": "AS", "start": "START", "increment": "INCREMENT", "min": "MINVALUE", "max": "MAXVALUE",
            "cache": "CACHE"}  # fmt: skip


def statement(key: str, attribute: str, was: str | None, now: str | None) -> str:
    """SQL that makes ``attribute`` of the sequence what it was."""
    head = f"ALTER SEQUENCE {sql_name(key)}"
    if attribute == "owned by":
        return f"{head} OWNED BY {'NONE' if was is None else '.'.join(map(quote, was.split('.', 1)))};"
    if attribute == "state":
        value, _, called = str(was).partition(" ")
        return f"SELECT setval({literal(sql_name(key))}, {value}, {'true' if called else 'false'});"
    before, after = parameters(str(was)), parameters(str(now))
    changed = [name for name in before if before[name] != after[name]]
    words = [f"{_CLAUSES[name]} {before[name]}" for name in changed if name in _CLAUSES]
    words += [f"{'' if before['cycle'] == 'yes' else 'NO '}CYCLE"] if "cycle" in changed else []
    return f"{head} {' '.join(words)};"


def parameters(text: str) -> dict[str, str]:
    """``{"type": "bigint", "start": "1", …}`` of the attribute ``sequence``."""
    kind, _, rest = text.partition(" start ")
    words = ["start", *rest.split()]
    held = {"type": kind, **dict(zip(words[::2], words[1::2], strict=True))}
    return held | {"cycle": "yes" if held["cycle"] == "t" else "no"}

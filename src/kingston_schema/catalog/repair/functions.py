"""Attributes of a function put right; its body comes from its revision."""

from __future__ import annotations

from typing import Any

from ...ddl.sqltext import literal
from ..names import identified

VOLATILITY = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}
PARALLEL = {"s": "SAFE", "r": "RESTRICTED", "u": "UNSAFE"}


def statement(key: str, attribute: str, was: Any, now: Any) -> str:
    """SQL that makes ``attribute`` of the function what it was."""
    head = f"ALTER {identified(key, {})}"
    match attribute:
        case "volatility":
            return f"{head} {VOLATILITY[was]};"
        case "parallel":
            return f"{head} PARALLEL {PARALLEL[was]};"
        case "strict":
            return f"{head} {'STRICT' if was else 'CALLED ON NULL INPUT'};"
        case "security definer":
            return f"{head} SECURITY {'DEFINER' if was else 'INVOKER'};"
        case "leakproof":
            return f"{head} {'' if was else 'NOT '}LEAKPROOF;"
        case "cost" | "rows":
            return f"{head} {attribute.upper()} {was:g};"
        case "settings":
            return _settings(head, was or [], now or [])
    return ""


def _settings(head: str, was: list[str], now: list[str]) -> str:
    wanted, found = (dict(entry.split("=", 1) for entry in entries) for entries in (was, now))
    resets = [f"{head} RESET {name};" for name in found if name not in wanted]
    sets = [
        f"{head} SET {name} TO {_setting(name, value)};"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    return " ".join([*resets, *sets])


def _setting(name: str, value: str) -> str:
    """A search path is a list of names, quoted where needed; other settings are texts."""
    return value if name == "search_path" and value != '""' else literal("" if value == '""' else value)

"""Attributes of tables and views put right."""

from __future__ import annotations

from typing import Any

from ..names import Objects, quote, split, sql_kind, sql_name

_REPLICA_IDENTITY = {None: "DEFAULT", "d": "DEFAULT", "f": "FULL", "n": "NOTHING"}


def statement(key: str, attribute: str, should: Objects, found: Objects) -> str:
    """SQL that makes ``attribute`` of the relation what it was."""
    head = f"ALTER {sql_kind(split(key)[0])} {sql_name(key)}"
    was, now = should[key].get(attribute), found[key].get(attribute)
    match attribute:
        case "inherits":
            gained = [f"{head} NO INHERIT {parent};" for parent in now or () if parent not in (was or ())]
            lost = [f"{head} INHERIT {parent};" for parent in was or () if parent not in (now or ())]
            return " ".join([*gained, *lost])
        case "partition bound" if was:
            (parent,) = should[key]["inherits"]
            detach = f"ALTER TABLE {parent} DETACH PARTITION {sql_name(key)}; " if now else ""
            return f"{detach}ALTER TABLE {parent} ATTACH PARTITION {sql_name(key)} {was};"
        case "of type":
            return f"{head} OF {was};" if was else f"{head} NOT OF;"
        case "access method":
            return f"{head} SET ACCESS METHOD {quote(was or 'heap')};"
        case "options":
            return options(head, was, now)
        case "toast options":
            return options(head, *([f"toast.{o}" for o in side or ()] for side in (was, now)))
        case "persistence":
            return f"{head} SET {'UNLOGGED' if was == 'u' else 'LOGGED'};"
        case "tablespace":
            return f"{head} SET TABLESPACE {quote(was or 'pg_default')};"
        case "row security":
            enabled, forced = (f"{word} t" in (was or "") for word in ("enabled", "forced"))
            switches = (
                f"{'ENABLE' if enabled else 'DISABLE'} ROW LEVEL SECURITY, {'' if forced else 'NO '}FORCE"
            )
            return f"{head} {switches} ROW LEVEL SECURITY;"
        case "replica identity":
            return f"{head} REPLICA IDENTITY {_REPLICA_IDENTITY.get(was) or _identity_index(key, should)};"
        case "populated" if was:
            return f"REFRESH MATERIALIZED VIEW {sql_name(key)};"
    return ""


def _identity_index(key: str, should: Objects) -> str:
    table = split(key)[1]
    indexes = (i for i in should if should[i].get("table") == table and should[i].get("replica identity"))
    return f"USING INDEX {sql_name(next(indexes))}"


def options(head: str, was: Any, now: Any) -> str:
    """SET and RESET that lead from ``["a=1"]`` to ``["b=2"]``."""
    wanted, found = (dict(entry.split("=", 1) for entry in side or ()) for side in (was, now))
    resets = [name for name in found if name not in wanted]
    sets = [f"{name} = {value}" for name, value in wanted.items() if found.get(name) != value]
    parts = [f"{head} RESET ({', '.join(resets)});"] if resets else []
    return " ".join([*parts, *([f"{head} SET ({', '.join(sets)});"] if sets else [])])

"""SQL that turns one catalogue into another, object by object, from fingerprints: what ``kingston drift --sql`` prints.

Tables are told by their columns, constraints, indexes and triggers.  What cannot be said in a statement of this kind (grants,
owners, policies, the place of a column) becomes a comment in the script, never silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .canonical import same

Objects = Mapping[str, Mapping[str, Any]]
_VOLATILITY = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}
_PARALLEL = {"s": "SAFE", "r": "RESTRICTED", "u": "UNSAFE"}
_ENABLED = {None: "ENABLE", "disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
# What goes first when something is dropped; the reverse when it is made.
_ORDER = ("trigger", "view", "constraint", "index", "column", "function", "procedure", "sequence", "table")


@dataclass(frozen=True)
class Statement:
    """One statement, and the object it is about."""

    object: str
    sql: str


def between(before: Objects, after: Objects) -> list[Statement]:
    """The statements that turn ``before`` into ``after``, in an order in which they run; names are portable."""
    gone = [name for name in before if name not in after and not _follows(name, before, after)]
    new = [name for name in after if name not in before and not _follows(name, after, before)]
    both = [
        n
        for n in before
        if n in after and any(not same(k, before[n].get(k), after[n].get(k)) for k in {*before[n], *after[n]})
    ]
    made = [
        n
        for n in both
        if _kind(n) in ("index", "constraint", "view", "trigger") and _redefined(before[n], after[n])
    ]
    found = [Statement(n, _drop(n)) for n in _sorted([*gone, *made], before)]
    # Keys of new tables last: tables may refer to each other.
    new += [
        n
        for n in after
        if n not in before and n not in new and _is_key(n, after) and f"table {_split(n)[0]}" in new
    ]
    for name in _sorted([*new, *made], after)[::-1]:
        found += [Statement(name, line) for line in _create(name, after)]
    for name in both:
        found += [Statement(name, line) for line in _alter(name, before[name], after[name], name in made)]
    return found


def _kind(name: str) -> str:
    return name.split(" ", 1)[0]


def _split(name: str) -> tuple[str, str]:
    """(table, its part) of ``column t.c`` and ``constraint t.c``; (table, trigger) of ``trigger x on t``."""
    kind, _, rest = name.partition(" ")
    if kind == "trigger":
        part, _, table = rest.rpartition(" on ")
        return table, part
    table, _, part = rest.partition(".")
    return table, part


def _follows(name: str, objects: Objects, other: Objects) -> bool:
    """Whether it comes and goes with something else: parts of a new table, indexes of keys, sequences of identities."""
    kind, rest = _kind(name), name.split(" ", 1)[-1]
    if kind in ("column", "constraint", "trigger"):
        table = _split(name)[0]
        return (f"table {table}" not in other and (kind != "trigger" or f"table {table}" in objects)) or (
            kind == "column" and f"view {table}" in {*objects, *other}
        )
    if kind == "index":
        table = objects[name].get("table", "")
        return f"table {table}" not in other or f"constraint {table}.{rest}" in objects
    if kind == "sequence":
        return bool(objects[name].get("owned by"))
    return False


def _is_key(name: str, objects: Objects) -> bool:
    return _kind(name) == "constraint" and str(objects[name].get("definition")).startswith("FOREIGN KEY")


def _redefined(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if after.get("not valid") and not before.get("not valid"):
        return True
    return not same("definition", before.get("definition"), after.get("definition")) or before.get(
        "table"
    ) != after.get("table")


def _sorted(names: Iterable[str], objects: Objects) -> list[str]:
    """In the order of dropping: kinds by what hangs on what, foreign keys first, a view before what it reads."""
    order = {kind: number for number, kind in enumerate(_ORDER)}

    def depth(name: str, seen: frozenset[str] = frozenset()) -> int:
        text = str(objects.get(name, {}).get("definition", ""))
        reads = [
            n for n in objects
            if _kind(n) == "view" and n != name and n not in seen and re.search(rf"\b{re.escape(n[5:])}\b", text)
        ]  # fmt: skip
        return 1 + max((depth(n, seen | {name}) for n in reads), default=0)

    def key(name: str) -> tuple[int, int, str]:
        kind = _kind(name)
        last = -depth(name) if kind == "view" else 0
        if kind == "constraint":
            last = 0 if _is_key(name, objects) else 1
        return order.get(kind, len(_ORDER)), last, name

    return sorted(names, key=key)


def _drop(name: str) -> str:
    kind, _, rest = name.partition(" ")
    table, part = _split(name)
    if kind in ("column", "constraint"):
        return f"ALTER TABLE {table} DROP {kind.upper()} {part};"
    if kind == "trigger":
        return f"DROP TRIGGER {part} ON {table};"
    if kind in ("table", "view", "index", "function", "procedure", "sequence"):
        return f"DROP {kind.upper()} {rest};"
    return f"-- {name} is too many; remove it by hand"


def _create(name: str, objects: Objects) -> Iterator[str]:
    kind, _, rest = name.partition(" ")
    held = objects[name]
    if kind == "table":
        yield from _table(rest, objects)
    elif kind == "column":
        table, part = _split(name)
        yield f"ALTER TABLE {table} ADD COLUMN {_column(part, held)};"
    elif kind == "constraint":
        table, part = _split(name)
        valid = " NOT VALID" if held.get("not valid") and not held["definition"].endswith("NOT VALID") else ""
        yield f"ALTER TABLE {table} ADD CONSTRAINT {part} {held['definition']}{valid};"
    elif kind == "view":
        yield f"CREATE VIEW {rest} AS\n{held['definition'].rstrip().rstrip(';')};"
    elif kind in ("index", "trigger"):
        yield f"{held['definition']};"
        if kind == "trigger" and held.get("enabled"):
            yield _enable(name, held)
    elif kind in ("function", "procedure"):
        yield _function(kind, rest, held)
    else:
        yield f"-- {name} is missing; make it by hand"
    if "comment" in held:
        yield _comment(name, held["comment"])


def _table(table: str, objects: Objects) -> Iterator[str]:
    columns = sorted(
        (n for n in objects if n.startswith(f"column {table}.")), key=lambda n: int(objects[n]["position"])
    )
    lines = ",\n  ".join(_column(_split(n)[1], objects[n]) for n in columns)
    yield f"CREATE TABLE {table} (\n  {lines}\n);"
    parts = [
        n
        for n in objects
        if (n.startswith(f"constraint {table}.") and not _is_key(n, objects))
        or (n.startswith("trigger ") and n.endswith(f" on {table}"))
        or (
            n.startswith("index ")
            and objects[n].get("table") == table
            and f"constraint {table}.{n[6:]}" not in objects
        )
    ]
    for name in _sorted(parts, objects)[::-1]:
        yield from _create(name, objects)
    for name in columns:
        if "comment" in objects[name]:
            yield _comment(name, objects[name]["comment"])


def _column(name: str, held: Mapping[str, Any]) -> str:
    parts = [name, held["type"]]
    if held.get("identity"):
        parts.append(f"GENERATED {'ALWAYS' if held['identity'] == 'a' else 'BY DEFAULT'} AS IDENTITY")
    elif held.get("default"):
        parts.append(f"DEFAULT {held['default']}")
    if held.get("not null"):
        parts.append("NOT NULL")
    return " ".join(parts)


def _function(kind: str, rest: str, held: Mapping[str, Any]) -> str:
    lines = [f"CREATE OR REPLACE {kind.upper()} {rest.split('(', 1)[0]}({held.get('arguments', '')})"]
    if held.get("result"):
        lines.append(f"RETURNS {held['result']}")
    marks = [f"LANGUAGE {held['language']}"]
    if kind == "function":
        marks.append(_VOLATILITY[held["volatility"]])
        marks += ["STRICT"] if held.get("strict") else []
        marks += [f"PARALLEL {_PARALLEL[held['parallel']]}", f"COST {held['cost']}"]
        marks += [f"ROWS {held['rows']}"] if held.get("rows") else []
    marks += ["SECURITY DEFINER"] if held.get("security definer") else []
    lines.append(" ".join(marks))
    for setting in held.get("settings") or ():
        name, _, value = str(setting).partition("=")
        lines.append(f"SET {name} = {value}" if name == "search_path" else f"SET {name} = '{value}'")
    body = held.get("sql body")
    lines.append(body if body else f"AS $kingston${held['body']}$kingston$")
    return "\n".join(lines) + ";"


def _alter(name: str, before: Mapping[str, Any], after: Mapping[str, Any], again: bool) -> Iterator[str]:
    """Attributes of one object; ``again``: its definition was made anew already."""
    kind = _kind(name)
    changed = [k for k in sorted({*before, *after}) if not same(k, before.get(k), after.get(k))]
    if kind in ("function", "procedure") and set(changed) - {"comment", "grants", "owner"}:
        yield _function(kind, name.split(" ", 1)[1], after)
        changed = [k for k in changed if k in ("comment", "grants", "owner")]
    for key in changed:
        if key == "comment":
            yield _comment(name, after.get("comment"))
        elif kind == "column":
            yield _change_column(name, key, after)
        elif key in ("definition", "table") and again:
            continue
        elif kind == "trigger" and key == "enabled":
            yield _enable(name, after)
        elif kind == "constraint" and key == "not valid" and not after.get(key):
            yield f"ALTER TABLE {_split(name)[0]} VALIDATE CONSTRAINT {_split(name)[1]};"
        elif kind == "index" and key == "invalid" and not after.get(key):
            yield f"REINDEX INDEX CONCURRENTLY {name[6:]};"
        elif kind == "table" and key == "row security":
            word = "ENABLE" if str(after.get(key, "")).startswith("enabled t") else "DISABLE"
            yield f"ALTER TABLE {name[6:]} {word} ROW LEVEL SECURITY;"
        else:
            yield f"-- {name}: {key} should be {after.get(key, 'absent')}; change it by hand"


def _change_column(name: str, key: str, after: Mapping[str, Any]) -> str:
    table, column = _split(name)
    alter = f"ALTER TABLE {table} ALTER COLUMN {column}"
    value = after.get(key)
    if key == "type":
        return f"{alter} TYPE {value} USING {column}::{value};"
    if key == "default":
        return f"{alter} {'DROP DEFAULT' if value is None else f'SET DEFAULT {value}'};"
    if key == "not null":
        return f"{alter} {'SET' if value else 'DROP'} NOT NULL;"
    if key == "statistics target":
        return f"{alter} SET STATISTICS {-1 if value is None else value};"
    return f"-- {name}: {key} should be {value if value is not None else 'absent'}; change it by hand"


def _enable(name: str, held: Mapping[str, Any]) -> str:
    table, trigger = _split(name)
    return f"ALTER TABLE {table} {_ENABLED[held.get('enabled')]} TRIGGER {trigger};"


def _comment(name: str, text: Any) -> str:
    kind, _, rest = name.partition(" ")
    table, part = _split(name)
    said = "NULL" if text is None else "'" + str(text).replace("'", "''") + "'"
    target = f"{part} ON {table}" if kind in ("trigger", "constraint") else rest
    return f"COMMENT ON {kind.upper()} {target} IS {said};"

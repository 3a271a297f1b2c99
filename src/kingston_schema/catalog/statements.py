"""SQL that turns one catalogue into another, object by object, from fingerprints: what ``kingston drift --sql`` prints.

Which statement makes, drops or changes an object is catalog.repair's business; here is the order in which they run, and what
takes more than one: tables with all they have, views, functions.  What no statement can say (the place of a column)
becomes a comment in the script, never silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import repair
from .canonical import same
from .names import Objects, owner_and_part, quote, split, sql_name
from .repair.columns import definition as column
from .repair.functions import PARALLEL, VOLATILITY

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
    found = [Statement(n, _sql(repair.removal(n, before))) for n in _sorted([*gone, *made], before)]
    # Keys of new tables last: tables may refer to each other.
    new += [
        n
        for n in after
        if n not in before and n not in new and _is_key(n, after) and f"table {_table_of(n, after)}" in new
    ]
    for name in _sorted([*new, *made], after)[::-1]:
        found += [Statement(name, line) for line in _create(name, after)]
    for name in both:
        found += [Statement(name, line) for line in _alter(name, before, after, name in made)]
    return found


def _kind(name: str) -> str:
    return split(name)[0]


def _table_of(name: str, objects: Objects) -> str:
    return owner_and_part(name, objects)[0]


def _follows(name: str, objects: Objects, other: Objects) -> bool:
    """Whether it comes and goes with something else: parts of a new table, indexes of keys, sequences of identities."""
    kind = _kind(name)
    if kind in ("column", "constraint", "trigger"):
        table = _table_of(name, objects)
        return (f"table {table}" not in other and (kind != "trigger" or f"table {table}" in objects)) or (
            kind == "column"
            and any(f"{view} {table}" in {*objects, *other} for view in ("view", "materialized view"))
        )
    if kind == "index":
        table = _table_of(name, objects)
        return f"table {table}" not in other or f"constraint {table}.{split(name)[1]}" in objects
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


def _sql(text: str) -> str:
    """Advice of catalog.repair as a comment."""
    return text if text.endswith(";") else f"-- by hand: {text}"


def _create(name: str, objects: Objects) -> Iterator[str]:
    held, bare = objects[name], {name: {"table": objects[name].get("table")}}
    match _kind(name):
        case "table":
            yield from _table(name, objects)
        case "view":
            yield f"CREATE VIEW {sql_name(name)} AS\n{held['definition'].rstrip().rstrip(';')};"
        case "function" | "procedure":
            yield _function(name, held)
        case "constraint" if held.get("not valid"):
            yield repair.creation(name, objects).partition(";")[0] + ";"
        case _:
            yield repair.creation(name, objects) or f"-- by hand: {name} is missing"
    if held.get("enabled"):
        yield repair.statement(name, "enabled", objects, bare)
    if "comment" in held:
        yield repair.statement(name, "comment", objects, bare)


def _table(name: str, objects: Objects) -> Iterator[str]:
    """With its columns and all that hangs on it, but the foreign keys; nobody is there yet who could be kept waiting."""
    table = split(name)[1]
    parts = [n for n in objects if _kind(n) in ("column", "constraint", "trigger", "index")]
    parts = [n for n in parts if _table_of(n, objects) == table and not _is_key(n, objects)]
    columns = sorted((n for n in parts if _kind(n) == "column"), key=lambda n: int(objects[n]["position"]))
    lines = ",\n  ".join(column(n, objects) for n in columns)
    yield f"CREATE TABLE {quote(table)} (\n  {lines}\n);"
    rest = [n for n in parts if n not in columns and f"constraint {table}.{split(n)[1]}" not in objects]
    for part in _sorted(rest, objects)[::-1]:
        yield from (line.replace(" INDEX CONCURRENTLY ", " INDEX ", 1) for line in _create(part, objects))
    for each in columns:
        if "comment" in objects[each]:
            yield repair.statement(each, "comment", objects, {each: {}})


def _function(name: str, held: Mapping[str, Any]) -> str:
    kind, rest = split(name)
    lines = [f"CREATE OR REPLACE {kind.upper()} {quote(rest.partition('(')[0])}({held.get('arguments', '')})"]
    if held.get("result"):
        lines.append(f"RETURNS {held['result']}")
    marks = [f"LANGUAGE {held['language']}"]
    if kind == "function":
        marks.append(VOLATILITY[held["volatility"]])
        marks += ["STRICT"] if held.get("strict") else []
        marks += [f"PARALLEL {PARALLEL[held['parallel']]}", f"COST {held['cost']}"]
        marks += [f"ROWS {held['rows']}"] if held.get("rows") else []
    marks += ["SECURITY DEFINER"] if held.get("security definer") else []
    lines.append(" ".join(marks))
    for setting in held.get("settings") or ():
        key, _, value = str(setting).partition("=")
        lines.append(f"SET {key} = {value}" if key == "search_path" else f"SET {key} = '{value}'")
    body = held.get("sql body")
    lines.append(body if body else f"AS $kingston${held['body']}$kingston$")
    return "\n".join(lines) + ";"


def _alter(name: str, before: Objects, after: Objects, again: bool) -> Iterator[str]:
    """Attributes of one object; ``again``: it was made anew already, with all it has."""
    if again:
        return
    was, now = after[name], before[name]
    changed = [key for key in sorted({*was, *now}) if not same(key, was.get(key), now.get(key))]
    if _kind(name) in ("function", "procedure") and set(changed) - {"comment"}:
        yield _function(name, was)
        changed = [key for key in changed if key == "comment"]
    for key in changed:
        statement = repair.statement(name, key, after, before)
        yield statement or f"-- by hand: {key} of {name} should be {was.get(key, 'absent')}"

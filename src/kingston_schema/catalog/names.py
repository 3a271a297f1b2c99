"""What objects of a fingerprint are called: in sentences, in SQL, and which object each is part of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql

from ..wording import count

# Quotes a name where it must be, reserved words too.
quote = postgresql.dialect().identifier_preparer.quote
Objects = Mapping[str, Mapping[str, Any]]

RELATIONS = (
    "table", "partitioned table", "view", "materialized view", "foreign table", "sequence",
)  # fmt: skip
KINDS = (
    *RELATIONS, "column", "constraint", "domain constraint", "index", "trigger", "policy", "rule",
    "function", "procedure", "aggregate", "type", "domain", "statistics", "schema",
)  # fmt: skip
_PLURALS = {"index": "indexes", "policy": "policies", "statistics": "extended statistics"}


def split(key: str) -> tuple[str, str]:
    """``("trigger", "x on y")`` of ``"trigger x on y"``; the longest kind that fits."""
    fits = [kind for kind in KINDS if key == kind or key.startswith(kind + " ")]
    kind = max(fits, key=len) if fits else key.partition(" ")[0]
    return kind, key[len(kind) + 1 :]


def owner_and_part(key: str, objects: Objects) -> tuple[str, str]:
    """(table, name) of a column, constraint, trigger, policy, rule or index; a name may hold a dot itself."""
    kind, name = split(key)
    if kind in ("trigger", "policy", "rule"):
        part, _, table = name.rpartition(" on ")
        return table, part
    if kind in ("index", "statistics"):
        return str(objects[key].get("table", "")), name
    if name.count(".") > 1:
        tables = {split(other)[1] for other in objects if split(other)[0] in (*RELATIONS, "domain")}
        cuts = [at for at, letter in enumerate(name) if letter == "." and name[:at] in tables]
        if cuts:
            return name[: cuts[-1]], name[cuts[-1] + 1 :]
    table, _, part = name.partition(".")
    return table, part


def said(key: str, objects: Objects) -> str:
    """The object as a sentence names it: ``constraint chk_x of table t``, ``index i on t``."""
    kind, name = split(key)
    if kind in ("constraint", "domain constraint"):
        table, part = owner_and_part(key, objects)
        what = "domain" if kind == "domain constraint" else "table"
        return f"{_constraint(objects[key])} {part} of {what} {table}"
    if kind == "index":
        return f"index {name} on {objects[key].get('table')}"
    if kind == "schema":
        return "the schema"
    return f"{'extended statistics' if kind == 'statistics' else kind} {name}"


def identified(key: str, objects: Objects) -> str:
    """The object as SQL names it after its kind: ``COLUMN t.c``, ``CONSTRAINT c ON t``."""
    kind, _ = split(key)
    if kind == "column":
        return "COLUMN {}.{}".format(*map(quote, owner_and_part(key, objects)))
    if kind in ("constraint", "trigger", "policy", "rule"):
        table, part = owner_and_part(key, objects)
        return f"{kind.upper()} {quote(part)} ON {quote(table)}"
    if kind == "domain constraint":
        domain, part = owner_and_part(key, objects)
        return f"CONSTRAINT {quote(part)} ON DOMAIN {quote(domain)}"
    if kind == "schema":
        return "SCHEMA @schema@"
    return f"{sql_kind(kind)} {sql_name(key)}"


def sql_kind(kind: str) -> str:
    """The word ALTER takes: a partitioned table is a table."""
    return "TABLE" if kind == "partitioned table" else kind.upper()


def sql_name(key: str) -> str:
    """A name ready for SQL; functions bring their arguments along."""
    kind, name = split(key)
    if kind not in ("function", "procedure", "aggregate"):
        return quote(name)
    plain, bracket, arguments = name.partition("(")
    return quote(plain) + bracket + arguments


def parent(key: str, objects: Objects) -> str | None:
    """The object that takes this one along when it is dropped; None for one that stands alone."""
    kind, _ = split(key)
    if kind == "sequence":
        column = f"column {objects[key]['owned by']}" if "owned by" in objects[key] else None
        return column if column in objects else None
    if kind not in (
        "column",
        "constraint",
        "domain constraint",
        "index",
        "trigger",
        "policy",
        "rule",
        "statistics",
    ):
        return None  # fmt: skip
    table, part = owner_and_part(key, objects)
    if kind == "index" and f"constraint {table}.{part}" in objects:
        return f"constraint {table}.{part}"
    wanted = ("domain",) if kind == "domain constraint" else RELATIONS
    return next((f"{w} {table}" for w in wanted if f"{w} {table}" in objects), None)


def view(key: str) -> bool:
    """Whether the object is a view or a materialized view."""
    return split(key)[0] in ("view", "materialized view")


def columns(these: Objects, those: Objects) -> dict[str, list[str]]:
    """{table: its columns in their order}, those that both sides have."""
    placed: dict[str, list[tuple[int, str]]] = {}
    for key in these:
        if key.startswith("column ") and key in those:
            table, name = owner_and_part(key, these)
            placed.setdefault(table, []).append((these[key]["position"], name))
    return {table: [name for _, name in sorted(held)] for table, held in placed.items()}


def counted(number: int, kind: str) -> str:
    """``1 column``, ``3 indexes``."""
    return count(number, kind, _PLURALS.get(kind, ""))


def _constraint(attributes: Mapping[str, Any]) -> str:
    starts = {"FOREIGN KEY": "foreign key", "PRIMARY KEY": "primary key", "UNIQUE": "unique constraint"}
    definition = str(attributes.get("definition", ""))
    return next((word for start, word in starts.items() if definition.startswith(start)), "constraint")

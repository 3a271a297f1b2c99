"""The catalogue of one application schema as plain values, and its fingerprint.

docs/reference/fingerprint.md lists what is covered, each line with its test.  Not covered: ``alembic_version``,
rows, and members of an extension (the extension itself counts).  Read-only; no lock beyond ACCESS SHARE.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from ..settings import Schemas
from .canonical import same

QUERIES = ("relations", "columns", "constraints", "indexes", "functions", "triggers", "types", "others")
# What belongs to an installation and not to the schema's definition.  A NOT NULL has a name since PostgreSQL 18 only.
LOCAL = frozenset(
    {"owner", "grants", "tablespace", "publications", "version", "state", "not null name", "not null comment"}
)
_SETTINGS = r"(?:revision|direction|run|lock_attempt_ms|lock_cap_seconds)\b"


@dataclass(frozen=True)
class Fingerprint:
    """``objects``: {"index idx_a": {"table": …, "definition": …}, …}; equal when everything is equal."""

    objects: Mapping[str, Mapping[str, Any]]

    @property
    def hashes(self) -> dict[str, str]:
        """One short hash per object."""
        return {name: _hash(value) for name, value in self.objects.items()}

    @property
    def total(self) -> str:
        """One hash in all."""
        return _hash(sorted(self.hashes.items()))

    def portable(self) -> Fingerprint:
        """Without what differs from one installation to the next: owners, grants and the rest of LOCAL."""
        return Fingerprint({n: v for n, v in self.without(LOCAL).objects.items() if n != "schema"})

    def without(self, attributes: Collection[str]) -> Fingerprint:
        """Every object, less these attributes."""
        return Fingerprint(
            {
                name: {key: value for key, value in held.items() if key not in attributes}
                for name, held in self.objects.items()
            }
        )


def read(connection: psycopg.Connection[Any], schema: str, *, state: bool = False) -> Fingerprint:
    """The fingerprint of ``schema``; names of that schema appear as ``@schema@`` wherever they occur.

    ``state`` adds where each sequence stands.  That belongs to a comparison of one database with itself (before
    going up and after coming down); against a revision it would say nothing, since a live portal's sequences
    move.  It needs the right to read every sequence (psycopg.errors.InsufficientPrivilege without it).
    """
    objects: dict[str, dict[str, Any]] = {}
    portable = _Portable(Schemas(schema))
    with connection.transaction():
        connection.execute("SET TRANSACTION READ ONLY")
        # pg_get_… print the names of this schema bare, whatever the caller's path is.
        connection.execute(
            "SELECT set_config('search_path', quote_ident(%s) || ', pg_temp', true)", (schema,)
        )
        for query in QUERIES:
            for kind, name, attributes in connection.execute(_query(query), {"schema": schema}):
                objects[f"{kind} {name}".strip()] = portable(attributes)
        for kind, name, attributes in connection.execute(_query("grants"), {"schema": schema}):
            objects.get(f"{kind} {name}".strip(), {}).update(attributes)
        if state:
            for name, stands in _states(connection, schema, objects):
                objects[name]["state"] = stands
    return Fingerprint(dict(sorted(objects.items())))


def _states(
    connection: psycopg.Connection[Any], schema: str, objects: Iterable[str]
) -> Iterable[tuple[str, str]]:
    """(object, "17 called") of every sequence: one statement reads them all."""
    reading = [
        sql.SQL("SELECT {}, last_value || CASE WHEN is_called THEN ' called' ELSE '' END FROM {}").format(
            sql.Literal(name), sql.Identifier(schema, name.removeprefix("sequence "))
        )
        for name in objects
        if name.startswith("sequence ")
    ]
    return connection.execute(sql.SQL(" UNION ALL ").join(reading)) if reading else ()


def differences(before: Fingerprint, after: Fingerprint) -> list[str]:
    """Every difference in words, object by object; empty when the two are equal."""
    return [
        *(f"missing: {name}" for name in before.objects if name not in after.objects),
        *(f"added: {name}" for name in after.objects if name not in before.objects),
        *(
            line
            for name, attributes in before.objects.items()
            if name in after.objects
            for line in _changes(name, attributes, after.objects[name])
        ),
    ]


def _changes(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    for key in sorted(before.keys() | after.keys()):
        if not same(key, before.get(key), after.get(key)):
            yield f"changed: {name}: {key} was {_short(before.get(key))}, is {_short(after.get(key))}"


def _short(value: Any) -> str:
    text = "absent" if value is None else " ".join(str(value).split())
    return text if len(text) <= 160 else text[:157] + "..."


def _query(name: str) -> bytes:
    return (files("kingston_schema") / "sql" / "catalog" / f"{name}.sql").read_bytes()


class _Portable:
    """Takes the names of a portal's three schemas out of definitions and function bodies.

    Qualified names of the application schema become bare ones; its name as a word (a literal, a search
    path) and the two other schemas become ``@schema@``, ``@control@`` and ``@archive@``.  Comments are prose.
    """

    def __init__(self, names: Schemas) -> None:
        own, control, archive = map(re.escape, (names.application, names.control, names.archive))
        self._any = (names.application, names.control)  # the archive's name begins with the control schema's
        self._replacements = [
            (re.compile(rf"\b{archive}\b"), "@archive@"),
            # kingston.revision and the like are settings, whatever the schema is called.
            (re.compile(rf"(?<![\w$]){control}\.(?!{_SETTINGS})"), "@control@."),
            (re.compile(rf"(?<![\w$.\"]){own}\."), ""),
            (re.compile(rf"'{own}'"), "'@schema@'"),
            (re.compile(rf"\bsearch_path=\"?{own}\"?(?=[,\s]|$)"), "search_path=@schema@"),
        ]

    def __call__(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item if "comment" in key else self(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self(item) for item in value]
        if not isinstance(value, str) or not any(name in value for name in self._any):
            return value
        for pattern, replacement in self._replacements:
            value = pattern.sub(replacement, value)
        return value


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""What a recovery would do: rows to insert, change and delete, and what it leaves alone and why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ..audit.tracked import Tracked
from . import keys as foreign
from .keys import ForeignKey
from .replay import MARKER, Row
from .scope import PHONES

# Counts on, so that whoever still holds the row of before is told that it changed.
COUNTING = ("version",)
STATEMENTS = "networth_statements"  # immutable: written once, never changed, gone only with its client group
_ENVELOPE = re.compile(r"enc:1:[1-9][0-9]{0,4}:")
_MASK = "XXXXXXXX000"  # of a number that is there as ciphertext only
INDEX_LOST = "phone_number_index: the number is found by it again when it is saved"


@dataclass(frozen=True)
class Change:
    """One row: ``action`` insert, update or delete; ``columns`` {name: (now, then)}; ``document``: the row to write.

    ``instead``: columns that get another value than they had then; ``lost`` says why.
    """

    table: str
    key: str
    action: str
    columns: dict[str, tuple[Any, Any]]
    document: str | None = field(default=None, repr=False)
    instead: dict[str, Any] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Left:
    """One row that stays as it is although it was different then, and why."""

    table: str
    key: str
    why: str


class Planner:
    """Builds the changes table by table, parents first, so that each knows which parents will be there."""

    def __init__(
        self, connection: psycopg.Connection[Any], recorded: dict[str, Tracked], fks: list[ForeignKey],
        generated: set[tuple[str, str]], lose_secrets: bool,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.recorded = recorded
        self.fks = fks
        self.generated = generated
        self.lose_secrets = lose_secrets
        self.changes: list[Change] = []
        self.left: list[Left] = []

    def plan(self, rows: dict[str, list[Row]]) -> None:
        """Fill ``changes`` (in the order in which they can be written) and ``left``."""
        order = foreign.parents_first([self.recorded[name].table for name in rows], self.fks)
        by_table = {self.recorded[name].table: name for name in rows}
        self.coming: set[tuple[str, str, Any]] = set()
        self.going: dict[str, set[str]] = {}
        self.groups_going = {
            row.now["id"] for row in rows.get("client_groups", []) if row.now is not None and row.then is None
        }
        deletes: list[Change] = []
        for table in reversed(order):
            name = by_table[table]
            deletes += [c for row in rows[name] if row.then is None and row.now is not None
                        for c in self._delete(name, row)]  # fmt: skip
        self.changes += deletes
        updates: list[Change] = []
        for table in order:
            name = by_table[table]
            for row in rows[name]:
                if row.then is None:
                    continue
                if row.now is None:
                    self._insert(name, row)
                else:
                    updates += self._update(name, row)
        self.changes += updates

    def _delete(self, name: str, row: Row) -> list[Change]:
        assert row.now is not None
        table = self.recorded[name].table
        if name == STATEMENTS and row.now["client_group_id"] not in self.groups_going:
            return self._stay(name, row, "a net-worth statement is immutable and stays")
        secret = self._secrets(name, row.now, tuple(row.now))
        if secret and not self.lose_secrets:
            return self._stay(name, row, f"{secret} is not encrypted: no undo could bring it back (--lose-secrets)")
        for key in self.fks:
            if key.parent != table or row.now.get(key.target) is None:
                continue
            for child in key.children(self.connection, row.now[key.target]):
                if not self._goes_too(key.child, json.loads(child)):
                    return self._stay(name, row, f"a row of {key.child} refers to it and would go with it")
        self.going.setdefault(table, set()).add(row.key)
        columns = {column: (value, None) for column, value in row.now.items() if value is not None}
        return [Change(name, row.key, "delete", columns)]

    def _goes_too(self, table: str, child: dict[str, Any]) -> bool:
        for tracked in self.recorded.values():
            if tracked.table == table:
                key = {column: child[column] for column in tracked.key}
                return any(json.loads(gone) == key for gone in self.going.get(table, ()))
        return False

    def _insert(self, name: str, row: Row) -> None:
        assert row.then is not None
        tracked = self.recorded[name]
        instead: dict[str, Any] = {}
        lost: list[str] = []
        for column in row.unknown:
            if name == PHONES and column == "phone_number" and _cipher(row.then.get("phone_number_encrypted")):
                instead[column] = _MASK
                lost.append(f"{column}: the mask was not kept; it shows again when the number is saved")
            elif name == PHONES and column == "phone_number":
                self._stay(name, row, "its number was not encrypted: the history holds no value of it")
                return
            elif name == PHONES and column == "phone_number_index":
                instead[column] = None
                lost.append(INDEX_LOST)
            else:
                instead[column] = None
                lost.append(f"{column}: was not encrypted, the history holds no value of it")
        for key in self.fks:
            value = row.then.get(key.column)
            if key.child != tracked.table or value is None or self._there(key, value):
                continue
            if key.required:
                self._stay(name, row, f"{key.parent} {value}, to which it refers, is gone")
                return
            instead[key.column] = None
            lost.append(f"{key.column}: {key.parent} {value} is gone")
        for target in {key.target for key in self.fks if key.parent == tracked.table}:
            self.coming.add((tracked.table, target, row.then.get(target)))
        columns = {
            column: (None, instead.get(column, value)) for column, value in row.then.items()
            if instead.get(column, value) is not None and (tracked.table, column) not in self.generated
        }  # fmt: skip
        self.changes.append(Change(name, row.key, "insert", columns, row.text, instead, tuple(lost)))

    def _update(self, name: str, row: Row) -> list[Change]:
        assert row.now is not None
        assert row.then is not None
        tracked = self.recorded[name]
        columns, lost = {}, []
        for column, was in row.then.items():
            now = row.now.get(column)
            if column not in row.now or now == was or column in COUNTING or (tracked.table, column) in self.generated:
                continue
            if was == MARKER:
                lost.append(f"{column}: was not encrypted, the history holds no value of it; it stays as it is")
            elif self._secrets(name, row.now, (column,)) and not self.lose_secrets:
                lost.append(f"{column}: is not encrypted, no undo could bring it back; it stays (--lose-secrets)")
            else:
                columns[column] = (now, was)
        instead = self._number(name, row, columns, lost)
        for key in self.fks:
            if key.child == tracked.table and key.column in columns and columns[key.column][1] is not None:
                now, was = columns[key.column]
                if not self._there(key, was):
                    del columns[key.column]
                    lost.append(f"{key.column}: {key.parent} {was} is gone; it stays {now}")
        if columns and name == STATEMENTS:
            return self._stay(name, row, "a net-worth statement is immutable and stays")
        if lost and not (set(columns) - {"updated_at", "updated_by"}):
            return self._stay(name, row, "; ".join(lost))
        return [Change(name, row.key, "update", columns, row.text, instead, tuple(lost))] if columns else []

    def _number(
        self, name: str, row: Row, columns: dict[str, tuple[Any, Any]], lost: list[str]
    ) -> dict[str, Any]:
        """A telephone number, its mask and its index go together; the history has the ciphertext alone."""
        if name != PHONES or "phone_number_encrypted" not in columns:
            return {}
        assert row.now is not None
        was = columns["phone_number_encrypted"][1]
        if not _cipher(was):  # it was plain then
            for column in ("phone_number_encrypted", "phone_number_index"):
                columns.pop(column, None)
            return {}
        lost[:] = [text for text in lost if not text.startswith("phone_number")]
        lost += ["phone_number: the mask was not kept; it shows again when the number is saved", INDEX_LOST]
        columns["phone_number"] = (row.now["phone_number"], _MASK)
        columns["phone_number_index"] = (row.now["phone_number_index"], None)
        return {"phone_number": _MASK, "phone_number_index": None}

    def _there(self, key: ForeignKey, value: Any) -> bool:
        if (key.parent, key.target, value) in self.coming:
            return True
        if key.target == "id" and f'{{"id": {value}}}' in self.going.get(key.parent, ()):
            return False
        return key.exists(self.connection, value)

    def _secrets(self, name: str, document: dict[str, Any], columns: tuple[str, ...]) -> str:
        """The columns among ``columns`` that hold a secret in plain, which the history would only mark."""
        if name == PHONES and _cipher(document.get("phone_number_encrypted")):
            return ""  # phone_number is its mask, the index can be computed
        plain = [
            column for column in columns
            if column in self.recorded[name].sensitive and document.get(column) and not _cipher(document[column])
        ]  # fmt: skip
        return ", ".join(plain)

    def _stay(self, name: str, row: Row, why: str) -> list[Change]:
        self.left.append(Left(name, row.key, why))
        return []


def _cipher(value: Any) -> bool:
    return isinstance(value, str) and _ENVELOPE.match(value) is not None

"""What a recovery would do: rows to insert, change and delete, and what it leaves alone and why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ..audit.tracked import Tracked
from . import keys as foreign
from . import plain
from .change import Change, Left
from .columns import Columns
from .keys import ForeignKey
from .present import NAMED, Present
from .replay import MARKER, Row
from .scope import GROUPS, LINKS, MEMBERS

# Counts on, so that whoever still holds the row of before is told that it changed.
COUNTING = ("version",)
STATEMENTS = "networth_statements"  # immutable: written once, never changed, gone only with its client group
# The database keeps it for itself, and it goes with its product.
KEPT_BY_THE_DATABASE = ("ownership_memory",)
# A row that says that two belong together says nothing without one of them.
TIES = (LINKS, MEMBERS)


@dataclass
class Planner:
    """Builds the changes table by table, parents first, so that each knows which parents will be there."""

    connection: psycopg.Connection[Any]
    recorded: dict[str, Tracked]
    fks: list[ForeignKey]
    columns: Columns
    lose_secrets: bool
    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def plan(self, rows: dict[str, list[Row]]) -> None:
        """Fill ``changes`` (in the order in which they can be written) and ``left``."""
        order = foreign.parents_first([self.recorded[name].table for name in rows], [*self.fks, NAMED])
        by_table = {self.recorded[name].table: name for name in rows}
        self.present = Present(self.connection, self.recorded, self.fks)
        self.groups_going = {
            row.now["id"] for row in rows.get(GROUPS, []) if row.now is not None and row.then is None
        }
        for table in reversed(order):
            name = by_table[table]
            self.changes += [c for row in rows[name] if row.then is None and row.now is not None
                             for c in self._delete(name, row)]  # fmt: skip
        updates: list[Change] = []
        for table in order:
            name = by_table[table]
            for row in (row for row in rows[name] if row.then is not None):
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
        secret = plain.secrets(self.recorded[name], row.now, tuple(row.now))
        if secret and not self.lose_secrets:
            return self._stay(name, row, f"{secret} is not encrypted: no undo could bring it back (--lose-secrets)")
        for key in self.fks:
            if key.parent != table or row.now.get(key.target) is None or key.child in KEPT_BY_THE_DATABASE:
                continue
            for child in key.children(self.connection, row.now[key.target]):
                if not self.present.goes_too(key.child, json.loads(child)):
                    return self._stay(name, row, f"a row of {key.child} refers to it and would go with it")
        self.present.goes(table, row.key)
        columns = {column: (value, None) for column, value in row.now.items() if value is not None}
        return [Change(name, row.key, "delete", columns)]

    def _insert(self, name: str, row: Row) -> None:
        assert row.then is not None
        tracked = self.recorded[name]
        found = plain.unknown(name, row)
        if found is None:
            self._stay(name, row, "its number was not encrypted: the history holds no value of it")
            return
        instead, lost = found
        for key in self.fks:
            value = row.then.get(key.column)
            if key.child != tracked.table or value is None or self.present.has(key, value):
                continue
            if key.required or name in TIES:
                self._stay(name, row, f"{key.parent} {value}, to which it refers, is gone")
                return
            instead[key.column] = None
            lost.append(f"{key.column}: {key.parent} {value} is gone")
        self.present.comes(tracked.table, row.then)
        gone = self.present.gone_owners(name, row)
        lost += [f"ownership_details: names product owner {number}, who is gone" for number in gone]
        here = self.columns[tracked.table]
        lost += [_no_column(name) for name, value in row.then.items() if name not in here and value is not None]
        columns = {
            column: (None, instead.get(column, value)) for column, value in row.then.items()
            if instead.get(column, value) is not None and not here.get(column, True)
        }  # fmt: skip
        self.changes.append(Change(name, row.key, "insert", columns, row.text, instead, tuple(lost)))

    def _update(self, name: str, row: Row) -> list[Change]:
        assert row.now is not None
        assert row.then is not None
        tracked = self.recorded[name]
        here = self.columns[tracked.table]
        columns, lost = {}, []
        for column, was in row.then.items():
            now = row.now.get(column)
            if now == was or column in COUNTING or here.get(column, False):
                continue
            if column not in here:
                lost.append(_no_column(column))
            elif was == MARKER:
                lost.append(f"{column}: was not encrypted, the history holds no value of it; it stays as it is")
            elif plain.secrets(tracked, row.now, (column,)) and not self.lose_secrets:
                lost.append(f"{column}: is not encrypted, no undo could bring it back; it stays (--lose-secrets)")
            else:
                columns[column] = (now, was)
        instead = plain.number(name, row, columns, lost)
        if "ownership_details" in columns and (gone := self.present.gone_owners(name, row)):
            del columns["ownership_details"]
            lost.append(f"ownership_details: product owner {gone[0]} is gone; it stays")
        for key in self.fks:
            if key.child == tracked.table and key.column in columns and columns[key.column][1] is not None:
                now, was = columns[key.column]
                if not self.present.has(key, was):
                    del columns[key.column]
                    lost.append(f"{key.column}: {key.parent} {was} is gone; it stays {now}")
        if columns and name == STATEMENTS:
            return self._stay(name, row, "a net-worth statement is immutable and stays")
        if lost and not (set(columns) - {"updated_at", "updated_by"}):
            return self._stay(name, row, "; ".join(lost))
        return [Change(name, row.key, "update", columns, row.text, instead, tuple(lost))] if columns else []

    def _stay(self, name: str, row: Row, why: str) -> list[Change]:
        self.left.append(Left(name, row.key, why))
        return []


def _no_column(name: str) -> str:
    return f"{name}: the table has no such column now"

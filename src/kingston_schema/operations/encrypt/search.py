"""Search by content: do the values themselves stand anywhere in plain?  Compared here, so no statement carries one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from ...crypto.blind_index import normalise
from ...crypto.places import tables
from ...settings import Schemas

SHORTEST = 6  # characters: a shorter value stands anywhere by chance
ROWS = 2000
_NUMBER = re.compile(r"\+?[0-9 ().-]{7,25}")


class Values:
    """The plain values of all fields, as long as the search lasts."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._numbers: set[str] = set()

    def add(self, plain: str, number: bool) -> None:
        """Look for this one, too."""
        if number:
            self._numbers.add(normalise(plain))
        elif len(plain.strip()) >= SHORTEST:
            self._texts.add(plain.strip())

    def within(self, cell: Any) -> int:
        """How many of them a cell is, or holds as a leaf of its document."""
        if isinstance(cell, str):
            if cell.strip() in self._texts:
                return 1
            return int(bool(_NUMBER.fullmatch(cell)) and normalise(cell) in self._numbers)
        return sum(map(self.within, _leaves(cell)))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def search(connection: psycopg.Connection[Any], names: Schemas, values: Values) -> dict[str, int]:
    """{"schema.table.column": how often} of every column of text or JSON of every table, archive and history included."""
    found: Counter[str] = Counter()
    for schema, table in tables(connection, names):
        columns = [
            row[0]
            for row in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND"
                " atttypid IN ('text'::regtype, 'varchar'::regtype, 'json'::regtype, 'jsonb'::regtype) ORDER BY attnum",
                (sql.Identifier(schema, table).as_string(connection),),
            )
        ]
        chosen = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns)
        with connection.transaction(), connection.cursor("kingston_search") as cursor:
            cursor.itersize = ROWS
            for row in cursor.execute(
                sql.SQL("SELECT {} FROM {}").format(chosen, sql.Identifier(schema, table))
            ):
                for column, cell in zip(columns, row, strict=True):
                    if cell and (number := values.within(_parsed(cell))):
                        found[f"{schema}.{table}.{column}"] += number
    return dict(sorted(found.items()))


def _parsed(cell: str) -> Any:
    if cell[0] in "{[":
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    return cell

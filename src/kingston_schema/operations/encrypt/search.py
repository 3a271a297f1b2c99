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
# A list of texts is looked at as a document.
_COLUMNS = (
    "SELECT attname, atttypid IN ('text[]'::regtype, 'varchar[]'::regtype) FROM pg_attribute WHERE attrelid = %s::regclass"
    " AND attnum > 0 AND NOT attisdropped AND atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype,"
    " 'json'::regtype, 'jsonb'::regtype, 'text[]'::regtype, 'varchar[]'::regtype) ORDER BY attnum"
)
# Samples of what columns, expressions of indexes and extended statistics hold, or held before.
_STATISTICS = (
    "SELECT format('statistics of %%s.%%s.%%s', s.schemaname, s.tablename, s.attname), v FROM pg_stats AS s"
    " JOIN pg_namespace AS n ON n.nspname = s.schemaname JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename"
    " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = s.attname"
    " CROSS JOIN LATERAL unnest(CASE WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype,"
    " 'jsonb'::regtype) THEN coalesce(s.most_common_vals::text::text[], '{}') ||"
    " coalesce(s.histogram_bounds::text::text[], '{}') END) AS v"
    " WHERE s.schemaname = ANY (%(schemas)s) UNION ALL SELECT format('statistics %%s.%%s', s.statistics_schemaname,"
    " s.statistics_name), v FROM pg_stats_ext AS s CROSS JOIN LATERAL unnest(s.most_common_vals) AS v"
    " WHERE s.schemaname = ANY (%(schemas)s)"
)


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
    """{"schema.table.column": how often} of every column of text or JSON of every table, archive and history included.

    Samples in the planner's statistics are looked at, too, as ``statistics of schema.table.column``.
    """
    found: Counter[str] = Counter()
    for schema, table in tables(connection, names):
        columns = connection.execute(
            _COLUMNS.encode(), (sql.Identifier(schema, table).as_string(connection),)
        ).fetchall()
        chosen = sql.SQL(", ").join(
            sql.SQL("to_jsonb({})::text" if listed else "{}::text").format(sql.Identifier(column))
            for column, listed in columns
        )
        with connection.transaction(), connection.cursor("kingston_search") as cursor:
            cursor.itersize = ROWS
            for row in cursor.execute(
                sql.SQL("SELECT {} FROM {}").format(chosen, sql.Identifier(schema, table))
            ):
                for (column, _), cell in zip(columns, row, strict=True):
                    if cell and (number := values.within(_parsed(cell))):
                        found[f"{schema}.{table}.{column}"] += number
    schemas = [names.application, names.control, names.archive]
    for place, sample in connection.execute(_STATISTICS.encode(), {"schemas": schemas}):
        if sample and (number := values.within(_parsed(sample))):
            found[place] += number
    return dict(sorted(found.items()))


def _parsed(cell: str) -> Any:
    if cell[0] in "{[":
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    return cell

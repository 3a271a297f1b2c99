"""Running a statement of the application in a transaction that is undone, and saying all that it did."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from kingston_schema.ddl.preflight import LEGACY_TABLES

from .statements import Statement

_INSERT = re.compile(r"INSERT INTO (\w+)")
_ORDERED = re.compile(r"\bORDER BY\b(?!.*\))", re.DOTALL)

_SEQUENCES = """
SELECT s.oid::regclass::text, pg_sequence_last_value(s.oid)
FROM pg_class AS s JOIN pg_depend AS d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'
WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace AND d.refobjid = ANY (%s::regclass[])"""
# How many rows this transaction inserted, updated and deleted in each table, cascades and triggers included.
_TOUCHED = """
SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
WHERE schemaname = 'public' AND relname = ANY (%s) AND n_tup_ins + n_tup_upd + n_tup_del > 0"""


@dataclass(frozen=True)
class Step:
    """Result of one step: columns and rows (added columns left out), rows touched, or the error."""

    columns: tuple[str, ...]
    rows: tuple[Any, ...]
    rowcount: int
    error: str = ""


@dataclass
class Outcome:
    """All that one statement gave: its steps, the added columns it handed out, the rows it touched per table."""

    steps: list[Step] = field(default_factory=list)
    handed_out: set[tuple[str, str]] = field(default_factory=set)
    touched: dict[str, tuple[int, int, int]] = field(default_factory=dict)


class Application:
    """A session of the application; remembers the sequences and the columns of ``legacy``."""

    def __init__(self, connection: psycopg.Connection[Any], known: dict[str, Any]) -> None:
        connection.prepare_threshold = None
        # The plans of these small tables are dearer to compile than to run; texts, because Python has no infinite date.
        connection.execute("SET jit = off")
        for kind in ("date", "timestamptz"):
            connection.adapters.register_loader(kind, TextLoader)
        self.connection, self.known = connection, known
        self.sequences = self.last_values()
        self.legacy_columns: dict[int, tuple[str, int]] = {
            oid: (name, count)
            for oid, name, count in connection.execute(
                "SELECT attrelid::int8, attrelid::regclass::text, max(attnum) FROM pg_attribute"
                " WHERE attrelid = ANY (%s::regclass[]) GROUP BY 1, 2",
                [list(LEGACY_TABLES)],
            )
        }

    def last_values(self) -> dict[str, int | None]:
        """Sequence → last value, of the 21 sequences behind the ids."""
        return dict(self.connection.execute(_SEQUENCES, [list(LEGACY_TABLES)]).fetchall())

    def run(self, statement: Statement) -> Outcome:
        """Run its steps in one transaction, undo it, and put the sequences back."""
        outcome, values = Outcome(), dict(self.known)
        with self.connection.transaction(force_rollback=True):
            # The counts of this transaction are flushed at its end, so that the next begins at nought.
            now, _ = (
                self.connection.execute("SELECT now()::text, pg_stat_force_next_flush()::text").fetchone()
                or ()
            )
            for step in statement.steps:
                try:
                    outcome.steps.append(self._step(step, values, now, outcome))
                except psycopg.errors.Error as error:
                    outcome.steps.append(Step((), (), -1, f"{error.sqlstate} {error.diag.message_primary}"))
                    break
            else:
                for name, *counts in self.connection.execute(_TOUCHED, [list(LEGACY_TABLES)]):
                    outcome.touched[name] = (counts[0], counts[1], counts[2])
        self.put_sequences_back()
        return outcome

    def put_sequences_back(self) -> None:
        """As they were when this session began: the next id is then the same at every revision."""
        values = [(name, value) for name, value in self.sequences.items() if value is not None]
        self.connection.execute(
            "SELECT setval(s.name, s.value) FROM unnest(%s::regclass[], %s::int8[]) AS s (name, value)",
            [[name for name, _ in values], [value for _, value in values]],
        )

    def _step(self, step: str, values: dict[str, Any], now: Any, outcome: Outcome) -> Step:
        cursor = self.connection.execute(step.encode(), values if "%(" in step or "%%" in step else None)
        if cursor.description is None or cursor.pgresult is None:
            return Step((), (), cursor.rowcount)
        kept = []
        for number, column in enumerate(cursor.description):
            table, legacy = self.legacy_columns.get(cursor.pgresult.ftable(number), ("", 0))
            if table and cursor.pgresult.ftablecol(number) > legacy:
                outcome.handed_out.add((table, column.name))
            else:
                kept.append(number)
        names = [cursor.description[number].name for number in kept]
        rows = [
            tuple("now()" if row[number] == now else row[number] for number in kept)
            for row in cursor.fetchall()
        ]
        if rows:
            named = dict(zip(names, rows[0], strict=True))
            values.update(
                {
                    name.removeprefix("keep_"): value
                    for name, value in named.items()
                    if name.startswith("keep_")
                }
            )
            if (inserted := _INSERT.match(step)) and "id" in named:
                values[f"new_{inserted[1]}"] = named["id"]
        if not _ORDERED.search(step):
            rows.sort(key=repr)
        return Step(tuple(names), tuple(rows), cursor.rowcount)

"""One walk: a database, its model, and what an application or an administrator does to both."""

from __future__ import annotations

import collections
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql

from kingston_schema.errors import RefusedError
from kingston_schema.models import metadata
from portals import Portal

from . import catalogue, documents, moves, ownership, reading
from .account import Account
from .model import (
    ANYTHING,
    COMPUTED,
    GROWING,
    LINKS,
    MEMORY,
    PRODUCTS,
    TOLD,
    TOUCHED,
    Anything,
    Json,
    Kept,
    Model,
)
from .moving import Mover
from .reading import Key
from .rows import Row

# Statements that rules refuse: of a constraint or trigger (23…), or of a feature that is switched off (55000).
REFUSALS = (psycopg.errors.IntegrityError, psycopg.errors.ObjectNotInPrerequisiteState)


class Walk:
    """``counts``: what was done; ``refused``: which rules refused how often."""

    def __init__(self, portal: Portal, model: Model, mover: Mover) -> None:
        self.portal = portal
        self.model = model
        self.mover = mover
        self.counts: collections.Counter[str] = collections.Counter()
        self.refused: collections.Counter[str] = collections.Counter()
        self.written: collections.Counter[str] = collections.Counter()
        self.account = Account()
        self._seen: dict[str, str] = {}
        self.connection = portal.connection
        self.connection.execute(
            "SELECT set_config('app.current_user_id', '7', false), set_config('app.justification', 'a walk', false)"
        )

    # -- what an application does -------------------------------------------------------------------------

    def insert(self, table: str, given: Row) -> Row | None:
        """Insert a row; gives it as it is then, nothing when a rule refused it."""
        names = sql.SQL(", ").join(map(sql.Identifier, given))
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(given))
        values = sql.SQL("({}) VALUES ({})").format(names, marks) if given else sql.SQL("DEFAULT VALUES")
        row = self._returned(
            table, sql.SQL("INSERT INTO {} {} ").format(sql.Identifier(table), values), list(given.values())
        )
        if row is None:
            return None
        self._as_given(table, given, row, dict.fromkeys(row.keys() - given.keys(), ANYTHING))
        self._new_number(table, row)
        self.model.put(table, row)
        key = tuple(row[name] for name in catalogue.key(table))
        self.account.forget(table, key)
        self.account.wrote(table, key, {name: row[name] for name in given})
        if table == LINKS:
            ownership.follow_links(self.model, [row["product_id"]])
        elif table == PRODUCTS and self.model.owned:
            ownership.follow_document(self.model, str(row["id"]), documents.parse(row["ownership_details"]))
        self._known()
        return row

    def update(self, table: str, key: Key, given: Row) -> bool:
        """Write columns of one row; False when a rule refused it."""
        sets = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in given
        )
        statement = sql.SQL("UPDATE {} SET {} WHERE {} ").format(sql.Identifier(table), sets, _where(table))
        row = self._returned(table, statement, [*given.values(), *key])
        if row is None:
            return False
        before = self.model.live[table][key]
        expected: dict[str, Any] = {name: before[name] for name in before if name not in given}
        if table not in catalogue.columns(catalogue.LEGACY) or table == "product_owners":
            expected |= dict.fromkeys(TOUCHED & row.keys(), ANYTHING)
        expected |= dict.fromkeys(catalogue.always_generated(table) - set(catalogue.key(table)), ANYTHING)
        self._as_given(table, given, row, expected)
        if table == PRODUCTS and "ownership_details" in given:
            self.account.replaced(key, before["ownership_details"])
        self.model.put(table, row)
        self.account.wrote(table, key, {name: row[name] for name in given})
        if table == LINKS:
            ownership.follow_links(self.model, ownership.links_changed({key: before}, {key: row}))
        elif table == PRODUCTS and "ownership_details" in given:
            stated = documents.parse(row["ownership_details"])
            if documents.canonical(stated) != documents.canonical(
                documents.parse(before["ownership_details"])
            ):
                ownership.follow_document(self.model, str(row["id"]), stated)
        self._known()
        return True

    def delete(self, table: str, key: Key) -> bool:
        """Delete one row with what hangs on it; False when that was refused."""
        statement = sql.SQL("DELETE FROM {} WHERE {} ").format(sql.Identifier(table), _where(table))
        if self._returned(table, statement, list(key)) is None:
            return False
        self.remove(table, [key])
        return True

    def save_owners(self, product: str, owners: list[str | None]) -> None:
        """The way of the portal: all links of the product go, new ones come one by one, each committed alone."""
        self._execute(LINKS, sql.SQL("DELETE FROM product_owner_products WHERE product_id = %s"), [product])
        self.remove(
            LINKS, [key for key, row in self.model.live[LINKS].items() if row["product_id"] == product]
        )
        for owner in owners:
            self.insert(LINKS, {"product_id": product, "product_owner_id": owner})

    def remove(self, table: str, keys: list[Key]) -> None:
        """Tell the model that these rows went in one statement."""
        before = dict(self.model.live[LINKS])
        for key in keys:
            self.model.remove(table, key)
        ownership.follow_links(self.model, ownership.links_changed(before, self.model.live[LINKS]))

    # -- what an administrator does -----------------------------------------------------------------------

    def go(self, target: str) -> bool:
        """Move to a revision; False when the way up stops, as it must, because of what people wrote."""
        start, kept = catalogue.place(self.model.revision), len(self.model.kept)
        end = catalogue.place(target)
        refused = None
        try:
            for place in range(start, end, 1 if end > start else -1):
                if end > start:
                    moves.up(self.model, catalogue.REVISIONS[place + 1])
                else:
                    moves.down(self.model, catalogue.REVISIONS[place])
        except moves.Refused as reason:
            refused = reason
        self.counts["moves"] += 1
        self.counts["revisions"] += abs(catalogue.place(self.model.revision) - start)
        told = self._entries()
        try:
            self.mover.go(self.portal.url, target, down=end < start)
        except RefusedError:
            if refused is None:
                raise
            self.counts["refused moves"] += 1
        else:
            assert refused is None, f"the way to {target} must be refused: {refused}"
        assert self.portal.one("SELECT version_num FROM alembic_version") == self.model.revision
        self._seen.clear()
        self.check(TOLD)
        self.check_archive()
        assert self._entries() - told == len(self.model.kept) - kept, "quarantined, and told in the register"
        return refused is None

    # -- what must be true --------------------------------------------------------------------------------

    def check(self, growing: frozenset[str] = GROWING) -> None:
        """Every live row of every table is what the model says; what only the database knows is taken over."""
        texts = reading.live(self.connection, self.model.revision)
        for table, text in texts.items():
            if table in COMPUTED or (text == self._seen.get(table) and table not in self.model.touched):
                continue
            found = reading.rows(table, self.model.revision, text)
            self._compare(table, self.model.live[table], found, growing)
            self.model.live[table] = found
            self._seen[table] = text
        assert not self.model.coming, f"not there: {self.model.coming}"
        self.model.touched.clear()
        self.model.seeded.clear()
        if MEMORY in self.model.live:
            self._check_memory()

    def _compare(
        self, table: str, held: dict[Key, Row], found: dict[Key, Row], growing: frozenset[str]
    ) -> None:
        if table == MEMORY:
            return  # by what it says: see _check_memory
        for key, row in held.items():
            assert key in found, f"{table} {key} is missing: {row}"
            for name, value in row.items():
                if isinstance(value, Anything) and value.matches(found[key][name]):
                    continue
                assert value == found[key][name], (
                    f"{table} {key} {name}: must be {value!r}, is {found[key][name]!r}"
                )
        for key in sorted(
            found.keys() - held.keys(), key=lambda key: [(len(str(part)), str(part)) for part in key]
        ):
            if table not in growing and table not in self.model.seeded:
                self._expected(table, found[key])

    def _expected(self, table: str, row: Row) -> None:
        for each in self.model.coming:
            name, values = each
            if name == table and all(v is ANYTHING or v == row[n] for n, v in values.items()):
                self.model.coming.remove(each)
                self._new_number(table, row)
                return
        raise AssertionError(f"nobody wrote {table} {row}")

    def _check_memory(self) -> None:
        found: dict[str, dict[frozenset[int], Any]] = {}
        for row in self.model.live[MEMORY].values():
            names = frozenset(int(n) for n in re.findall("[0-9]+", row["owner_ids"] or ""))
            found.setdefault(str(row["product_id"]), {})[names] = documents.canonical(
                documents.parse(row["ownership_details"])
            )
        held = {
            product: {names: documents.canonical(document) for names, document in each.items()}
            for product, each in self.model.memory.items()
            if each
        }
        assert found == held, "remembered ownership"

    def settle(self) -> None:
        """The end: every value that was written here is somewhere, or its user deleted it."""
        self.check_archive()
        self.counts["values accounted for"] += self.account.settle(
            self.model, reading.archive(self.connection)
        )

    def check_archive(self) -> None:
        """What rests, waits and is kept, is there, and nothing else."""
        found = reading.archive(self.connection)
        model = self.model
        assert found.tables.keys() == model.resting.keys()
        for table, rows in found.tables.items():
            if table not in COMPUTED:
                self._compare(table, model.resting[table], rows, TOLD)
                model.resting[table] = rows
        assert _filled(found.columns) == _filled(model.waiting)
        for table, kept in found.kept.items():
            wanted = [each for each in model.kept if each.table == table]
            for each in wanted:
                match = next((entry for entry in kept if _is(each, *entry)), None)
                assert match is not None, f"not in quarantine: {each}"
                kept.remove(match)
            assert kept == [], f"nobody lost this: {kept}"
        lost = {each.table for each in model.kept} - found.kept.keys()
        assert not lost, f"not in quarantine: {[each for each in model.kept if each.table in lost]}"

    # -- inner works --------------------------------------------------------------------------------------

    def _known(self) -> None:
        """What only the database knows is looked at before it is needed."""
        if self.model.coming:
            self.check()

    def _returned(self, table: str, statement: sql.Composed, values: list[str | None]) -> Row | None:
        names = self.model.columns[table]
        returning = sql.SQL("RETURNING {}").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
        )
        row = self._execute(table, statement + returning, values)
        return None if row is None else dict(zip(names, row, strict=True))

    def _execute(self, table: str, statement: Any, values: list[str | None]) -> Any:
        self.counts["writes"] += 1
        try:
            cursor = self.connection.execute(statement, values)
            self.written[table] += 1
            return cursor.fetchone() if cursor.description else None
        except REFUSALS as error:
            self.counts["refused writes"] += 1
            self.refused[f"{table} {error.diag.constraint_name or error.sqlstate}"] += 1
            return None

    def _as_given(self, table: str, given: Row, row: Row, others: Mapping[str, Any]) -> None:
        for name, value in given.items():
            if name in TOUCHED and value != row[name] and table not in catalogue.columns(catalogue.LEGACY):
                continue  # a time or name that did not change is not believed
            assert _same(table, name, value, row[name]), (
                f"{table} {name}: wrote {value!r}, stored {row[name]!r}"
            )
        for name, value in others.items():
            assert value is ANYTHING or value == row[name], (
                f"{table} {name} was not written: {value!r} became {row[name]!r}"
            )

    def _new_number(self, table: str, row: Row) -> None:
        """A number of an identity column is never given twice, whatever went to rest or was deleted."""
        if "id" in catalogue.always_generated(table) or table == LINKS:
            number = int(row["id"] or 0)
            assert number > self.model.highest.get(table, 0), f"{table} {number} was there before"
            self.model.highest[table] = number

    def _entries(self) -> int:
        if not self.portal.one("SELECT to_regclass('kingston.archive_entry') IS NOT NULL"):
            return 0
        return int(
            self.portal.one(
                "SELECT coalesce(sum(rows_moved), 0) FROM kingston.archive_entry WHERE movement = 'quarantined'"
            )
        )


def _where(table: str) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in catalogue.key(table)
    )


def _same(table: str, name: str, given: str | None, stored: str | None) -> bool:
    """Whether the database holds what was written, in its own spelling."""
    if given is None or stored is None:
        return given == stored
    kind = metadata.tables[table].columns[name].type
    if isinstance(kind, postgresql.JSONB):
        return Json(documents.parse(given)).matches(stored)
    if isinstance(kind, sa.Numeric):
        return given == stored == "NaN" or Decimal(given) == Decimal(stored)
    return given == stored


def _filled(waiting: dict[tuple[str, str], dict[Key, Row]]) -> dict[tuple[str, str], dict[Key, Row]]:
    return {name: rows for name, rows in waiting.items() if rows}


def _is(kept: Kept, row: Row, reason: str) -> bool:
    return re.fullmatch(kept.reason, reason) is not None and all(
        value.matches(row.get(name)) if isinstance(value, Anything) else value == row.get(name)
        for name, value in kept.row.items()
    )

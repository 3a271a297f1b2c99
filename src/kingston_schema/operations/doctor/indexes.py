"""Indexes whose build, rebuild or drop was cut off: they cost every write and serve no query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...catalog import expected
from ...catalog.names import quote
from ...ddl.indexes import BUILDING, building
from ...wording import count
from .hands import Hands
from .patient import Ill, Patient

CODE = "invalid_index"
# What REINDEX CONCURRENTLY leaves when it is cut off.
_REINDEX = re.compile(r"_cc(?:new|old)\d*\Z")
_SUSPECTS = (
    "SELECT n.nspname, c.relname, t.relname, i.indisvalid AND i.indisready AND i.indislive, i.indislive,"
    " coalesce(CASE WHEN i.indisunique AND i.indexprs IS NULL THEN"
    "  (SELECT array_agg(format('t.%I', a.attname) ORDER BY u.place)"
    "     FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (number, place)"
    "     JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.place <= i.indnkeyatts) END, '{}'),"
    " pg_get_expr(i.indpred, i.indrelid)"
    " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'i'"
    " AND c.relnamespace IN (to_regnamespace('@schema@'), to_regnamespace('@control@'), to_regnamespace('@archive@'))"
    " AND (NOT (i.indisvalid AND i.indisready AND i.indislive) OR c.relname LIKE '%\\_\\_building') ORDER BY 1, 2"
)


@dataclass(frozen=True)
class Suspect:
    """An index that may have to be put right.  ``unique``: its columns, where that can be asked."""

    schema: str
    name: str
    table: str
    valid: bool
    live: bool
    unique: list[str]
    predicate: str | None

    @property
    def qualified(self) -> str:
        """For SQL."""
        return f"{quote(self.schema)}.{quote(self.name)}"


@dataclass(frozen=True)
class Entry:
    """What the journal knows of an index of ours."""

    index: str
    statement: str


def find(patient: Patient) -> Iterator[Ill]:
    """The revision that is recorded decides whether an index of ours is built again or dropped."""
    journal: dict[tuple[str, str], Entry] = {}
    if patient.controlled:
        for name, table, statement in patient.all(
            "SELECT index_name, table_name, statement FROM @control@.index_journal"
        ):
            entry = Entry(name, statement)
            journal |= {(name, table): entry, (building(name), table): entry}
    for row in patient.all(_SUSPECTS):
        suspect = Suspect(*row)
        ours = suspect.schema == patient.names.application
        entry_ = journal.get((suspect.name, suspect.table)) if ours else None
        ill = _journaled(patient, suspect, entry_) if entry_ else _other(patient, suspect)
        if ill is not None:
            yield ill


def _journaled(patient: Patient, suspect: Suspect, entry: Entry) -> Ill | None:
    key, half = f"index {entry.index}", suspect.name != entry.index
    state = "half built" if half else "invalid: a build or a drop was cut off"
    head = f"index {entry.index} on {suspect.table} is {state}"
    there = patient.found.get(key)
    if half and there is not None and not there.get("invalid"):
        told = f"{suspect.name} on {suspect.table} is left of a build; {entry.index} is there"
        return Ill(CODE, key, told, "the leftover is dropped", repair=lambda h: _drop(h, suspect))
    if key in patient.should:
        if suspect.valid:
            told = f"index {entry.index} on {suspect.table} is built and was not published"
            return Ill(CODE, key, told, "it is published", repair=lambda h: _publish(h, entry))
        double = _double(patient, suspect)
        if double is not None:
            return Ill(CODE, key, f"{head}, and {double[0]}", fix=double[1])
        return Ill(CODE, key, head, "it is built again", repair=lambda h: _rebuild(h, suspect, entry))
    if suspect.valid and _goes_on(patient, key):
        return None  # the upgrade that broke off takes it over as it is
    told = f"{head}, and {patient.revision} does not have it"
    return Ill(CODE, key, told, "the leftover is dropped", repair=lambda h: _forget(h, suspect, entry))


def _goes_on(patient: Patient, key: str) -> bool:
    broken = patient.interrupted
    if broken is None or broken.direction != "up":
        return False
    return key in expected.expected(broken.revision, patient.connection.info.server_version).objects


def _other(patient: Patient, suspect: Suspect) -> Ill | None:
    """The portal's own, one of a key, or one that nobody wrote down."""
    if suspect.valid:
        return None  # only its name looks like a leftover of ours
    key = f"index {suspect.name}"
    head = f"index {suspect.name} on {suspect.table} is invalid"
    left = _REINDEX.search(suspect.name) or suspect.name.endswith(BUILDING)
    if left or (not suspect.live and key not in patient.should):
        what = (
            "a drop" if not left else "REINDEX CONCURRENTLY" if _REINDEX.search(suspect.name) else "a build"
        )
        told = f"{head}: {what} was cut off"
        return Ill(CODE, key, told, "the leftover is dropped", repair=lambda h: _drop(h, suspect))
    double = _double(patient, suspect)
    if double is not None:
        return Ill(CODE, key, f"{head}, and {double[0]}", fix=double[1])
    told = f"{head}: a concurrent build was cut off"
    return Ill(CODE, key, told, "it is built again beside writers", repair=lambda h: _reindex(h, suspect))


def _double(patient: Patient, suspect: Suspect) -> tuple[str, str] | None:
    """Values that keep a unique index from being built: in words, and the query that lists them."""
    if not suspect.unique:
        return None
    columns = ", ".join(suspect.unique)
    where = " AND ".join(
        [f"{column} IS NOT NULL" for column in suspect.unique]
        + ([f"({suspect.predicate})"] if suspect.predicate else [])
    )
    table = f"{quote(suspect.schema)}.{quote(suspect.table)}"
    query = (
        f"SELECT {columns}, count(*) FROM {table} AS t WHERE {where} GROUP BY {columns} HAVING count(*) > 1"
    )
    number = patient.all(f"SELECT count(*) FROM ({query}) AS d")[0][0]
    if not number:
        return None
    said = count(number, "value occurs", "values occur")
    return f"{said} more than once", f"{query}; correct these rows, then kingston doctor --fix"


def _drop(hands: Hands, suspect: Suspect) -> str:
    with hands.patient(f"dropping {suspect.name}"):
        hands.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {suspect.qualified}")
    return "dropped"


def _forget(hands: Hands, suspect: Suspect, entry: Entry) -> str:
    _drop(hands, suspect)
    hands.execute("SELECT @control@.index_dropped(%s)", entry.index)
    return "dropped"


def _publish(hands: Hands, entry: Entry) -> str:
    hands.execute("SELECT @control@.index_published(%s, %s)", entry.index, building(entry.index))
    return "published"


def _rebuild(hands: Hands, suspect: Suspect, entry: Entry) -> str:
    half = Suspect(suspect.schema, building(entry.index), suspect.table, False, True, [], None)
    _drop(hands, suspect)
    _drop(hands, half)
    with hands.patient(f"building {entry.index}"):
        hands.execute(entry.statement)
    _publish(hands, entry)
    return "built again"


def _reindex(hands: Hands, suspect: Suspect) -> str:
    with hands.patient(f"building {suspect.name}"):
        hands.execute(f"REINDEX INDEX CONCURRENTLY {suspect.qualified}")
    return "built again"

"""Constraints that were never validated: rows from before them may break them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ...catalog.names import quote
from ...wording import count
from .hands import Hands
from .patient import Ill, Patient

CODE = "not_valid"
SHOWN = 5
# One row per constraint: what it is called, and the condition that rows which break it fulfil.
_OPEN = """
SELECT t.relname, k.conname,
       CASE WHEN k.contype = 'n' THEN 'column ' || t.relname || '.' || (SELECT a.attname FROM pg_attribute AS a
                  WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])
            ELSE 'constraint ' || t.relname || '.' || k.conname END, coalesce(
    '(' || pg_get_expr(k.conbin, k.conrelid) || ') IS FALSE',
    (SELECT string_agg(format('t.%I IS NOT NULL', l.attname), ' AND ' ORDER BY u.place)
            || format(' AND NOT EXISTS (SELECT 1 FROM %s AS p WHERE %s)', k.confrelid::regclass,
                      string_agg(format('p.%I = t.%I', r.attname, l.attname), ' AND ' ORDER BY u.place))
       FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (here, there, place)
       JOIN pg_attribute AS l ON l.attrelid = k.conrelid AND l.attnum = u.here
       JOIN pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = u.there
      WHERE k.contype = 'f'),
    (SELECT format('t.%I IS NULL', a.attname) FROM pg_attribute AS a
      WHERE k.contype = 'n' AND a.attrelid = k.conrelid AND a.attnum = k.conkey[1])),
    (SELECT string_agg(format('t.%I::text', a.attname), ' || '','' || ' ORDER BY u.place)
       FROM pg_index AS i CROSS JOIN unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (number, place)
       JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = u.number
      WHERE i.indrelid = k.conrelid AND i.indisprimary)
  FROM pg_constraint AS k JOIN pg_class AS t ON t.oid = k.conrelid
 WHERE k.connamespace = '@schema@'::regnamespace AND NOT k.convalidated AND t.relkind IN ('r', 'p')
   AND to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'
 ORDER BY 1, 2"""


def find(patient: Patient) -> Iterator[Ill]:
    """Ours and the portal's own.  Rows that break one are counted, and it is left as it is."""
    for table, name, told, condition, key in patient.all(_OPEN):
        meant = patient.should.get(told, {})
        if meant.get("not valid") or meant.get("not null") == "not valid":
            continue
        head = f"constraint {name} of table {table} is NOT VALID"
        broken, keys = _broken(patient, table, condition, key)
        if broken:
            shown = ", ".join(keys) + (", …" if broken > len(keys) else "")
            rows = count(broken, "row breaks", "rows break")
            yield Ill(
                CODE,
                told,
                f"{head}, and {rows} it{f': {shown}' if keys else ''}",
                fix=f"SELECT * FROM {quote(table)} AS t WHERE {condition}; correct these rows, then kingston doctor --fix",
            )
        else:
            yield Ill(
                CODE,
                told,
                f"{head}; no row breaks it",
                remedy="it is validated; readers and writers go on meanwhile",
                repair=partial(_validate, table=table, name=name),
            )


def _broken(patient: Patient, table: str, condition: str, key: str | None) -> tuple[int, list[Any]]:
    """How many rows break it, and the first keys of them."""
    keys = f"(array_agg({key} ORDER BY t.ctid))[1:{SHOWN}]" if key else "'{}'::text[]"
    query = f"SELECT count(*), {keys} FROM @schema@.{quote(table)} AS t WHERE {condition}"
    number, found = patient.all(query)[0]
    return number, list(found or ())


def _validate(hands: Hands, table: str, name: str) -> str:
    statement = f"ALTER TABLE {quote(table)} VALIDATE CONSTRAINT {quote(name)}"
    hands.alter(statement, table, "SHARE UPDATE EXCLUSIVE")
    return "validated"

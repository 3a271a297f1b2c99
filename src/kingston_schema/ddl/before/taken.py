"""Names that a move needs and somebody else has taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

from ...settings import Schemas
from ..sqltext import quote
from .problem import Problem
from .steps import Copied

OURS = {"quarantined_at", "reason"}  # columns of an archive of values, beside key and values
_KINDS = {"r": "table", "p": "table", "f": "foreign table", "v": "view", "m": "materialized view", "S": "sequence",
          "i": "index", "I": "index"}  # fmt: skip
# What moves with a table and has a name in its schema: the table, its indexes, its sequences.
_MOVING = """
WITH moving AS (
    SELECT c.oid, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = %(source)s AND c.relname = ANY (%(tables)s) AND c.relkind IN ('r', 'p')
), named AS (
    SELECT t.relname AS with_table, t.relname FROM moving AS t
    UNION
    SELECT t.relname, x.relname FROM moving AS t
      JOIN pg_index AS i ON i.indrelid = t.oid JOIN pg_class AS x ON x.oid = i.indexrelid
    UNION
    SELECT t.relname, s.relname FROM moving AS t
      JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.deptype IN ('a', 'i')
       AND d.classid = 'pg_class'::regclass
      JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
)
SELECT m.with_table, m.relname, c.relkind
  FROM named AS m
  JOIN pg_namespace AS n ON n.nspname = %(target)s
  LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = m.relname
  LEFT JOIN pg_type AS y ON y.typnamespace = n.oid AND y.typname = m.relname AND m.relname = m.with_table
 WHERE c.oid IS NOT NULL OR y.oid IS NOT NULL
 ORDER BY 1, m.relname <> m.with_table, 2
"""


def names(
    connection: psycopg.Connection[Any], source: str, target: str, tables: Iterable[str]
) -> list[Problem]:
    """For ``tables`` that shall move from schema ``source``: names that schema ``target`` holds already."""
    rows = connection.execute(
        _MOVING.encode(), {"source": source, "target": target, "tables": sorted(set(tables))}
    )
    problems = []
    for table, name, letter in rows.fetchall():
        kind = _KINDS.get(letter, "type")
        problems.append(
            Problem(
                f"schema {target} holds a {kind} {name}, a name that table {table} of schema {source} brings along",
                f"ALTER {kind.upper()} {quote(target)}.{quote(name)} RENAME TO {quote(f'{name[:51]}_made_below')}",
            )
        )
    return problems


def archives(
    connection: psycopg.Connection[Any], schemas: Schemas, copied: Iterable[Copied]
) -> list[Problem]:
    """An archive of values that is there already must be one of ours, and ours to write."""
    problems = []
    for copy in copied:
        row = connection.execute(
            "SELECT c.relkind = 'r' AND (SELECT array_agg(a.attname::text) FROM pg_attribute AS a"
            " WHERE a.attrelid = c.oid) @> %s::text[],"
            " pg_has_role(c.relowner, 'USAGE'), pg_get_userbyid(c.relowner), current_user::text"
            " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s",
            (sorted(OURS), schemas.archive, copy.archive),
        ).fetchone()
        if row is None:
            continue
        fits, mine, owner, user = row
        name = f"{quote(schemas.archive)}.{quote(copy.archive)}"
        if not fits:
            problems.append(
                Problem(
                    f"{name} has the name of the archive of {copy.table}, and is none of ours",
                    f"look at it, then: ALTER TABLE {name} RENAME TO {quote(copy.archive[:51] + '_found_there')}",
                )
            )
        elif not mine:
            problems.append(
                Problem(
                    f"table {name} belongs to {owner}, not to {user}",
                    f"ALTER TABLE {name} OWNER TO {quote(user)}",
                )
            )
    return problems

"""The Phase 1 schema as data: what is expected (tests/data/legacy_catalogue.json, taken from the legacy
schema's document) and what a database has (``read``), in the same shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

Catalogue = dict[str, dict[str, Any]]

EXPECTED: Catalogue = json.loads((Path(__file__).parent / "data" / "legacy_catalogue.json").read_text())

_RELATIONS = """
SELECT c.relname AS name, c.relkind::text AS kind
FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND c.relname <> 'alembic_version'
"""

_COLUMNS = """
SELECT
    c.relname AS relation,
    a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AS not_null,
    pg_get_expr(d.adbin, d.adrelid) AS default,
    CASE a.attidentity WHEN 'd' THEN 'by default' WHEN 'a' THEN 'always' END AS identity,
    (SELECT s.relname FROM pg_class AS s
     WHERE s.oid = pg_get_serial_sequence(quote_ident(c.relname), a.attname)::regclass) AS sequence,
    a.attgenerated::text AS generated
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace
  AND c.relkind IN ('r', 'v')
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""

# contype n: PostgreSQL 18 lists NOT NULL as a constraint; the columns say it already.
_CONSTRAINTS = """
SELECT
    c.relname AS relation,
    k.conname AS name,
    CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key'
                   ELSE k.contype::text END AS kind,
    columns_of(k.conrelid, k.conkey) AS columns,
    f.relname AS references,
    columns_of(k.confrelid, k.confkey) AS referenced_columns,
    CASE k.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                       WHEN 'r' THEN 'RESTRICT' WHEN 'd' THEN 'SET DEFAULT' END AS on_delete,
    k.confupdtype NOT IN ('a', ' ') OR k.confmatchtype NOT IN ('s', ' ')
        OR k.condeferrable OR NOT k.convalidated AS unusual
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
LEFT JOIN pg_class AS f ON f.oid = k.confrelid
WHERE k.connamespace = current_schema()::regnamespace
  AND k.contype <> 'n'
"""

_INDEXES = """
SELECT
    c.relname AS relation,
    x.relname AS name,
    columns_of(i.indrelid, i.indkey::smallint[]) AS columns,
    m.amname AS method,
    i.indisunique AS unique,
    i.indpred IS NOT NULL OR i.indexprs IS NOT NULL OR i.indnkeyatts <> i.indnatts OR NOT i.indisvalid
        OR i.indnullsnotdistinct OR EXISTS (SELECT 1 FROM unnest(i.indoption) AS o(bits) WHERE o.bits <> 0)
        OR EXISTS (SELECT 1 FROM unnest(i.indclass) AS o(class)
                   JOIN pg_opclass AS p ON p.oid = o.class WHERE NOT p.opcdefault)
        AS unusual
FROM pg_index AS i
JOIN pg_class AS x ON x.oid = i.indexrelid
JOIN pg_class AS c ON c.oid = i.indrelid
JOIN pg_am AS m ON m.oid = x.relam
WHERE c.relnamespace = current_schema()::regnamespace
"""

_FUNCTIONS = """
SELECT
    p.proname AS name,
    pg_get_function_identity_arguments(p.oid) AS arguments,
    pg_get_function_result(p.oid) AS returns,
    l.lanname AS language,
    p.proretset AS set_returning,
    p.provolatile::text AS volatility,
    p.proisstrict AS strict,
    p.prosecdef AS definer,
    p.proparallel::text AS parallel,
    p.procost AS cost,
    p.prorows AS rows,
    p.pronargdefaults AS defaults,
    p.proconfig AS settings,
    p.proleakproof AS leakproof
FROM pg_proc AS p
JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace = current_schema()::regnamespace
"""

_COLUMNS_OF = """
(SELECT array_agg(a.attname::text ORDER BY n.ordinal)
 FROM unnest({numbers}) WITH ORDINALITY AS n(number, ordinal)
 JOIN pg_attribute AS a ON a.attrelid = {relation} AND a.attnum = n.number)
"""


def _query(connection: psycopg.Connection, text: str) -> list[dict[str, Any]]:
    """Run a query; ``columns_of(relation, numbers)`` stands for the sub-query above."""
    while "columns_of(" in text:
        before, _, rest = text.partition("columns_of(")
        arguments, _, after = rest.partition(")")
        relation, numbers = arguments.split(", ")
        text = before + _COLUMNS_OF.format(relation=relation, numbers=numbers) + after
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text).fetchall()


def read(connection: psycopg.Connection) -> Catalogue:
    """Tables and views of the current schema; anything the document never has is marked ``unusual``."""
    relations = {row["name"]: row["kind"] for row in _query(connection, _RELATIONS)}
    tables = {
        name: {"columns": [], "constraints": {}, "indexes": {}}
        for name, kind in relations.items()
        if kind == "r"
    }
    views: dict[str, Any] = {name: [] for name, kind in relations.items() if kind == "v"}
    for row in _query(connection, _COLUMNS):
        relation, generated = row.pop("relation"), row.pop("generated")
        if relation in views:
            views[relation].append({"name": row["name"], "type": row["type"]})
        elif relation in tables:
            extra = ("identity", "sequence")
            column = {key: value for key, value in row.items() if key not in extra or value is not None}
            tables[relation]["columns"].append({**column, **({"generated": generated} if generated else {})})
    for what, query in (("constraints", _CONSTRAINTS), ("indexes", _INDEXES)):
        for row in _query(connection, query):
            relation, name = row.pop("relation"), row.pop("name")
            if relation in tables:
                unusual = row.pop("unusual")
                kept = {key: value for key, value in row.items() if value is not None}
                tables[relation][what][name] = {**kept, **({"unusual": True} if unusual else {})}
    others = {name: kind for name, kind in relations.items() if kind not in ("r", "v")}
    return {"tables": tables, "views": views, **({"others": others} if others else {})}


def functions(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Functions of the current schema with all their attributes."""
    return sorted(_query(connection, _FUNCTIONS), key=lambda row: row["name"])

"""``kingston recover verify``: the judges of a recovery: data, references, business rules, performance."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from ..audit import gaps
from . import keys as foreign
from .ground import Ground, ground

_RULES = """
SELECT c.relname, k.conname, pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
WHERE k.contype = 'c' AND c.relname = ANY (%s) AND c.relnamespace = to_regnamespace(quote_ident(%s)) ORDER BY 1, 2
"""
_SLOWER = "SELECT test_name, baseline_ms, current_ms FROM compare_with_baselines('recovery') WHERE within_tolerance IS FALSE"


@dataclass(frozen=True)
class Judgement:
    """One area: ``asked`` questions, and what is wrong; ``note``: why it could not be asked in full."""

    area: str
    asked: int
    wrong: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Report:
    """The four areas."""

    judgements: tuple[Judgement, ...]


def run(url: str, schema: str | None = None) -> Report:
    """Judge the portal after a recovery; what is measured for it is rolled back."""
    with ground(url, schema) as here:
        return Report((_data(here), _references(here), _rules(here), _performance(here)))


def _data(here: Ground) -> Judgement:
    found = [
        gap for table in here.recorded.values() for gap in gaps.find(here.connection, table, here.begun.get(table.table))
    ]
    wrong = tuple(gap.words for gap in found if not gap.unrecorded)
    return Judgement("data: the history explains every row", len(here.recorded), wrong)


def _references(here: Ground) -> Judgement:
    wrong = []
    every = foreign.read(here.connection, here.names.application)
    for key in every:
        row = here.connection.execute(
            sql.SQL(
                "SELECT count(*) FROM {} AS c WHERE c.{} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE p.{} = c.{})"
            ).format(
                sql.Identifier(key.child), sql.Identifier(key.column), sql.Identifier(key.parent),
                sql.Identifier(key.target), sql.Identifier(key.column),
            )
        ).fetchone()  # fmt: skip
        if row and row[0]:
            wrong.append(f"{row[0]:,} rows of {key.child}: {key.column} refers to no row of {key.parent}")
    return Judgement("references: every foreign key finds its row", len(every), tuple(wrong))


def _rules(here: Ground) -> Judgement:
    wrong = []
    tables = [table.table for table in here.recorded.values()]
    rules = here.connection.execute(_RULES.encode(), (tables, here.names.application)).fetchall()
    for table, name, rule in rules:
        row = here.connection.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE NOT ({})").format(sql.Identifier(table), sql.SQL(rule))
        ).fetchone()
        if row and row[0]:
            wrong.append(f"{row[0]:,} rows of {table} break {name}")
    asked = len(rules)
    row = here.connection.execute("SELECT to_regproc('reconcile_ownership') IS NOT NULL").fetchone()
    if row and row[0]:
        asked += 1
        wrong += [
            f"ownership of product {product}: {finding}"
            for product, finding in here.connection.execute(
                "SELECT product_id, finding FROM reconcile_ownership() ORDER BY 1, 2"
            )
        ]
    return Judgement("business rules: every rule holds for every row", asked, tuple(wrong))


def _performance(here: Ground) -> Judgement:
    area = "performance: no query is slower than its baseline"
    row = here.connection.execute("SELECT to_regproc('compare_with_baselines') IS NULL").fetchone()
    if row and row[0]:
        return Judgement(area, 0, (), "not measured: baselines are compared from phase_4 on")
    with here.connection.transaction():
        asked = here.connection.execute("SELECT count(*) FROM benchmark_queries()").fetchone()
        slower = here.connection.execute(_SLOWER.encode()).fetchall()
        measured = Judgement(
            area, int(asked[0]) if asked else 0,
            tuple(f"{name}: {now} ms, baseline {before} ms" for name, before, now in slower),
        )  # fmt: skip
        raise psycopg.Rollback  # the measurement leaves no row; the block swallows this
    return measured

"""``kingston seed``: fill the empty legacy tables with sample data that looks like a portal of several years.

Set-based and in one transaction, so a run that fails leaves nothing behind.  The same clients, products and
seed give the same bytes on every server from PostgreSQL 15 on, whatever the clock and the sequences say.

History is bounded: the 20,000 newest portfolios have all their months, any older one only the latest value
and return of each holding and its opening payment.  Up to that size nothing is left out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from .. import db, settings
from ..errors import NotAPortal, RefusedError, UsageError
from . import _sample
from ._noting import noted

# Every id stays below 2^31, which the portal's casts to 32-bit integers need.
LIMITS = {"clients": (1, 5_000_000), "products": (0, 10_000_000), "seed": (0, 2**31 - 1)}
SHOWN = 6  # tables named in a refusal


class Progress(Protocol):
    """What a caller may want to hear: what is at work, rows so far and in all over all tables."""

    def progress(self, what: str, done: int, total: int | None) -> None: ...
    def note(self, text: str) -> None: ...


@dataclass(frozen=True)
class Report:
    """What was written, or would be: rows by table in the order of writing, and how long it took."""

    rows: dict[str, int]
    seconds: float
    seed: int
    clients: int
    products: int
    written: bool

    @property
    def total(self) -> int:
        """Rows over all tables."""
        return sum(self.rows.values())


def run(
    target: psycopg.Connection | str,
    *,
    schema: str = settings.DEFAULT_SCHEMA,
    clients: int = 130,
    products: int = 1000,
    seed: int = 7,
    legacy_phones: bool = False,
    report: Progress | None = None,
) -> Report:
    """Write the sample data into the empty legacy tables of ``schema``, continue its sequences, ANALYZE.

    ``target``: an autocommit connection, or a URL.  ``legacy_phones`` adds ``product_owners.phone``, as some
    portals have it, and fills it.  Raises RefusedError when a legacy table holds rows or is missing,
    UsageError for numbers out of range, BusyError when somebody is writing; nothing was changed then.
    """
    started = time.monotonic()
    statements = _statements(clients, products, seed, legacy_phones)
    inserts = _sample.inserts(statements)
    rows: dict[str, int] = {}
    names = settings.schemas(schema)
    with (
        _connection(target, schema) as connection,
        noted(connection, names, "seed", f"{clients} clients, {products} products, seed {seed}") as event,
        connection.transaction(),
    ):
        _sample.settle(connection, schema)
        _refuse(connection, schema, list(inserts), lock=True)
        planned = _laid_out(connection, statements, report)
        total = sum(planned.values())
        for section in (s for s in statements if s.kind == "prepare"):
            connection.execute(section.text)
        keys = _sample.take_off_keys(connection, list(inserts)) if total > _sample.KEYS_LATER else []
        for table, statement in inserts.items():
            _tell(report, table, sum(rows.values()), total)
            rows[table] = connection.execute(statement).rowcount
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))
        for key, put_back in keys:
            _tell(report, key, sum(rows.values()), total)
            connection.execute(put_back)
        _sample.continue_sequences(connection, list(inserts))
        _sample.clear(connection, statements)
        _tell(report, "committing", sum(rows.values()), total)
        event.rows = sum(rows.values())
    return Report(rows, time.monotonic() - started, seed, clients, products, written=True)


def plan(
    target: psycopg.Connection | str,
    *,
    schema: str = settings.DEFAULT_SCHEMA,
    clients: int = 130,
    products: int = 1000,
    seed: int = 7,
    legacy_phones: bool = False,
    report: Progress | None = None,
) -> Report:
    """What ``run`` would write with the same arguments, counted on staged rows; refuses what ``run`` refuses.

    Makes nothing but temporary tables, and rolls those back.
    """
    started = time.monotonic()
    statements = _statements(clients, products, seed, legacy_phones)
    with _connection(target, schema) as connection, connection.transaction(force_rollback=True):
        _sample.settle(connection, schema)
        _refuse(connection, schema, list(_sample.inserts(statements)), lock=False)
        rows = _laid_out(connection, statements, report)
    return Report(rows, time.monotonic() - started, seed, clients, products, written=False)


def check(clients: int, products: int, seed: int) -> None:
    """Raise UsageError for numbers out of range."""
    for name, value in {"clients": clients, "products": products, "seed": seed}.items():
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise UsageError(
                f"--{name} {value} is out of range: {low:,} to {high:,}",
                fix="kingston seed --clients 130 --products 1000 --seed 7",
            )


def _statements(clients: int, products: int, seed: int, legacy_phones: bool) -> list[_sample.Section]:
    check(clients, products, seed)
    return _sample.sections(clients, products, seed, legacy_phones)


@contextmanager
def _connection(target: psycopg.Connection | str, schema: str) -> Iterator[psycopg.Connection]:
    settings.schemas(schema)
    if isinstance(target, str):
        with db.plain_errors(target), db.connect(target, schema) as connection:
            yield connection
        return
    if target.info.transaction_status != TransactionStatus.IDLE or not target.autocommit:
        raise UsageError(
            "sample data need a connection in autocommit mode, outside a transaction",
            fix="psycopg.connect(…, autocommit=True), or pass the URL",
        )
    db.require_version(target.info.server_version)
    info = target.info
    with db.plain_errors(f"postgresql:///{info.dbname}?host={info.host}&port={info.port}"):
        yield target


def _refuse(connection: psycopg.Connection, schema: str, tables: Sequence[str], *, lock: bool) -> None:
    """Raise unless the database can hold our names, and the legacy tables are there and empty."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise RefusedError(
            f"the database is encoded in {encoding}; the names of the sample data need UTF8",
            fix="createdb --encoding UTF8 --template template0 <name>",
        )
    there = {name for (name,) in connection.execute(
        "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind = 'r'", (schema,),
    )}  # fmt: skip
    if missing := [table for table in tables if table not in there]:
        raise NotAPortal(
            f'schema "{schema}" lacks {len(missing)} of the {len(tables)} legacy tables: '
            + ", ".join(missing),
            fix="alembic upgrade legacy",
            obj=schema,
        )
    if lock:
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
    counts = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(table), sql.Identifier(table))
        for table in tables
    )
    if held := [(table, rows) for table, rows in connection.execute(counts) if rows]:
        listed = [f"{table} {rows:,}" for table, rows in held[:SHOWN]]
        if len(held) > SHOWN:
            listed.append(
                f"and {len(held) - SHOWN} more tables; {sum(rows for _, rows in held):,} rows in all"
            )
        raise RefusedError(
            f'sample data go into empty tables only; schema "{schema}" holds rows already: '
            + ", ".join(listed),
            fix="seed another database; a scratch one is emptied by: alembic -x allow=drop_legacy:reseed "
            "downgrade base && alembic upgrade legacy",
            obj=f"{schema}.{held[0][0]}",
        )


def _laid_out(
    connection: psycopg.Connection, statements: Sequence[_sample.Section], report: Progress | None
) -> dict[str, int]:
    _tell(report, "laying out", 0, None)
    planned = _sample.stage(connection, statements)
    if report is not None and planned["portfolios"] > _sample.HISTORY:
        report.note(
            f"whole monthly history for the newest {_sample.HISTORY:,} of {planned['portfolios']:,}"
            " portfolios, latest values for the others"
        )
    return planned


def _tell(report: Progress | None, what: str, done: int, total: int | None) -> None:
    if report is not None:
        report.progress(what, done, total)

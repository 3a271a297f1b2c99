"""The sample data of ``kingston seed``: the statements of ``sql/sample`` and what has to be done around them.

A file there is a list of statements, each under a line ``-- kind: name``: function and stage (temporary,
first), count (rows per table), prepare (a column the portal lacks), table (the INSERT into that table).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

import psycopg
from psycopg import sql

HISTORY = 20_000  # portfolios with their whole monthly history
KEYS_LATER = 1_000_000  # above so many rows foreign keys are taken off and validated once: half the time
FILES = (
    "arithmetic", "vocabulary", "staff", "catalogue", "clients", "products", "ownership", "holdings",
    "activities", "valuations", "returns", "rows_per_table",
)  # fmt: skip
PHONES = "legacy_phones"
# Nothing of the caller's session may show in the data.
SETTINGS = {
    "timezone": "UTC", "datestyle": "ISO, YMD", "client_encoding": "UTF8", "jit": "off", "work_mem": "128MB",
    "maintenance_work_mem": "256MB", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "5s",
}  # fmt: skip
_SECTION = re.compile(r"^-- (function|stage|count|prepare|table): (.+)$", re.MULTILINE)


class Section(NamedTuple):
    """One statement of a sample file: its kind, what it makes, its text."""

    kind: str
    name: str
    text: str


def sections(clients: int, products: int, seed: int, legacy_phones: bool) -> list[Section]:
    """The statements in the order of running; the INSERTs are in the order that foreign keys want."""
    folder = resources.files("kingston_schema.sql").joinpath("sample")
    values = {"clients": clients, "products": products, "seed": seed, "history": HISTORY}
    found: list[Section] = []
    for name in (*FILES, PHONES) if legacy_phones else FILES:
        text = folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
        for placeholder, value in values.items():
            text = text.replace(f"@{placeholder}@", str(int(value)))
        parts = _SECTION.split(text)[1:]
        found += [Section(*parts[i : i + 3]) for i in range(0, len(parts), 3)]
    return found


def inserts(statements: Sequence[Section]) -> dict[str, str]:
    """INSERT by table; a later file's statement takes the place of an earlier one for the same table."""
    return {s.name: s.text for s in statements if s.kind == "table"}


def settle(connection: psycopg.Connection, schema: str) -> None:
    """Settings and search path for the rest of the transaction; temporary objects shadow nothing."""
    for name, value in SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, true)", (name, value))
    connection.execute(sql.SQL("SET LOCAL search_path TO {}, pg_temp").format(sql.Identifier(schema)))


def stage(connection: psycopg.Connection, statements: Sequence[Section]) -> dict[str, int]:
    """Lay the rows out in temporary tables; returns how many there will be per table."""
    planned: dict[str, int] = {}
    for kind, name, text in statements:
        if kind in ("function", "stage"):
            connection.execute(text)
        if kind == "stage":
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("pg_temp", name)))
        if kind == "count":
            planned |= {table: int(rows) for table, rows in connection.execute(text)}
    return planned


def clear(connection: psycopg.Connection, statements: Sequence[Section]) -> None:
    """Drop the temporary functions; the staging tables go with the transaction."""
    for section in statements:
        if section.kind == "function":
            connection.execute(f"DROP FUNCTION pg_temp.{section.name}")


def take_off_keys(connection: psycopg.Connection, tables: Sequence[str]) -> list[tuple[str, str]]:
    """Drop the foreign keys of ``tables``; returns (key, what puts it back) in the order of creation.

    Readers of the tables wait until the transaction ends, so it is for many rows only.
    """
    keys = connection.execute(
        "SELECT c.conname,"
        " format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.conrelid::regclass, c.conname),"
        " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',"
        "        c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))"
        " || coalesce(format('; COMMENT ON CONSTRAINT %%I ON %%s IS %%L',"
        "                    c.conname, c.conrelid::regclass, obj_description(c.oid, 'pg_constraint')), '')"
        " FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid"
        " WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND t.relname = ANY (%s)"
        " ORDER BY c.oid",
        (list(tables),),
    ).fetchall()
    for _, drop, _ in keys:
        connection.execute(drop)
    return [(name, put_back) for name, _, put_back in keys]


def continue_sequences(connection: psycopg.Connection, tables: Sequence[str]) -> None:
    """Set the identity sequences of ``tables`` to the largest id, wherever they stood before."""
    columns = connection.execute(
        "SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)"
        " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY (%s)"
        " AND a.attidentity <> ''",
        (list(tables),),
    ).fetchall()
    for table, column, sequence in columns:
        statement = sql.SQL("SELECT setval({}, coalesce(max({id}), 1), max({id}) IS NOT NULL) FROM {}")
        connection.execute(
            statement.format(sql.Literal(sequence), sql.Identifier(table), id=sql.Identifier(column))
        )

"""Every line of docs/reference/fingerprint.md: its difference, planted in a real database, is found and nothing else.

Each is planted in a transaction that is rolled back.  The statement in the line "next" is run, too: it has to take
the difference away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from catalog.planted import Plant, every
from kingston_schema import db
from kingston_schema.catalog import fingerprint
from kingston_schema.catalog.words import Difference, explain
from kingston_schema.ddl.sqltext import render
from kingston_schema.settings import Schemas

SCHEMA = "garden"
GARDEN = (Path(__file__).parent / "planted" / "garden.sql").read_text(encoding="utf-8")
# What belongs to the whole server: the test process has one of its own.
CLUSTER = ("ROLE plant_reader", "ROLE plant_owner", "TABLESPACE plant_space LOCATION ''")
Garden = tuple[psycopg.Connection, fingerprint.Fingerprint]


@pytest.fixture(scope="module")
def garden(server) -> Iterator[Garden]:
    """A connection to a database with the schema of garden.sql, and its fingerprint."""
    portal = server.templates.clone("base")
    with db.connect(portal.url, SCHEMA) as connection:
        connection.execute("SET allow_in_place_tablespaces = on")
        for thing in CLUSTER:
            connection.execute(f"CREATE {thing}")
        connection.execute(f"CREATE SCHEMA {SCHEMA}; {GARDEN}")
        yield connection, fingerprint.read(connection, SCHEMA, state=True)
    server.templates.drop(portal)
    with db.connect(server.url()) as connection:
        for thing in CLUSTER:
            connection.execute(f"DROP {' '.join(thing.split()[:2])}")


@pytest.mark.parametrize("plant", every(), ids=lambda plant: plant.name)
def test_it_is_found_named_and_mended(garden: Garden, plant: Plant):
    connection, should = garden
    with connection.transaction(force_rollback=True):
        if connection.info.server_version < plant.since * 10000:
            with pytest.raises(psycopg.ProgrammingError):
                connection.execute(plant.sql)
            return
        connection.execute(plant.sql)
        found = fingerprint.read(connection, SCHEMA, state=True)
        told = explain(should, found)
        assert [(d.attribute, words(d)) for d in told] == [(plant.attribute, plant.message)]
        assert explain(should.portable(), found.portable(), live=found) == ([] if plant.local else told)
        statements = sql(told[0].fix)
        assert bool(statements) is plant.mends
        if statements:
            connection.execute(statements)
            assert explain(should, fingerprint.read(connection, SCHEMA, state=True)) == []


def test_nothing_planted_nothing_found(garden: Garden):
    connection, should = garden
    assert explain(should, fingerprint.read(connection, SCHEMA, state=True)) == []


def words(difference: Difference) -> str:
    return render(difference.message, Schemas(SCHEMA))


def sql(fix: str) -> str:
    """The statements of a fix, as a transaction allows them; "" for advice."""
    text = fix.partition("otherwise: ")[2] or fix
    return render(text.replace(" CONCURRENTLY", ""), Schemas(SCHEMA)) if text.endswith(";") else ""

"""Databases of our own on the same server: made, marked as ours, dropped."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from .. import db
from ..errors import RefusedError, UnreachableError

MARK = "Kingston Schema: scratch database, may be dropped"


def beside(url: str, database: str) -> str:
    """The URL of another database on the same server."""
    return db.parse(url).set(database=database).render_as_string(hide_password=False)


@contextmanager
def administering(url: str) -> Iterator[psycopg.Connection]:
    """A connection to a database that is not the portal's: ``postgres``, else ``template1``."""
    own = db.parse(url).database
    first, second = ("postgres", "template1") if own != "postgres" else ("template1", "template1")
    try:
        connection = db.connect(beside(url, first))
    except UnreachableError:
        connection = db.connect(beside(url, second))
    with connection:
        yield connection


def create(connection: psycopg.Connection, name: str, like: str, comment: str = MARK) -> None:
    """An empty database ``name`` with the encoding and locale of ``like``.  Raises RefusedError without the right to."""
    row = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype,"
        " (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user), current_user"
        " FROM pg_database WHERE datname = %s",
        (like,),
    ).fetchone()
    if row is None:
        raise RefusedError(f'database "{like}" does not exist on this server')
    encoding, collate, ctype, allowed, user = row
    if not allowed:
        raise RefusedError(f"role {user} may not create databases", fix=f"ALTER ROLE {user} CREATEDB")
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(name), encoding, collate, ctype
        )
    )
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), comment))


def drop(connection: psycopg.Connection, name: str) -> None:
    """Drop it, whoever is connected.  An autovacuum worker, which only a superuser may end, is given ten seconds."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    deadline = time.monotonic() + 10
    while True:
        try:
            connection.execute(statement)
            return
        except psycopg.errors.InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@contextmanager
def scratch(url: str, purpose: str) -> Iterator[str]:
    """The URL of an empty database beside ``url``'s, dropped at the end, whatever happens in between."""
    name = f"kingston_{purpose}_{secrets.token_hex(4)}"
    like = db.parse(url).database or "postgres"
    with administering(url) as connection:
        create(connection, name, like)
        try:
            yield beside(url, name)
        finally:
            drop(connection, name)

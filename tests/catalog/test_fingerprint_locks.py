"""Reading a fingerprint disturbs nobody and changes nothing."""

from __future__ import annotations

import psycopg
import pytest

from kingston_schema.catalog import fingerprint

LOCKS = """
    SELECT DISTINCT l.mode FROM pg_locks AS l
     WHERE l.pid = %s AND l.locktype NOT IN ('virtualxid') ORDER BY 1"""
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"


def test_no_lock_beyond_access_share(portal_at):
    """Seen from another session, with everything it took still held."""
    portal = portal_at("head")
    reader = portal.connect()
    with reader.transaction():
        fingerprint.read(reader, "public", state=True)
        modes = portal.all(LOCKS, reader.info.backend_pid)
    assert modes == ["AccessShareLock"]


def test_it_does_not_wait_for_who_holds_everything_else(portal_at):
    """EXCLUSIVE lets ACCESS SHARE in and nothing more."""
    portal = portal_at("head")
    holder, reader = portal.connect(), portal.connect()
    with holder.transaction():
        for table in portal.all(TABLES):
            holder.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        reader.execute("SET lock_timeout = '1ms'")
        assert fingerprint.read(reader, "public", state=True).objects


def test_it_cannot_write(newest_portal_at, monkeypatch):
    portal = newest_portal_at("base")
    monkeypatch.setattr(fingerprint, "_query", lambda name: b"CREATE TABLE public.written (id integer)")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        fingerprint.read(portal.connection, "public")

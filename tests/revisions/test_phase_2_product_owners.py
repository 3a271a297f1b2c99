"""Revision phase_2_product_owners over rows: both kinds of production, down, up, and what happened meanwhile"""

from __future__ import annotations

import threading
import time

from kingston_schema.catalog import fingerprint
from owner_data import owner, say
from round_trip import SCHEMA

BELOW, AT = "phase_1", "phase_2_product_owners"
EIGHT = (
    "security_words", "notes", "next_meeting_date", "date_signed_tc", "last_fee_agreement_date", "inception_date",
    "updated_at", "updated_by",
)  # fmt: skip
ROWS = f"SELECT id, {', '.join(EIGHT)} FROM product_owners ORDER BY id"
LEGACY = "SELECT id, created_at, status, firstname, surname, known_as FROM product_owners ORDER BY id"

ALL = "SELECT t::text FROM product_owners AS t ORDER BY id"


def fill(portal):
    """Owners as somebody leaves them at this level: all columns, some, none, emptied on purpose."""
    full = owner(
        portal, security_words="rover", notes="", next_meeting_date="2999-01-01 12:00:00.123456+00",
        date_signed_tc="2020-02-29", last_fee_agreement_date="2021-01-01", inception_date="1999-12-31 23:59+00",
    )  # fmt: skip
    emptied = owner(portal, "Ben")
    portal.run("UPDATE product_owners SET inception_date = NULL WHERE id = %s", emptied)
    return full, emptied


def same_catalogue(portal, other):
    assert fingerprint.differences(
        fingerprint.read(other.connection, SCHEMA), fingerprint.read(portal.connection, SCHEMA)
    ) == []


def test_E036_the_relationship_of_an_owner_began_when_the_row_did(portal_at):
    portal = portal_at(BELOW)
    portal.run("INSERT INTO product_owners (created_at) VALUES ('2015-03-01 10:00+00'), ('2020-01-01 00:00+00')")
    portal.alembic("upgrade", AT)
    assert portal.one("SELECT count(*) FROM product_owners WHERE inception_date = created_at") == 2
    assert portal.all("SELECT DISTINCT updated_at, updated_by FROM product_owners") == [(None, None)]
    portal.run("INSERT INTO product_owners (created_at) VALUES ('2015-03-01 10:00+00')")
    assert portal.one("SELECT inception_date > now() - interval '1 minute' FROM product_owners WHERE id = 3")


def test_values_come_back_and_both_catalogues_are_exact(portal_at):
    portal = portal_at(AT)
    fill(portal)
    rows, above = portal.all(ROWS), fingerprint.read(portal.connection, SCHEMA)
    portal.alembic("downgrade", BELOW)
    same_catalogue(portal, portal_at(BELOW))
    portal.alembic("upgrade", AT)
    assert portal.all(ROWS) == rows
    assert fingerprint.differences(above, fingerprint.read(portal.connection, SCHEMA)) == []
    portal.alembic("downgrade", BELOW)
    portal.alembic("upgrade", AT)
    assert portal.all(ROWS) == rows


def test_E036_the_archived_date_wins_over_the_fill_and_new_rows_are_filled(portal_at):
    portal = portal_at(AT)
    full, emptied = fill(portal)
    portal.alembic("downgrade", BELOW)
    portal.run("INSERT INTO product_owners (id, created_at) VALUES (50, '2015-03-01 10:00+00')")
    portal.alembic("upgrade", AT)
    dates = dict(portal.all("SELECT id, inception_date::text FROM product_owners"))
    assert dates == {full: "1999-12-31 23:59:00+00", emptied: None, 50: "2015-03-01 10:00:00+00"}


def test_an_owner_deleted_below_leaves_its_values_in_quarantine(portal_at):
    portal = portal_at(AT)
    full, _ = fill(portal)
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM product_owners WHERE id = %s", full)
    portal.alembic("upgrade", AT)
    assert portal.all(
        "SELECT id, security_words, reason FROM kingston_archive.product_owners__phase_2_product_owners"
        " WHERE quarantined_at IS NOT NULL"
    ) == [(full, "rover", "the row was deleted from product_owners below")]


def test_an_owner_rewritten_below_keeps_both_halves(portal_at):
    portal = portal_at(AT)
    full, _ = fill(portal)
    before = portal.all(ROWS)
    portal.alembic("downgrade", BELOW)
    portal.run("UPDATE product_owners SET surname = 'Jones' WHERE id = %s", full)
    portal.alembic("upgrade", AT)
    assert portal.all(ROWS) == before
    assert portal.one("SELECT surname FROM product_owners WHERE id = %s", full) == "Jones"


def test_legacy_rows_stay_byte_for_byte_and_in_their_order(portal_at):
    portal = portal_at(BELOW)
    portal.run("INSERT INTO product_owners (firstname) SELECT repeat('x', i % 90) FROM generate_series(1, 2000) AS i")
    portal.run("UPDATE product_owners SET status = 'inactive' WHERE id % 7 = 0")
    portal.run("DELETE FROM product_owners WHERE id % 11 = 0")
    rows, order = portal.all(LEGACY), portal.all("SELECT id FROM product_owners")
    assert order != sorted(order)
    portal.alembic("upgrade", AT)
    assert portal.all(LEGACY) == rows
    assert portal.all("SELECT id FROM product_owners") == order
    portal.alembic("downgrade", BELOW)
    assert portal.all(LEGACY) == rows
    assert portal.all("SELECT id FROM product_owners") == order
    portal.alembic("upgrade", AT)
    assert portal.all(LEGACY) == rows


def test_many_owners_are_filled_in_batches_past_a_locked_row(portal_at):
    portal = portal_at(BELOW)
    portal.run(
        "INSERT INTO product_owners (created_at, firstname)"
        " SELECT '2015-01-01'::timestamptz + i * interval '1 hour', repeat('x', 60) FROM generate_series(1, 15000) AS i"
    )
    portal.alembic("upgrade", AT)
    wrong = "SELECT count(*) FROM product_owners WHERE inception_date IS DISTINCT FROM created_at"
    progress = "SELECT done, finished_at IS NOT NULL FROM kingston.backfill_progress WHERE step = 'fill_inception_dates'"
    assert (portal.one(wrong), portal.one(progress)) == (0, (15000, True))

    portal.run("ALTER TABLE product_owners DISABLE TRIGGER USER")
    portal.run("UPDATE product_owners SET inception_date = NULL, updated_at = NULL")
    portal.run("UPDATE kingston.backfill_progress SET done = 0, finished_at = NULL")
    holder = portal.connect()
    holder.execute("BEGIN")
    holder.execute("SELECT 1 FROM product_owners WHERE id = 42 FOR UPDATE")
    runner = portal.connect()
    fill_again = threading.Thread(target=runner.execute, args=("CALL kingston.fill_inception_dates()",))
    fill_again.start()
    deadline = time.monotonic() + 60
    while portal.one(progress)[0] < 8000 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert portal.one(progress)[1] is False
    assert portal.one("SELECT inception_date FROM product_owners WHERE id = 42") is None
    holder.execute("ROLLBACK")
    fill_again.join(60)
    assert (portal.one(wrong), portal.one(progress)) == (0, (15000, True))


def test_the_fill_may_be_repeated(portal_at):
    portal = portal_at(AT)
    _, emptied = fill(portal)
    rows = portal.all(ROWS)
    portal.run("CALL kingston.fill_inception_dates()")
    assert portal.all(ROWS) == rows
    assert portal.one("SELECT inception_date FROM product_owners WHERE id = %s", emptied) is None


def test_a_portal_with_columns_of_these_names_keeps_them(portal_at):
    portal = portal_at("legacy")
    portal.run(
        "ALTER TABLE product_owners ADD notes varchar(500), ADD inception_date date, ADD next_meeting_date date,"
        " ADD updated_at timestamp DEFAULT now()"
    )
    portal.run("INSERT INTO product_owners (notes, inception_date) VALUES ('kept', '2001-02-03'), (NULL, NULL)")
    before, rows = fingerprint.read(portal.connection, SCHEMA), portal.all(ALL)
    portal.alembic("upgrade", AT)
    assert portal.all("SELECT notes, inception_date::text FROM product_owners ORDER BY id") == [
        ("kept", "2001-02-03"), (None, None)]  # fmt: skip
    assert portal.all(
        "SELECT column_name, pre_existing FROM kingston.ledger WHERE table_name = 'product_owners' ORDER BY column_name"
    ) == [(name, name in ("notes", "inception_date", "next_meeting_date", "updated_at")) for name in sorted(EIGHT)]
    say(portal, justification="test")
    portal.run("UPDATE product_owners SET security_words = 'rover' WHERE id = 1")
    portal.alembic("downgrade", "legacy")
    assert portal.all(ALL) == rows
    assert fingerprint.differences(before, fingerprint.read(portal.connection, SCHEMA)) == []
    portal.alembic("upgrade", AT)
    assert portal.one("SELECT security_words, notes FROM product_owners WHERE id = 1") == ("rover", "kept")


def test_the_three_indexes(portal_at):
    assert portal_at(AT).all(
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'product_owners' AND indexname LIKE 'idx%' ORDER BY indexname"
    ) == [
        "CREATE INDEX idx_product_owners_inception_date ON public.product_owners USING btree (inception_date)",
        "CREATE INDEX idx_product_owners_next_meeting ON public.product_owners USING btree (next_meeting_date)"
        " WHERE (next_meeting_date IS NOT NULL)",
        "CREATE INDEX idx_product_owners_updated_at ON public.product_owners USING btree (updated_at DESC)",
    ]


def test_an_inception_date_that_somebody_emptied_comes_back_empty_and_stops_no_gate(portal_at):
    portal = portal_at("phase_2")
    person = owner(portal)
    portal.run("UPDATE product_owners SET inception_date = NULL WHERE id = %s", person)
    portal.alembic("downgrade", "legacy")
    portal.alembic("upgrade", "phase_2")
    assert portal.one("SELECT inception_date, updated_at IS NULL FROM product_owners") == (None, False)

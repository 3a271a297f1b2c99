"""Columns of legacy tables: added and recorded, archived by primary key, restored, never guessed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kingston_schema.catalog import fingerprint
from kingston_schema.errors import BusyError

REVISION = "phase_9_notes"


def add(op, *extra):
    op.add_columns(
        "profiles",
        sa.Column("nick", sa.Text, comment="what colleagues say"),
        sa.Column("amount", sa.Numeric),
        sa.Column("seen", sa.DateTime(timezone=True)),
        *extra,
    )
    op.restore_columns("profiles", "nick", "amount", "seen")


def remove(op):
    op.copy_columns("profiles", "nick", "amount", "seen")
    op.archive_columns("profiles", "nick", "amount", "seen")


@pytest.fixture
def filled(controlled, ops):
    controlled.run("INSERT INTO profiles (id, email) SELECT g, 'p' || g FROM generate_series(1, 10) AS g")
    with ops(controlled, REVISION) as op:
        add(op)
    controlled.run(
        "UPDATE profiles SET nick = 'naïve ☃ ' || repeat('x', 5000), amount = '-12345678901234567890.123456789',"
        " seen = '-infinity' WHERE id = 3"
    )
    controlled.run("UPDATE profiles SET nick = '' WHERE id = 4")
    return controlled


def test_values_come_back_exactly(filled, ops):
    before = filled.all("SELECT id, nick, amount::text, seen::text FROM profiles ORDER BY id")
    state = fingerprint.read(filled.connection, "public")
    with ops(filled, REVISION) as op:
        remove(op)
    assert (
        filled.one(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'profiles'::regclass AND attname = 'nick'"
        )
        == 0
    )
    with ops(filled, REVISION) as op:
        add(op)
    assert filled.all("SELECT id, nick, amount::text, seen::text FROM profiles ORDER BY id") == before
    assert fingerprint.differences(state, fingerprint.read(filled.connection, "public")) == []


def test_a_value_whose_row_was_deleted_below_stays_in_quarantine(filled, ops):
    with ops(filled, REVISION) as op:
        remove(op)
    filled.run("DELETE FROM profiles WHERE id = 4")
    with ops(filled, REVISION) as op:
        add(op)
    assert filled.all("SELECT id, nick, reason FROM kingston_archive.profiles__phase_9_notes") == [
        (4, "", "the row was deleted from profiles below")
    ]


def test_many_rounds_lose_nothing_and_pile_up_nothing(filled, ops):
    before = filled.all("SELECT id, nick, amount::text, seen::text FROM profiles ORDER BY id")
    for _ in range(3):
        with ops(filled, REVISION) as op:
            remove(op)
        with ops(filled, REVISION) as op:
            add(op)
    assert filled.all("SELECT id, nick, amount::text, seen::text FROM profiles ORDER BY id") == before
    assert filled.one("SELECT count(*) FROM kingston_archive.profiles__phase_9_notes") == 0


def test_more_rows_than_one_batch(filled, ops):
    filled.run("INSERT INTO profiles (id, nick) SELECT g, 'n' || g FROM generate_series(100, 7000) AS g")
    count = filled.one("SELECT count(nick) FROM profiles")
    with ops(filled, REVISION) as op:
        remove(op)
    with ops(filled, REVISION) as op:
        add(op)
    assert filled.one("SELECT count(nick) FROM profiles") == count
    assert filled.one("SELECT bool_and(nick = 'n' || id) FROM profiles WHERE id >= 100") is True


def test_a_pre_existing_column_is_used_and_never_dropped(controlled, ops):
    controlled.run(
        "ALTER TABLE profiles ADD COLUMN nick text DEFAULT 'old'; INSERT INTO profiles (id) VALUES (1)"
    )
    with ops(controlled, REVISION) as op:
        add(op)
        op.set_default("profiles", "nick", "'ours'")
    controlled.run("UPDATE profiles SET amount = 5")
    with ops(controlled, REVISION) as op:
        remove(op)
    assert controlled.all("SELECT nick FROM profiles") == ["old"]
    assert controlled.one("INSERT INTO profiles (id) VALUES (2) RETURNING nick") == "old"
    assert controlled.all("SELECT column_name, pre_existing FROM kingston.ledger ORDER BY 1") == [
        ("amount", False), ("nick", True), ("seen", False),
    ]  # fmt: skip


def test_repeating_after_a_crash_does_not_take_our_own_column_for_a_pre_existing_one(controlled, ops):
    for _ in range(2):
        with ops(controlled, REVISION) as op:
            add(op)
    with ops(controlled, REVISION) as op:
        remove(op)
    assert (
        controlled.one(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'profiles'::regclass AND attname = 'nick'"
        )
        == 0
    )


def test_one_alter_table_for_all_columns(controlled, ops):
    """Each legacy table is altered as rarely as possible (P4): the three columns have one xmin."""
    with ops(controlled, REVISION) as op:
        add(op)
    assert (
        controlled.one(
            "SELECT count(DISTINCT xmin::text) FROM pg_attribute WHERE attrelid = 'profiles'::regclass AND attname IN ('nick', 'amount', 'seen')"
        )
        == 1
    )
    assert controlled.one("SELECT col_description('profiles'::regclass, 9)") == "what colleagues say"


def test_not_null_online(filled, ops):
    filled.run("UPDATE profiles SET nick = coalesce(nick, '-')")
    with ops(filled) as op:
        op.set_not_null_online("profiles", "nick")
    query = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'profiles'::regclass AND attname = 'nick'"
    assert filled.one(query) is True
    assert filled.one("SELECT count(*) FROM pg_constraint WHERE conname LIKE '%is_set'") == 0
    with ops(filled) as op:
        op.drop_not_null("profiles", "nick")
    assert filled.one(query) is False


def test_a_column_the_portal_had_survives_an_upgrade_that_stopped_before_it(portal_at):
    """The ledger knows nothing of it yet; undoing the unfinished revision must not take it for ours."""
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD COLUMN notes text")
    portal.run("INSERT INTO product_owners (id, firstname, notes) VALUES (1, 'Ann', 'theirs')")
    reader = portal.connect()
    reader.execute("BEGIN; SELECT count(*) FROM product_owners")
    name = portal.one("SELECT current_database()")
    portal.run(f"ALTER DATABASE \"{name}\" SET kingston.lock_cap_seconds = '0.2'")
    with pytest.raises(BusyError):
        portal.alembic("upgrade", "phase_2_product_owners")
    reader.execute("COMMIT")
    portal.alembic("downgrade", "pre_migration")
    assert portal.one("SELECT notes FROM product_owners") == "theirs"
    portal.alembic("upgrade", "phase_2_product_owners")
    portal.alembic("downgrade", "pre_migration")
    assert portal.one("SELECT notes FROM product_owners") == "theirs"

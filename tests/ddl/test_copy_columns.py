"""Taking columns out while everybody goes on: copied in batches, what changes meanwhile is noted, short lock at the end."""

from __future__ import annotations

import threading

import psycopg
import pytest
import sqlalchemy as sa

REVISION = "phase_9_notes"
ARCHIVE = "kingston_archive.profiles__phase_9_notes"
COPY, CHANGED = f"{ARCHIVE}__copy", f"{ARCHIVE}__changed"
TRIGGERS = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'profiles'::regclass AND NOT tgisinternal"


def add(op):
    op.add_columns("profiles", sa.Column("nick", sa.Text), sa.Column("amount", sa.Numeric))


@pytest.fixture
def filled(controlled, ops):
    controlled.run("INSERT INTO profiles (id, email) SELECT g, 'p' || g FROM generate_series(1, 5000) AS g")
    with ops(controlled, REVISION) as op:
        add(op)
    controlled.run("UPDATE profiles SET nick = 'n' || id WHERE id % 2 = 0")
    return controlled


def archived(portal):
    return dict(portal.all(f"SELECT id, nick FROM {ARCHIVE} WHERE quarantined_at IS NULL"))


def copy(portal, ops):
    with ops(portal, REVISION) as op:
        op.copy_columns("profiles", "nick", "amount")


def drop(portal, ops):
    with ops(portal, REVISION) as op:
        op.archive_columns("profiles", "nick", "amount")


def test_what_changes_between_copy_and_drop_is_archived_as_it_became(filled, ops):
    copy(filled, ops)
    filled.run("UPDATE profiles SET nick = 'later' WHERE id IN (1, 2)")
    filled.run("UPDATE profiles SET nick = NULL WHERE id = 4")
    filled.run("DELETE FROM profiles WHERE id = 6")
    filled.run("INSERT INTO profiles (id, nick) VALUES (6000, 'new')")
    filled.run("UPDATE profiles SET id = 7000 WHERE id = 8")
    drop(filled, ops)
    want = {n: f"n{n}" for n in range(2, 5001, 2)} | {1: "later", 2: "later", 6000: "new", 7000: "n8"}
    for gone in (4, 6, 8):
        del want[gone]
    assert archived(filled) == want
    assert filled.all(TRIGGERS) == []
    assert filled.one("SELECT to_regclass(%s), to_regclass(%s)", COPY, CHANGED) == (None, None)
    assert filled.one("SELECT rows_moved FROM kingston.archive_entry WHERE movement = 'archived'") == len(
        want
    )


def test_rows_that_move_while_the_pages_are_copied_are_there_once(filled, ops):
    """An update in the middle of the copy puts the row behind the page that is copied next."""
    filled.run("SELECT kingston.begin_copy('profiles', 'phase_9_notes', '{nick,amount}')")
    for low in range(0, 40, 10):
        rows = f"t.ctid >= '({low},0)' AND t.ctid < '({low + 10},0)'"
        filled.run("SELECT kingston.copy_rows('profiles', 'phase_9_notes', '{nick,amount}', %s)", rows)
        filled.run("UPDATE profiles SET nick = nick || '!' WHERE id <= 20")
    copy(filled, ops)
    drop(filled, ops)
    want = {n: f"n{n}{'!!!!' if n <= 20 else ''}" for n in range(2, 5001, 2)}
    assert archived(filled) == want


def test_a_writer_without_rights_on_our_schemas_is_noted_and_not_disturbed(filled, ops):
    filled.run("CREATE ROLE copy_writer LOGIN")
    try:
        filled.run("GRANT SELECT, UPDATE ON profiles TO copy_writer")
        copy(filled, ops)
        writer = filled.connect(user="copy_writer")
        writer.execute("UPDATE profiles SET nick = 'theirs' WHERE id = 2")
        drop(filled, ops)
        assert archived(filled)[2] == "theirs"
    finally:
        filled.run("DROP OWNED BY copy_writer; DROP ROLE copy_writer")


def test_G30_a_session_that_ordinary_triggers_do_not_see_is_noted_as_well(filled, ops):
    copy(filled, ops)
    filled.run("SET session_replication_role = replica; UPDATE profiles SET nick = 'quiet' WHERE id = 2")
    filled.run("RESET session_replication_role")
    drop(filled, ops)
    assert archived(filled)[2] == "quiet"


def test_a_second_copy_goes_on_behind_the_first(filled, ops):
    copy(filled, ops)
    oid = filled.one("SELECT %s::regclass::oid", COPY)
    filled.run("UPDATE profiles SET nick = 'later' WHERE id = 2")
    copy(filled, ops)
    assert filled.one("SELECT %s::regclass::oid", COPY) == oid, "copied anew"
    assert filled.one(f"SELECT nick FROM {COPY} WHERE id = 2") == "later"
    drop(filled, ops)
    assert archived(filled)[2] == "later"


def test_going_up_instead_forgets_the_copy(filled, ops):
    copy(filled, ops)
    filled.run("UPDATE profiles SET nick = 'later' WHERE id = 2")
    with ops(filled, REVISION) as op:
        add(op)
        op.restore_columns("profiles", "nick", "amount")
    assert filled.one("SELECT nick FROM profiles WHERE id = 2") == "later"
    assert filled.all(TRIGGERS) == []
    assert filled.one("SELECT to_regclass(%s), to_regclass(%s)", COPY, CHANGED) == (None, None)
    assert filled.one("SELECT count(*) FROM kingston.backfill_progress WHERE step = 'archive profiles'") == 0


def test_a_table_rewritten_meanwhile_is_copied_anew(filled, ops):
    copy(filled, ops)
    filled.run("VACUUM FULL profiles")
    with pytest.raises(Exception, match="table profiles was rewritten while its columns were copied"):
        drop(filled, ops)
    copy(filled, ops)
    drop(filled, ops)
    assert archived(filled) == {n: f"n{n}" for n in range(2, 5001, 2)}


def test_what_is_in_quarantine_stays_there_through_another_round(filled, ops):
    copy(filled, ops)
    drop(filled, ops)
    filled.run("DELETE FROM profiles WHERE id IN (2, 4)")
    with ops(filled, REVISION) as op:
        add(op)
        op.restore_columns("profiles", "nick", "amount")
    copy(filled, ops)
    drop(filled, ops)
    assert filled.all(f"SELECT id FROM {ARCHIVE} WHERE quarantined_at IS NOT NULL ORDER BY id") == [2, 4]
    assert archived(filled) == {n: f"n{n}" for n in range(6, 5001, 2)}


def test_values_that_an_interrupted_upgrade_left_in_the_archive_are_not_lost(filled, ops):
    """Rows 2 to 8 had not come back yet when the upgrade stopped; 2 was written since, 4 deleted, 6 written meanwhile."""
    filled.run(
        f"CREATE TABLE {ARCHIVE} AS SELECT id, 'old' || id AS nick, id + 0.5 AS amount,"
        " NULL::timestamptz AS quarantined_at, NULL::text AS reason FROM profiles WHERE id IN (2, 4, 6, 8)"
    )
    filled.run("UPDATE profiles SET nick = NULL WHERE id IN (4, 6, 8)")
    filled.run("DELETE FROM profiles WHERE id = 4")
    copy(filled, ops)
    filled.run("UPDATE profiles SET nick = 'newer' WHERE id = 6")
    drop(filled, ops)
    assert filled.all(
        f"SELECT id, nick, amount FROM {ARCHIVE} WHERE id <= 8 AND quarantined_at IS NULL ORDER BY id"
    ) == [(2, "n2", 2.5), (4, "old4", 4.5), (6, "newer", 6.5), (8, "old8", 8.5)]
    assert filled.all(
        f"SELECT id, nick, reason FROM {ARCHIVE} WHERE quarantined_at IS NOT NULL ORDER BY id"
    ) == [
        (2, "old2", "a newer value was written before this one came back"),
        (6, "old6", "a newer value was written before this one came back"),
    ]


def test_dropping_without_a_copy_is_refused(filled, ops):
    with pytest.raises(psycopg.Error, match="the values of nick, amount in profiles were not copied"):
        filled.run(
            "SET kingston.revision = 'phase_9_notes'; SELECT kingston.archive_columns('profiles', '{nick,amount}')"
        )
    assert filled.one("SELECT count(nick) FROM profiles") == 2500


def test_a_table_without_a_key_of_one_column_is_refused(controlled, ops):
    controlled.run("CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b))")
    with ops(controlled, REVISION) as op:
        op.add_columns("pairs", sa.Column("nick", sa.Text))
    with (
        pytest.raises(Exception, match="table pairs has no primary key of one column"),
        ops(controlled, REVISION) as op,
    ):
        op.copy_columns("pairs", "nick")


def test_restored_rows_are_read_in_the_order_they_had(filled, ops):
    """Answers of the Phase 1 application without ORDER BY follow the order of the rows (knowledge M 23)."""
    filled.run("UPDATE profiles SET nick = 'n' || id")
    filled.run("VACUUM FULL profiles")
    filled.run("SET synchronize_seqscans = off")  # a scan that begins where another one is tells nothing about the order
    before = filled.all("SELECT id FROM profiles")
    for _ in range(2):
        copy(filled, ops)
        drop(filled, ops)
        with ops(filled, REVISION) as op:
            add(op)
            op.restore_columns("profiles", "nick", "amount")
        assert filled.all("SELECT id FROM profiles") == before


def test_a_row_that_somebody_holds_is_restored_later(filled, ops):
    copy(filled, ops)
    drop(filled, ops)
    with ops(filled, REVISION) as op:
        add(op)
    holder = filled.connect()
    holder.execute("BEGIN; UPDATE profiles SET email = 'held' WHERE id = 2")
    call = filled.connect()
    call.execute("SET kingston.revision = 'phase_9_notes'")
    with psycopg.connect(filled.url.replace("+psycopg", ""), autocommit=True) as watch:
        pid = call.info.backend_pid
        runner = threading.Thread(
            target=lambda: call.execute("CALL kingston.restore_columns('profiles', '{nick,amount}')")
        )
        runner.start()
        while watch.execute("SELECT count(*) FROM profiles WHERE nick IS NOT NULL").fetchone()[0] < 2499:
            pass
        assert watch.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() == (
            "active",
        )
        holder.execute("COMMIT")
        runner.join(30)
    assert filled.one("SELECT email, nick FROM profiles WHERE id = 2") == ("held", "n2")
    assert filled.one(f"SELECT count(*) FROM {ARCHIVE}") == 0

"""Revision phase_2_owner_phones: numbers of every production, once each, and nothing lost in silence"""

from __future__ import annotations

import subprocess
import threading
import time

import psycopg
import pytest

from owner_data import owner, phone
from portals import Portal
from round_trip import down_and_up, quarantined

BELOW, AT = "phase_2_product_owners", "phase_2_owner_phones"
TABLES = ("product_owner_phones", "product_owner_phone_rejects", "product_owner_phone_sources")
NUMBERS = (
    "SELECT product_owner_id, phone_number, phone_type, is_primary, source_column"
    " FROM product_owner_phones ORDER BY product_owner_id, id"
)
SAMPLE = (
    "07700 900456", "+44 7700 900 456", "(020) 7946-0018", "020 7946 0018 ext 12", "07700 900456 / 020 7946 0018",
    "n/a", "12345", None, "", "  ", "0044 20 7946 0018", "+1 (555) 010-9999 or 07700 900 457",
)  # fmt: skip


def production(portal_at, *values, columns=("phone",)):
    """A Phase 1 portal with telephone columns; ``values`` are one text or tuple of texts per owner."""
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners " + ", ".join(f"ADD {name} text" for name in columns))
    for value in values:
        given = value if isinstance(value, tuple) else (value,)
        marks = ", ".join(["%s"] * len(given))
        portal.run(f"INSERT INTO product_owners ({', '.join(columns)}) VALUES ({marks})", *given)
    return portal


def test_a_portal_without_telephone_columns_gets_empty_tables(portal_at):
    portal = portal_at(AT)
    assert [portal.one(f"SELECT count(*) FROM {table}") for table in TABLES] == [0, 0, 0]


def test_E034_every_number_is_migrated_or_kept_aside(portal_at):
    portal = production(portal_at, *SAMPLE)
    before = portal.all("SELECT t::text FROM product_owners AS t ORDER BY id")
    portal.alembic("upgrade", AT)
    filled = sum(1 for text in SAMPLE if text and text.strip())
    assert portal.one("SELECT count(*), sum(numbers_found), sum(migrated), sum(rejected), sum(duplicates)"
                      " FROM product_owner_phone_sources") == (filled, 11, 9, 2, 0)  # fmt: skip
    assert portal.one("SELECT count(*) FROM product_owner_phones") == 9
    assert portal.all("SELECT source_text, reason, resolved_at FROM product_owner_phone_rejects ORDER BY id") == [
        ("n/a", "no digits", None), ("12345", "fewer than 7 digits", None)]  # fmt: skip
    assert portal.all("SELECT source_text FROM product_owner_phone_sources ORDER BY product_owner_id") == [
        text for text in SAMPLE if text and text.strip()]  # fmt: skip
    after = portal.all("SELECT id, created_at, status, firstname, surname, known_as, phone FROM product_owners ORDER BY id")
    assert len(after) == len(before)
    assert [row[-1] for row in after] == list(SAMPLE)


def test_C018_the_first_number_becomes_primary_and_types_are_only_certain_ones(portal_at):
    portal = production(
        portal_at, ("020 7946 0018", "07700 900456"), (None, "+44 7700 900 457 / 01632 960 001"),
        columns=("phone_1", "phone_2"),
    )  # fmt: skip
    portal.alembic("upgrade", AT)
    assert portal.all(NUMBERS) == [
        (1, "02079460018", "other", True, "phone_1"), (1, "07700900456", "mobile", False, "phone_2"),
        (2, "+447700900457", "mobile", True, "phone_2"), (2, "01632960001", "other", False, "phone_2"),
    ]  # fmt: skip


def test_the_same_number_in_two_columns_is_one_number(portal_at):
    portal = production(portal_at, ("07700 900456", "+44 7700 900456", "07700900456 ext 1"),
                        columns=("phone", "phone_1", "phone_2"))  # fmt: skip
    portal.alembic("upgrade", AT)
    assert [row[1] for row in portal.all(NUMBERS)] == ["07700900456", "07700900456"]
    assert portal.all("SELECT source_column, migrated, duplicates FROM product_owner_phone_sources ORDER BY 1") == [
        ("phone", 1, 0), ("phone_1", 0, 1), ("phone_2", 1, 0)]  # fmt: skip


def test_a_column_of_another_type_is_read_as_text(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD phone bigint, ADD phone_1 varchar(20)")
    portal.run("INSERT INTO product_owners (phone, phone_1) VALUES (447700900456, '07700 900457')")
    portal.alembic("upgrade", AT)
    assert [row[1] for row in portal.all(NUMBERS)] == ["447700900456", "07700900457"]


def test_rows_come_back_as_they_were_and_nothing_is_migrated_twice(portal_at):
    portal = production(portal_at, *SAMPLE)
    portal.alembic("upgrade", AT)
    phone(portal, 6, "+44 161 496 0000", label="by hand", is_primary=True)
    portal.run("UPDATE product_owner_phones SET phone_number = '07700 900999' WHERE id = 1")
    portal.run("DELETE FROM product_owner_phones WHERE id = 2")
    rows = [portal.all(f"SELECT t::text FROM {table} AS t ORDER BY t::text") for table in TABLES]
    for _ in range(2):
        portal.alembic("downgrade", "phase_1")
        portal.alembic("upgrade", AT)
        assert [portal.all(f"SELECT t::text FROM {table} AS t ORDER BY t::text") for table in TABLES] == rows


def test_the_catalogue_is_exact_both_ways(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    phone(portal, person)
    portal.run("INSERT INTO product_owner_phone_rejects (product_owner_id, source_column, source_text, reason)"
               " VALUES (%s, 'phone', 'ask', 'no digits')", person)  # fmt: skip
    portal.run("INSERT INTO product_owner_phone_sources VALUES (%s, 'phone', 'ask', 1, 0, 1, 0)", person)
    down_and_up(portal, portal_at, BELOW, AT, *TABLES)
    assert phone(portal, person, "020 7946 0018") == 2


def test_values_added_or_changed_below_are_picked_up(portal_at):
    portal = production(portal_at, "07700 900001", "07700 900002", "07700 900003", "07700 900004", "ask")
    portal.alembic("upgrade", AT)
    portal.run("UPDATE product_owner_phones SET phone_number = '07700 900033' WHERE product_owner_id = 3")
    portal.alembic("downgrade", "phase_1")
    portal.run("UPDATE product_owners SET phone = '07700 900022' WHERE id = 2")  # replaced
    portal.run("UPDATE product_owners SET phone = '07700 900333' WHERE id = 3")  # replaced, but edited above before
    portal.run("UPDATE product_owners SET phone = NULL WHERE id = 4")  # removed
    portal.run("UPDATE product_owners SET phone = '07700 900005' WHERE id = 5")  # corrected
    portal.run("INSERT INTO product_owners (id, phone) VALUES (60, '07700 900006')")  # new
    portal.alembic("upgrade", AT)
    assert [(row[0], row[1], row[3]) for row in portal.all(NUMBERS)] == [
        (1, "07700900001", True), (2, "07700900022", True), (3, "07700 900033", True), (3, "07700900333", False),
        (5, "07700900005", True), (60, "07700900006", True),
    ]  # fmt: skip
    assert portal.all(
        "SELECT product_owner_id, source_text, reason, resolution FROM product_owner_phone_rejects ORDER BY 1, id"
    ) == [
        (2, "07700900002", "superseded: the source value was changed", "replaced by the newer value"),
        (4, "07700900004", "superseded: the source value was changed", "replaced by the newer value"),
        (5, "ask", "no digits", "the source value was changed"),
    ]


def test_a_number_that_another_column_still_holds_stays(portal_at):
    portal = production(portal_at, ("07700 900456", "+44 7700 900456"), columns=("phone", "phone_1"))
    portal.alembic("upgrade", AT)
    portal.run("UPDATE product_owners SET phone = '020 7946 0018'")
    portal.run("CALL kingston.migrate_owner_phones()")
    assert [row[1] for row in portal.all(NUMBERS)] == ["07700900456", "02079460018"]


def test_an_owner_deleted_below_leaves_its_numbers_in_quarantine(portal_at):
    portal = production(portal_at, "07700 900456", "ask")
    portal.alembic("upgrade", AT)
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM product_owners")
    portal.alembic("upgrade", AT)
    assert [portal.one(f"SELECT count(*) FROM {table}") for table in TABLES] == [0, 0, 0]
    assert quarantined(portal, "product_owner_phones") == [(1, "product_owner_id 1 is gone from product_owners")]
    assert quarantined(portal, "product_owner_phone_rejects")[0][1] == "product_owner_id 2 is gone from product_owners"


def test_a_number_that_goes_missing_stops_the_migration(portal_at):
    portal = production(portal_at, "07700 900456", "020 7946 0018")
    portal.alembic("upgrade", AT)
    portal.run("INSERT INTO product_owners (phone) VALUES ('07700 900457'), ('07700 900458')")
    portal.run("CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    portal.run("CREATE TRIGGER swallow BEFORE INSERT ON product_owner_phones FOR EACH ROW"
               " WHEN (NEW.phone_number LIKE '%457') EXECUTE FUNCTION swallow()")  # fmt: skip
    with pytest.raises(psycopg.Error, match="2 telephone numbers were found, but 1 were migrated") as caught:
        portal.run("CALL kingston.migrate_owner_phones()")
    assert caught.value.sqlstate == "KS005"
    assert portal.one("SELECT count(*) FROM product_owner_phones") == 2
    portal.run("DROP TRIGGER swallow ON product_owner_phones")
    portal.run("CALL kingston.migrate_owner_phones()")
    assert portal.one("SELECT count(*) FROM product_owner_phones") == 4


def test_an_owner_being_deleted_is_waited_for_and_nobody_waits_for_the_migration(portal_at):
    portal = production(portal_at, *[f"07700 {900000 + n}" for n in range(20)])
    portal.alembic("upgrade", BELOW)
    portal.alembic("upgrade", AT)
    portal.run("INSERT INTO product_owners (id, phone) VALUES (100, '07700 900100'), (101, '07700 900101')")
    leaving = portal.connect()
    leaving.execute("BEGIN")
    leaving.execute("DELETE FROM product_owners WHERE id = 100")
    runner = portal.connect()
    errors = []

    def migrate():
        try:
            runner.execute("CALL kingston.migrate_owner_phones()")
        except psycopg.Error as error:
            errors.append(error)

    work = threading.Thread(target=migrate)
    work.start()
    deadline = time.monotonic() + 30
    while not portal.one("SELECT count(*) FROM product_owner_phones WHERE product_owner_id = 101"):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    leaving.execute("COMMIT")
    work.join(30)
    assert errors == []
    assert portal.one("SELECT count(*) FROM product_owner_phones WHERE product_owner_id = 100") == 0


def test_a_portal_in_another_schema(portal_at):
    database = portal_at("base")
    database.run("CREATE SCHEMA firm_a")
    portal = Portal(database.url, "firm_a")
    portal.alembic("upgrade", "phase_1")
    portal.run("ALTER TABLE product_owners ADD phone text")
    portal.run("INSERT INTO product_owners (phone) VALUES ('07700 900456'), ('ask')")
    portal.alembic("upgrade", AT)
    rows = portal.all(NUMBERS)
    assert rows == [(1, "07700900456", "mobile", True, "phone")]
    portal.alembic("downgrade", "legacy")
    portal.alembic("upgrade", AT)
    assert portal.all(NUMBERS) == rows
    portal.close()


def test_the_offline_script_does_the_same(server, portal_at):
    online, offline = (production(portal_at, *SAMPLE) for _ in range(2))
    online.alembic("upgrade", AT)
    for command, span in (("upgrade", f"phase_1:{AT}"), ("downgrade", f"{AT}:phase_1"), ("upgrade", f"phase_1:{AT}")):
        script = offline.alembic(command, span, sql=True)
        psql = [server.started.server.bindir / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*psql, offline.url.replace("+psycopg", "")], input=script.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
    assert offline.all(NUMBERS) == online.all(NUMBERS)
    assert offline.all("SELECT source_text, reason FROM product_owner_phone_rejects") == online.all(
        "SELECT source_text, reason FROM product_owner_phone_rejects")
    dates = "SELECT id, inception_date = created_at, updated_at FROM product_owners ORDER BY id"
    assert offline.all(dates) == online.all(dates)


def test_three_thousand_owners_in_batches(portal_at):
    portal = production(portal_at)
    portal.run("INSERT INTO product_owners (phone) SELECT '07700 ' || 900000 + i FROM generate_series(1, 2500) AS i")
    portal.run("INSERT INTO product_owners (id, phone) VALUES (-5, '020 7946 0018')")
    portal.alembic("upgrade", AT)
    assert portal.one("SELECT count(*), count(*) FILTER (WHERE is_primary) FROM product_owner_phones") == (2501, 2501)
    assert portal.one("SELECT done, total, finished_at IS NOT NULL FROM kingston.backfill_progress"
                      " WHERE step = 'migrate_owner_phones'") == (2500, 2500, True)  # fmt: skip

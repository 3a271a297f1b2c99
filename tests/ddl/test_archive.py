"""Whole tables leave the portal and come back: op.archive_table, op.restore_table_or."""

from __future__ import annotations

import psycopg
import pytest

from ddl.conftest import make_pets
from kingston_schema.catalog import fingerprint


def test_a_table_goes_and_comes_back_with_rows_indexes_and_identity(pets, ops):
    before = fingerprint.read(pets.connection, "public")
    rows = pets.all("SELECT * FROM pets ORDER BY id")
    with ops(pets) as op:
        op.archive_table("pets")
    assert pets.one("SELECT to_regclass('pets')") is None
    assert pets.one("SELECT count(*) FROM kingston_archive.pets") == 3
    assert pets.one("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conname LIKE 'fk_pets%'") == 0
    with ops(pets) as op:
        make_pets(op)
    assert pets.all("SELECT * FROM pets ORDER BY id") == rows
    assert fingerprint.differences(before, fingerprint.read(pets.connection, "public")) == []
    assert pets.one("INSERT INTO pets (name) VALUES ('Neu') RETURNING id") == 4


def test_both_operations_may_be_repeated(pets, ops):
    for _ in range(2):
        with ops(pets) as op:
            op.archive_table("pets")
    for _ in range(2):
        with ops(pets) as op:
            make_pets(op)
    assert pets.one("SELECT count(*) FROM pets") == 3


def test_a_table_made_again_below_is_refused_by_the_operation_too(pets, ops):
    """A script made with --sql has no look at the start."""
    with ops(pets) as op:
        op.archive_table("pets")
    pets.run("CREATE TABLE pets (id int)")
    with pytest.raises(Exception, match="a table pets was made below while the archive holds"), ops(pets) as op:
        make_pets(op)
    assert pets.one("SELECT count(*) FROM kingston_archive.pets") == 3


def test_the_parent_of_an_archived_table_can_be_deleted(pets, ops):
    with ops(pets) as op:
        op.archive_table("pets")
    assert pets.run("DELETE FROM profiles WHERE id = 1") == 1


def test_a_table_with_triggers_is_refused_and_nothing_changes(pets, ops):
    pets.run(
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER left_over AFTER INSERT ON pets EXECUTE FUNCTION nothing()"
    )
    with pytest.raises(Exception, match="left_over"), ops(pets) as op:
        op.archive_table("pets")
    assert pets.one("SELECT count(*) FROM pets") == 3


def test_a_table_that_was_never_made_is_passed_over(controlled, ops):
    """An upgrade was interrupted before it made the table; going down must not stop there."""
    with ops(controlled) as op:
        op.archive_table("pets")


def test_every_movement_is_in_the_register(pets, ops):
    with ops(pets, "phase_9_pets") as op:
        op.archive_table("pets")
    with ops(pets, "phase_9_pets") as op:
        make_pets(op)
    assert pets.all(
        "SELECT movement, table_name, revision FROM kingston.archive_entry WHERE table_name = 'pets' ORDER BY id"
    ) == [("archived", "pets", "phase_9_pets"), ("restored", "pets", "phase_9_pets")]


def test_archiving_does_not_depend_on_the_number_of_rows(pets, ops):
    """Catalogue only: the pages of the table are the same files before and after."""
    pets.run("INSERT INTO pets (name) SELECT 'x' || g FROM generate_series(1, 20000) AS g")
    file = pets.one("SELECT pg_relation_filenode('pets')")
    with ops(pets) as op:
        op.archive_table("pets")
    assert pets.one("SELECT pg_relation_filenode('kingston_archive.pets')") == file


def test_the_old_application_cannot_see_the_archive(pets, ops):
    with ops(pets) as op:
        op.archive_table("pets")
    with pytest.raises(psycopg.errors.UndefinedTable):
        pets.run("SELECT * FROM pets")

"""Rows whose parent was deleted while they rested in the archive: kept, with the reason (design section 7)."""

from __future__ import annotations

import pytest

from ddl.conftest import make_pets


@pytest.fixture
def below(pets, ops):
    """The pets in the archive; below, profile 2 and provider 7 are deleted."""
    pets.run("UPDATE pets SET weight = 'NaN', seen = 'infinity' WHERE name = 'Tom'")
    with ops(pets) as op:
        op.archive_table("pets")
    pets.run("DELETE FROM profiles WHERE id = 2; DELETE FROM available_providers WHERE id = 7")
    return pets


def test_orphans_go_to_quarantine_value_for_value_with_the_missing_key(below, ops):
    with ops(below) as op:
        make_pets(op)
    assert below.all("SELECT name FROM pets ORDER BY name") == ["Rex"]
    assert below.all(
        "SELECT name, weight::text, seen::text, quarantine_reason FROM kingston_archive.quarantine__pets"
        " WHERE quarantine_reason LIKE 'profile_id%' ORDER BY name"
    ) == [
        ("Ida", None, None, "profile_id 2 is gone from profiles"),
        ("Tom", "NaN", "infinity", "profile_id 2 is gone from profiles"),
    ]


def test_set_null_keeps_the_row_and_the_lost_value_beside_it(below, ops):
    with ops(below) as op:
        make_pets(op)
    assert below.one("SELECT provider_id FROM pets WHERE name = 'Rex'") is None
    assert below.all(
        "SELECT name, provider_id, quarantine_reason FROM kingston_archive.quarantine__pets"
        " WHERE quarantine_reason LIKE 'provider_id%'"
    ) == [("Rex", 7, "provider_id 7 is gone from available_providers")]


def test_the_foreign_keys_are_valid_afterwards(below, ops):
    with ops(below) as op:
        make_pets(op)
    assert below.all("SELECT convalidated FROM pg_constraint WHERE conname LIKE 'fk_pets%'") == [True, True]


def test_repeating_the_upgrade_quarantines_nothing_twice(below, ops):
    for _ in range(2):
        with ops(below) as op:
            make_pets(op)
    assert below.one("SELECT count(*) FROM kingston_archive.quarantine__pets") == 3


def test_a_second_round_adds_to_the_quarantine(below, ops):
    with ops(below) as op:
        make_pets(op)
    below.run("INSERT INTO pets (name, profile_id) VALUES ('Zoe', 1)")
    with ops(below) as op:
        op.archive_table("pets")
    below.run("DELETE FROM profiles WHERE id = 1")
    with ops(below) as op:
        make_pets(op)
    assert below.one("SELECT count(*) FROM pets") == 0
    assert below.all("SELECT DISTINCT name FROM kingston_archive.quarantine__pets ORDER BY 1") == [
        "Ida", "Rex", "Tom", "Zoe",
    ]  # fmt: skip


def test_the_register_counts_them(below, ops):
    with ops(below) as op:
        make_pets(op)
    assert below.all(
        "SELECT rows_moved FROM kingston.archive_entry WHERE movement = 'quarantined' ORDER BY id"
    ) == [2, 1]

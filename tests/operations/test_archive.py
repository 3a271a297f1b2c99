"""kingston archive"""

from __future__ import annotations


def rolled_back(portal):
    portal.alembic("upgrade", "pre_migration_control")
    portal.alembic("downgrade", "legacy")
    return portal


def test_empty(kingston, newest_portal_at):
    listed = kingston("archive", portal=newest_portal_at("legacy"))
    assert listed.code == 0
    assert "the archive is empty (schema kingston_archive)" in listed.out


def test_lists_tables_with_rows_and_the_revision_that_archived_them(kingston, portal_at):
    portal = rolled_back(portal_at("legacy"))
    items = {
        item["name"]: item for item in kingston("archive", "--json", portal=portal).json["data"]["items"]
    }
    assert items["migration_control"]["kind"] == "table"
    assert items["migration_control"]["revision"] == "pre_migration_control"
    assert items["migration_control"]["rows"] == portal.one(
        "SELECT count(*) FROM kingston_archive.migration_control"
    )


def test_list_is_the_same_as_nothing(kingston, newest_portal_at):
    portal = rolled_back(newest_portal_at("legacy"))
    alone, listed = (
        kingston("archive", "--json", portal=portal),
        kingston("archive", "list", "--json", portal=portal),
    )
    assert alone.json["data"] == listed.json["data"]
    assert "migration_log" in kingston("archive", "list", portal=portal).out


def test_quarantine_shows_rows_and_reasons(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    portal.run("CREATE TABLE kept (id bigint PRIMARY KEY, note text)")
    portal.run("INSERT INTO kept VALUES (1, 'a'), (2, 'b')")
    portal.run("SELECT kingston.quarantine_rows('kept', 't.id = 2', '''parent 7 is gone''', NULL)")
    found = kingston("archive", "list", "--quarantine", "--json", portal=portal).json["data"]
    assert (found["quarantined"], [item["name"] for item in found["items"]]) == (1, ["quarantine__kept"])
    assert found["items"][0]["reasons"] == ["parent 7 is gone"]
    assert "parent 7 is gone" in kingston("archive", "--quarantine", portal=portal).out


def test_nothing_in_quarantine(kingston, newest_portal_at):
    portal = rolled_back(newest_portal_at("legacy"))
    assert "nothing is in quarantine" in kingston("archive", "--quarantine", portal=portal).out


def test_a_purge_is_listed_for_ever(kingston, newest_portal_at):
    portal = rolled_back(newest_portal_at("legacy"))
    assert "nothing was ever purged" in kingston("archive", "list", "--purged", portal=portal).out
    gone = kingston(
        "archive", "purge", "migration_log", "--force-with-reason", "a test", "--yes", portal=portal
    )
    assert gone.code == 0, gone.err
    portal.alembic("upgrade", "pre_migration_control")
    (purge,) = kingston("archive", "--purged", "--json", portal=portal).json["data"]["purges"]
    assert (purge["name"], purge["reason"]) == ("migration_log", "a test")


def test_the_copies_of_an_unfinished_rollback_are_not_the_archive(kingston, newest_portal_at):
    """Their values still stand in the portal."""
    portal = newest_portal_at("phase_2_product_owners")
    portal.run("INSERT INTO product_owners (notes) VALUES ('ours')")
    portal.run("SET kingston.revision = 'phase_2_product_owners'")
    portal.run("CALL kingston.copy_columns('product_owners', '{notes}')")
    assert (
        portal.one("SELECT count(*) FROM kingston_archive.product_owners__phase_2_product_owners__copy") == 1
    )
    assert kingston("archive", "--json", portal=portal).json["data"]["items"] == []
    portal.run("CALL kingston.copy_columns('product_owners', '{notes}')")
    portal.run("SELECT kingston.archive_columns('product_owners', '{notes}')")
    (item,) = kingston("archive", "--json", portal=portal).json["data"]["items"]
    assert (item["name"], item["rows"]) == ("product_owners__phase_2_product_owners", 1)


def test_unknown_subcommand(kingston, newest_portal_at):
    assert kingston("archive", "burn", portal=newest_portal_at("legacy")).code == 2

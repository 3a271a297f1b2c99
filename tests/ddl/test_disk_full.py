"""A rollback and a full disk: refused where it can be known, stopped without loss where it cannot."""

from __future__ import annotations

import pytest

from ddl.scarce import scarce
from kingston_schema.ddl.before import space
from kingston_schema.errors import DiskFull, RefusedError
from promises.writes import contents

AT, BELOW = "phase_3_ownership", "phase_1"


@pytest.fixture
def portal(portal_at):
    return portal_at(AT, seed=True)


def notes(portal, size: int) -> None:
    """Notes of product owners that take ``size`` bytes, however they are compressed."""
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    portal.one("SELECT set_config('app.justification', 'a test', false)")
    owners = portal.one("SELECT count(*) FROM product_owners")
    portal.run(
        "UPDATE product_owners SET notes = (SELECT string_agg(md5(g::text || product_owners.id), '') FROM generate_series(1, %s) AS g)",
        size // owners // 32 + 1,
    )
    portal.run("VACUUM product_owners")
    portal.run("CHECKPOINT")


def test_a_full_disk_loses_nothing_and_the_same_command_completes(portal, server, monkeypatch):
    """The server's disk cannot be seen (as on another machine): the copy fails half-way, the columns stay."""
    monkeypatch.setattr(space, "free", lambda connection: None)
    with scarce(portal, server.started.server) as disk:
        notes(portal, disk.fits * 3 // 2)
        before = contents(portal)
        disk.fill()
        with pytest.raises(DiskFull) as caught:
            portal.alembic("downgrade", BELOW)
        assert "the disk of the server is full" in str(caught.value)
        assert "make room there, then run the same command again" in str(caught.value)
        assert caught.value.exit_code == 4
        # The revisions before it are done; the one that ran has dropped nothing.
        assert portal.one("SELECT version_num FROM alembic_version") == "phase_2_product_owners"
        assert sorted(portal.all("SELECT t::text FROM product_owners AS t")) == before["product_owners"]
        assert (
            portal.one("SELECT to_regclass('kingston_archive.product_owners__phase_2_product_owners')")
            is None
        )
        assert portal.all("SELECT status FROM kingston.journal ORDER BY id DESC LIMIT 1") == ["failed"]
        disk.make_room()
        portal.alembic("downgrade", BELOW)
        portal.alembic("upgrade", AT)
    assert contents(portal) == before
    assert portal.one("SELECT count(*) FROM kingston.archive_entry WHERE movement = 'quarantined'") == 0


def test_too_little_room_is_refused_before_anything_is_changed(newest_portal_at, newest_server, monkeypatch):
    portal = newest_portal_at(AT, seed=True)
    with scarce(portal, newest_server.started.server) as disk:
        notes(portal, disk.fits * 3 // 2)
        disk.fill()
        if not disk.visible:
            monkeypatch.setattr(space, "free", lambda connection: disk.fits)
        with pytest.raises(
            RefusedError,
            match=r"the archive needs [\d,.]+ .B for values of .*product_owners; [\d,.]+ .B are free",
        ):
            portal.alembic("downgrade", BELOW)
        assert portal.one("SELECT version_num FROM alembic_version") == AT
        assert portal.one("SELECT count(*) FROM kingston.journal WHERE direction = 'down'") == 0
        disk.make_room()
        monkeypatch.undo()
        portal.alembic("downgrade", BELOW)


def test_what_is_asked_for_is_never_more_than_the_copy_takes(newest_portal_at):
    """Otherwise a rollback would be refused that has room enough."""
    portal = newest_portal_at(AT, seed=True)
    notes(portal, 300_000)
    asked = {
        "client_products__phase_3_ownership": space.needed(
            portal.connection, "public", "client_products", ["ownership_details"]
        ),
        "product_owners__phase_2_product_owners": space.needed(
            portal.connection, "public", "product_owners", ["notes", "security_words", "inception_date"]
        ),
    }
    assert asked["product_owners__phase_2_product_owners"] > 300_000
    portal.alembic("downgrade", BELOW)
    for name, size in asked.items():
        assert 0 < size <= portal.one("SELECT pg_total_relation_size(%s)", f"kingston_archive.{name}")


def test_another_server_is_not_taken_for_this_machine_s(newest_portal_at, monkeypatch):
    """A process of the same number here proves nothing: its server must have started when the other end says it did."""
    portal = newest_portal_at("legacy")
    connection = portal.connection
    known = space.free(connection)
    assert known is not None

    class Elsewhere:
        info = connection.info

        def execute(self, statement, *parameters):
            return connection.execute(
                statement.replace("pg_postmaster_start_time()", "'2001-01-01'::timestamptz"), *parameters
            )

    assert space.free(Elsewhere()) is None

"""The control schema: what it knows of its portal."""

from __future__ import annotations


def test_a_database_built_here_is_new_and_a_stamped_one_is_production(portal_at):
    built, stamped = portal_at("pre_migration_control"), portal_at("legacy")
    stamped.run("COMMENT ON TABLE alembic_version IS NULL")
    stamped.alembic("upgrade", "pre_migration_control")
    origin = "SELECT kingston.origin()"
    assert (built.one(origin), stamped.one(origin)) == ("new", "production")


def test_the_origin_stays_through_a_rollback(portal_at):
    portal = portal_at("pre_migration_control")
    portal.alembic("downgrade", "legacy")
    assert portal.one("SELECT kingston.origin()") == "new"


def test_production_that_is_rebuilt_from_nothing_is_new(portal_at):
    portal = portal_at("legacy")
    portal.run("COMMENT ON TABLE alembic_version IS NULL")
    portal.alembic("upgrade", "pre_migration_control")
    portal.alembic("downgrade", "base")
    portal.alembic("upgrade", "pre_migration_control")
    assert portal.one("SELECT kingston.origin()") == "new"


def test_nothing_of_the_portal_depends_on_it_but_functions(portal_at):
    """The application works when the control schema is gone; only going up or down needs it."""
    portal = portal_at("head", seed=True)
    portal.run("DROP SCHEMA kingston CASCADE; DROP SCHEMA kingston_archive CASCADE")
    portal.run("UPDATE client_products SET notes = 'x'; DELETE FROM product_owner_products WHERE id % 7 = 0")
    assert portal.one("SELECT count(*) FROM product_ownership") > 0

"""What a data movement wrote is known to the planner before the next statement is planned."""

from __future__ import annotations

NULLS = "SELECT null_frac FROM pg_stats WHERE tablename = 'client_products' AND attname = 'ownership_details'"


def test_after_the_fills_the_planner_knows_what_is_there(newest_portal_at):
    """Filled in batches: more products than are rewritten in place."""
    portal = newest_portal_at("phase_2")
    portal.run("INSERT INTO client_groups (name) SELECT 'G' || g FROM generate_series(1, 30) AS g")
    portal.run(
        "INSERT INTO client_products (client_id, product_name, status) SELECT (SELECT min(id) FROM client_groups) + g % 30, 'P', 'active'"
        " FROM generate_series(1, 2100) AS g"
    )
    portal.run("ALTER TABLE client_products SET (autovacuum_enabled = off)")
    portal.alembic("upgrade", "phase_3_ownership")
    assert portal.one(NULLS) == 0
    portal.alembic("upgrade", "phase_6_summaries")
    summaries = ("client_complete_summary", "client_dense_summary")
    rows = [portal.one(f"SELECT count(*), (SELECT reltuples FROM pg_class WHERE relname = '{name}') FROM {name}") for name in summaries]
    assert [there for there, _ in rows] == [30, 30]
    assert [known for _, known in rows] == [30, 30]


def test_whoever_holds_the_table_is_let_be(controlled):
    """ANALYZE would wait for another one, or for VACUUM; neither is worth an error."""
    holder = controlled.connect()
    holder.execute("BEGIN; LOCK TABLE profiles IN SHARE UPDATE EXCLUSIVE MODE")
    controlled.run("SET lock_timeout = '50ms'")
    controlled.run("SELECT kingston.fresh_statistics('profiles')")
    assert controlled.one("SHOW lock_timeout") == "50ms"
    holder.execute("ROLLBACK")
    controlled.run("SELECT kingston.fresh_statistics('profiles', ARRAY['id', 'email'])")

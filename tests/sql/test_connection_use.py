"""connection_use(): every client connection against what an ordinary role may open"""

from __future__ import annotations


def test_E138_E167_idle_sessions_count_because_max_connections_counts_them(portal_at):
    portal = portal_at("phase_1")
    used, usable, percent = portal.one("SELECT * FROM connection_use()")
    limit = portal.one(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        " - coalesce(current_setting('reserved_connections', true), '0')::int"
    )
    assert usable == limit
    assert percent == round(100 * used / usable, 1) or abs(float(percent) - 100 * used / usable) < 0.06
    idle = [portal.connect() for _ in range(5)]
    assert portal.one("SELECT used FROM connection_use()") >= used + len(idle)


def test_a_role_without_privileges_sees_the_same_number(portal_at):
    portal = portal_at("phase_1")
    portal.run("DROP ROLE IF EXISTS connection_reader")
    portal.run("CREATE ROLE connection_reader LOGIN")
    portal.run(f"GRANT USAGE ON SCHEMA {portal.one('SELECT quote_ident(current_schema())')} TO connection_reader")
    try:
        plain = portal.connect(user="connection_reader")
        seen = plain.execute("SELECT used FROM connection_use()").fetchone()[0]
        assert abs(seen - portal.one("SELECT used FROM connection_use()")) <= 1
        plain.close()
    finally:
        portal.run("DROP OWNED BY connection_reader")
        portal.run("DROP ROLE connection_reader")

"""table_has_rows(text): existence before contents"""

from __future__ import annotations


def test_E088_a_missing_table_is_a_finding_and_not_an_error(portal_at):
    portal = portal_at("phase_1")
    assert portal.one("SELECT table_has_rows('client_groups')") is False
    portal.run("INSERT INTO client_groups (name) VALUES ('Ann')")
    assert portal.one("SELECT table_has_rows('client_groups')") is True
    for name in ("no_such_table", "client_groups_pkey", "client_groups_summary", "pg_class", 'x"; DROP TABLE profiles; --'):
        assert portal.one("SELECT table_has_rows(%s)", name) is None
    assert portal.one("SELECT count(*) FROM profiles") == 0

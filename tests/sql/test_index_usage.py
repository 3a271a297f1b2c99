"""index_usage: verdicts that wait until there is something to judge"""

from __future__ import annotations


def test_verdicts(portal_at):
    portal = portal_at("head")
    verdict = "SELECT verdict FROM index_usage WHERE index_name = %s"
    assert portal.one(verdict, "client_actions_pkey") == "NEEDED"
    assert portal.one(verdict, "idx_client_objectives_priority") == "TOO EARLY"
    portal.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_client_items_type'::regclass")
    assert portal.one(verdict, "idx_client_items_type") == "NOT VALID"
    names = portal.all("SELECT index_name FROM index_usage")
    assert len(names) == portal.one("SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema()")

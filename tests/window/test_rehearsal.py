"""The deployment window of document 001 in one go, as the release engineer walks it, with the portal in use.

A production-like Phase 1 database on a durable server that nobody stamped: the go-live checklist is red, the cause is
repaired, a checkpoint is proven, the checklist is green; the upgrade runs under load until a gate refuses; rollback under
load; repaired and upgraded again under load; verified, reported, on record.
"""

from __future__ import annotations

from promises.online.crowd import Crowd
from promises.online.portal import grow

DANGLING = (
    "SET session_replication_role = replica; UPDATE client_products SET portfolio_id = {} WHERE id = 7;"
    " RESET session_replication_role"
)
# A product that nobody else changes.
HALF_OWNED = (
    "SET session_replication_role = replica; UPDATE client_products SET ownership_details = ownership_details"
    """ || '{"association_type": "individual", "1": 50}' WHERE id = 20020; RESET session_replication_role"""
)
BUSY = ("--allow", "benchmarks_within_tolerance:clients are at work")


def test_the_window(production, kingston, tmp_path):
    portal = production()
    grow(portal)

    def typed(*words: str, code: int = 0) -> dict:
        """What the command says, as JSON, after it ended as expected."""
        done = kingston(*words, "--json", portal=portal)
        print(*words, done.err, *(done.json["findings"] if done.code else ()), sep="\n")
        assert done.code == code, (words, done.out, done.err)
        return done.json

    def red(checks: dict) -> set[str]:
        return {
            o["name"]
            for o in checks["data"]["outcomes"]
            if o["state"] != "passed" and o["severity"] == "critical"
        }

    # Before the night: what is this database, and is it ready?
    assert typed("stamp", "--detect")["data"]["match"]["revision"] == "legacy"
    typed("stamp", "legacy", "--yes")
    portal.run(DANGLING.format(987654))
    checklist = typed("check", "go-live", code=1)
    assert red(checklist) == {"backup_proven", "products_dangling_portfolio"}
    portal.run(DANGLING.format("NULL"))
    typed("checkpoint", "create", "--name", "window")
    typed("checkpoint", "verify", "window")
    assert red(typed("check", "go-live")) == set()

    crowd = Crowd(portal.url)
    try:
        # A gate refuses in the middle of the window.
        typed("upgrade", "phase_3_ownership", "--yes", *BUSY)
        portal.run(
            "INSERT INTO client_objectives (client_group_id, title, created_by) SELECT 1, 'kept through the night', min(id) FROM profiles"
        )
        portal.run(HALF_OWNED)
        refused = typed("upgrade", "--yes", *BUSY, code=3)
        assert "documents_valid" in refused["findings"][0]["message"]
        # Repaired, but the night is short: back to where it began, and nothing is lost.
        portal.run("SELECT rebuild_ownership(ARRAY[20020])")
        typed("rollback", "legacy", "--yes")
        typed("fingerprint", "--diff", "legacy")
        # Again, to the end.
        typed("upgrade", "--yes", *BUSY)
        assert (
            portal.one("SELECT client_group_id FROM client_objectives WHERE title = 'kept through the night'")
            == 1
        )
        crowd.end()
    finally:
        crowd.kill()
    assert crowd.failures == []

    # The morning after.
    portal.run("SELECT refresh_dirty_summaries()")
    typed("verify")
    typed("check", "post")
    typed("history", "--verify")
    page = tmp_path / "report.html"
    typed("report", "--html", str(page))
    assert "phase_6" in page.read_text(encoding="utf-8")
    assert typed("status")["data"]["pending"] == 0

"""kingston audit decrypts: who read which secrets, and what of it needs a look"""

from __future__ import annotations

import pytest

LINE = (
    "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose,"
    " correlation_id, outcome, access_time) SELECT 'product_owners', n, 'notes', 'decrypt', %s, %s, %s, %s,"
    " timestamptz '2026-01-01 12:00+00' + n * interval '1 second' FROM generate_series(1, %s) AS n"
)


@pytest.fixture
def portal(newest_portal_at):
    made = newest_portal_at("phase_2_field_encryption")
    made.run(LINE, "adviser", "annual review", "r-1", "granted", 3)
    return made


def test_uses_are_grouped_by_who_why_and_what(portal, kingston):
    portal.run(LINE, "adviser", "annual review", "r-1", "granted", 2)
    found = kingston("audit", "decrypts", "--json", portal=portal)
    assert found.code == 0
    (use,) = found.json["data"]["uses"]
    assert (use["actor"], use["purpose"], use["correlation_id"], use["table"], use["column"]) == (
        "adviser", "annual review", "r-1", "product_owners", "notes")  # fmt: skip
    assert (use["rows"], use["times"], use["outcome"]) == (3, 5, "granted")
    assert "annual review" in kingston("audit", "decrypts", portal=portal).out


def test_volume_decoys_and_failures_are_findings(portal, kingston):
    portal.run(LINE, "clerk", "curious", None, "granted", 7)
    assert kingston("audit", "decrypts", "--volume", "7", portal=portal).code == 0
    found = kingston("audit", "decrypts", "--volume", "6", "--json", portal=portal)
    assert found.code == 1
    assert found.finding["code"] == "volume"
    assert "clerk read 7 values within 10 minutes" in found.finding["message"]
    portal.run(LINE, "thief", "x", None, "decoy", 1)
    portal.run(LINE, "thief", "x", None, "failed", 1)
    codes = [f["code"] for f in kingston("audit", "decrypts", "--json", portal=portal).json["findings"]]
    assert codes == ["decoy", "failed"]


def test_a_window_slides(portal, kingston):
    portal.run(LINE.replace("1 second", "1 minute"), "clerk", "list", None, "granted", 10)
    found = kingston("audit", "decrypts", "--volume", "5", "--window", "5", "--json", portal=portal)
    assert found.finding["message"].startswith(
        "clerk read 6 values"
    )  # six within five minutes, both ends counted


def test_filters_and_limit(portal, kingston):
    portal.run(LINE, "clerk", "list", None, "granted", 1)
    listed = kingston("audit", "decrypts", "--limit", "1", "--json", portal=portal).json["data"]
    assert (len(listed["uses"]), listed["groups"]) == (1, 2)
    for given, actors in (
        (["--actor", "clerk"], ["clerk"]),
        (["--row", "3"], ["adviser"]),
        (["--since", "2026-01-02"], []),
        (["--table", "client_group_secrets"], []),
    ):
        uses = kingston("audit", "decrypts", "--json", *given, portal=portal).json["data"]["uses"]
        assert [use["actor"] for use in uses] == actors, given


def test_without_a_ledger_it_is_refused(newest_portal_at, kingston):
    found = kingston("audit", "decrypts", "--json", portal=newest_portal_at("phase_1"))
    assert found.code == 3
    assert "has no ledger of decrypts" in found.finding["message"]

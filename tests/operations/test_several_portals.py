"""Two portals in one database, at different revisions: neither sees the other."""

from __future__ import annotations

import json

from kingston_schema.catalog import fingerprint
from kingston_schema.cli.app import COMMANDS
from portals import Portal

# Everything that only reads, of each command at least one verb.
READS = (
    "status", "check", "baseline list", "stamp --detect", "drift", "doctor", "plan head", "archive list", "checkpoint list",
    "verify", "keys status", "encrypt status", "recover verify", "fingerprint", "history --limit 0 --steps", "history --verify", "audit", "report", "diagram",
    "alembic current", "upgrade --dry-run", "rollback legacy --dry-run",
)  # fmt: skip
# The server of the checkout; sample data; queries for a while: nothing that could tell of another portal.
OTHERS = ("up", "stop", "seed", "load")
AT = {"firm_a": "phase_1", "firm_b": "legacy"}


def log(portal: Portal, schema: str) -> list[tuple]:
    return portal.all(f"SELECT id, event, subject, hash FROM {schema}_kingston.event_log ORDER BY id".encode())


def test_each_command_is_tried_or_named():
    assert {read.split()[0] for read in READS} | set(OTHERS) == set(COMMANDS)


def test_two_portals_in_one_database_do_not_see_each_other(kingston, newest_portal_at, tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    portal = newest_portal_at("base")
    for schema, revision in AT.items():
        assert kingston("upgrade", revision, "--yes", "--schema", schema, portal=portal).code == 0
    portal.run("CREATE TABLE firm_b.only_theirs (id integer)")
    assert kingston("checkpoint", "create", "--name", "one", "--schema", "firm_b", portal=portal).code == 0
    for schema, other in (("firm_a", "firm_b"), ("firm_b", "firm_a")):
        for read in READS:
            told = kingston(*read.split(), "--schema", schema, "--json", portal=portal)
            said = f"{read} of {schema}: {told.out} {told.err}"
            assert told.code in (0, 1, 3), said
            assert other not in told.out, said
            assert ("only_theirs" not in told.out) or schema == "firm_b", said
            data = told.json["data"]
            if isinstance(data, dict) and "schema" in data:
                assert data["schema"] == schema, said
        status = json.loads(kingston("status", "--schema", schema, "--json", portal=portal).out)["data"]
        assert status["revision"] == AT[schema]
        assert [c["name"] for c in status["checkpoints"]] == (["one"] if schema == "firm_b" else [])
        assert status["runs"][-1]["subject"] == AT[schema]

    before = fingerprint.read(portal.connection, "firm_b"), log(portal, "firm_b")
    assert kingston("upgrade", "phase_2_product_owners", "--yes", "--schema", "firm_a", portal=portal).code == 0
    assert kingston("rollback", "legacy", "--yes", "--schema", "firm_a", portal=portal).code == 0
    after = fingerprint.read(portal.connection, "firm_b"), log(portal, "firm_b")
    assert after == before
    assert [row[1:3] for row in log(portal, "firm_a") if row[1] in ("upgrade", "downgrade")][-1] == ("downgrade", "legacy")
    assert kingston("history", "--verify", "--schema", "firm_a", portal=portal).code == 0

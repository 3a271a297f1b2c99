"""kingston plan"""

from __future__ import annotations

import json

import pytest

from kingston_schema.catalog import locks
from kingston_schema.operations import plan as operation


@pytest.fixture
def seeded(newest_portal_at):
    return newest_portal_at("phase_2", seed=True)


def test_it_names_the_locks_and_whom_they_block(kingston, seeded):
    told = kingston("plan", "phase_3", "--locks", portal=seeded)
    assert told.code == 0
    assert "up from phase_2 to phase_3" in told.out
    line = next(
        x for x in told.out.splitlines() if "lock_tables client_products" in x and "product_owner" not in x
    )
    assert "ACCESS EXCLUSIVE" in line
    assert "readers and writers" in line
    assert "0A000" in told.out
    assert "client_products: columns come or go" in told.out


def test_the_document_holds_steps_tables_and_sizes(kingston, seeded):
    seeded.run("ANALYZE client_products")
    data = kingston("plan", "phase_3", "--json", portal=seeded).json["data"]
    ownership = data["revisions"][0]
    assert ownership["revision"] == "phase_3_ownership"
    assert ownership["rewrites"] == ["client_products"]
    assert {
        "table": "client_products",
        "mode": "ACCESS EXCLUSIVE",
        "blocks": "readers and writers",
    } in ownership["locks"]
    assert ownership["statements"] >= len(ownership["steps"]) > 20
    table = next(t for t in data["tables"] if t["name"] == "client_products")
    assert table["rows"] == data["products"] == 100
    assert table["bytes"] == seeded.one("SELECT pg_total_relation_size('client_products')")


def test_a_target_below_is_planned_downwards(kingston, seeded):
    data = kingston("plan", "legacy", "--json", portal=seeded).json["data"]
    assert data["direction"] == "down"
    assert [r["revision"] for r in data["revisions"]][-1] == "pre_migration_control"
    assert data["after"] == "legacy"


def test_nothing_is_changed_or_locked(kingston, seeded):
    before = (
        seeded.all("SELECT xmin, version_num FROM alembic_version"),
        seeded.one("SELECT count(*) FROM kingston.journal"),
    )
    other = seeded.connect()
    with other.transaction():
        other.execute("LOCK TABLE client_products, product_owners IN EXCLUSIVE MODE")
        assert kingston("plan", portal=seeded).code == 0
    after = (
        seeded.all("SELECT xmin, version_num FROM alembic_version"),
        seeded.one("SELECT count(*) FROM kingston.journal"),
    )
    assert after == before


def test_what_was_measured_here_counts_and_a_budget_below_it_fails(kingston, seeded):
    seeded.alembic("upgrade", "phase_3")
    seeded.alembic("downgrade", "phase_2")
    seconds = float(
        seeded.one(
            "SELECT sum(seconds) FROM kingston.journal WHERE direction = 'up' AND status = 'completed'"
            " AND revision IN ('phase_3_ownership', 'phase_3')"
        )
    )
    fits = kingston("plan", "phase_3", "--budget", "1h", "--json", portal=seeded)
    assert fits.code == 0
    assert fits.json["data"]["seconds"] == pytest.approx(seconds, abs=0.01)
    assert all(r["measured"].startswith("here") for r in fits.json["data"]["revisions"])
    over = kingston("plan", "phase_3", "--budget", "0.001s", "--json", portal=seeded)
    assert over.code == 1
    assert over.finding["code"] == "over_budget"


def test_a_revision_nobody_has_measured_breaks_a_budget(kingston, seeded, monkeypatch):
    monkeypatch.setattr(operation, "_benchmarks", lambda: {"sizes": {}})
    seeded.run("TRUNCATE kingston.journal")
    told = kingston("plan", "phase_3", "--budget", "1h", "--json", portal=seeded)
    assert told.code == 1
    assert "not measured" in told.finding["message"]


def test_the_benchmark_of_the_next_larger_size_is_taken(kingston, seeded, monkeypatch):
    sizes = {
        "50": {"phase_3": {"up": 1.0}},
        "500": {"phase_3": {"up": 2.0}},
        "5000": {"phase_3": {"up": 3.0}},
    }
    monkeypatch.setattr(operation, "_benchmarks", lambda: {"sizes": sizes})
    seeded.run("TRUNCATE kingston.journal")
    data = kingston("plan", "phase_3", "--json", portal=seeded).json["data"]
    assert data["size_class"] == 500
    assert data["revisions"][1]["seconds"] == 2.0
    assert data["unmeasured"] == ["phase_3_ownership"]


def test_a_large_portal_is_told_that_nothing_is_rewritten():
    small = locks.steps("phase_3_ownership", "up", products=100, owner_bytes=0)
    large = locks.steps("phase_3_ownership", "up", products=100_000, owner_bytes=0)
    assert any(step.rewrites for step in small)
    assert not any(step.rewrites for step in large)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["phase_33"], 2, "did you mean phase_3"),
        (["--budget", "soon"], 2, '"soon" is no duration'),
        (["+99"], 2, "beyond the last revision"),
    ],
)
def test_bad_input_is_told(kingston, seeded, arguments, code, said):
    told = kingston("plan", *arguments, "--json", portal=seeded)
    assert told.code == code
    assert said in told.finding["message"]


def test_an_empty_database_and_a_finished_one(kingston, newest_portal_at):
    empty = kingston("plan", "--json", portal=newest_portal_at("base"))
    assert empty.code == 0
    assert next(r["revision"] for r in empty.json["data"]["revisions"]) == "legacy"
    done = kingston("plan", portal=newest_portal_at("head"))
    assert done.code == 0
    assert "nothing to do" in done.out
    assert (
        json.loads(kingston("plan", "--json", portal=newest_portal_at("head")).out)["data"]["revisions"] == []
    )

"""P2: whatever is written survives any way down and up, value for value."""

from __future__ import annotations

import pytest

from portals import revisions
from promises.writes import contents, fill


@pytest.fixture
def filled(portal_at):
    portal = portal_at("head", seed=True)
    fill(portal)
    return portal


def test_every_table_of_phase_2_is_written_by_the_test(filled):
    """Otherwise the tests below would prove nothing about it."""
    empty = [table for table, rows in contents(filled).items() if not rows]
    assert empty == ["deployment_signoff", "ownership_memory"] or set(empty) <= {
        "deployment_signoff",
        "ownership_memory",
        "product_owner_phone_rejects",
        "product_owner_phone_sources",
    }


def test_down_to_legacy_and_up_again_keeps_every_value(filled):
    before = contents(filled)
    for _ in range(2):
        filled.alembic("downgrade", "legacy")
        filled.alembic("upgrade", "head")
        after = contents(filled)
        for table in before:
            assert after[table] == before[table], table
    assert (
        filled.all("SELECT DISTINCT movement FROM kingston.archive_entry WHERE movement = 'quarantined'")
        == []
    )


@pytest.mark.parametrize(
    "target", [r for r in revisions() if r.startswith("phase_") and r.count("_") == 1][:-1]
)
def test_down_to_any_phase_and_up_again_keeps_every_value(filled, target):
    before = contents(filled)
    filled.alembic("downgrade", target)
    filled.alembic("upgrade", "head")
    after = contents(filled)
    for table in before:
        assert after[table] == before[table], table

"""What the random walks (test_random_walks.py) found, each once more by itself."""

from __future__ import annotations

import hashlib


def noise(length: int) -> str:
    """A text that no compression makes short."""
    digests = (hashlib.sha256(str(n).encode()).hexdigest() for n in range(length // 64 + 1))
    return "".join(digests)[:length]


def test_a_client_group_with_a_very_long_name_stops_neither_upgrade_nor_refresh(portal_at):
    """Names have no limit in Phase 1; an index on the whole name has."""
    portal = portal_at("phase_5")
    names = [noise(9000), noise(9000) + "x", "Ω" * 9000]
    for name in names:
        portal.run("INSERT INTO client_groups (name) VALUES (%s)", name)
    portal.alembic("upgrade", "head", allow=["benchmarks_within_tolerance:timing"])
    assert portal.all("SELECT group_name FROM get_client_dense_page()") == names
    portal.run("UPDATE client_groups SET name = name || %s", noise(3000))
    portal.run("SELECT refresh_dirty_summaries()")
    assert portal.all("SELECT group_name FROM get_client_dense_page()") == [
        name + noise(3000) for name in names
    ]

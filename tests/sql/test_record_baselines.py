"""record_baselines(): one run, one id, three measured queries"""

from __future__ import annotations


def test_E115_E146_a_second_run_does_not_mix_with_the_first(portal_at):
    portal = portal_at("phase_1", seed=True)
    portal.run("SELECT record_baselines('again')")
    runs = portal.all("SELECT run_id, min(phase), count(*) FROM performance_baselines GROUP BY run_id ORDER BY min(id)")
    assert [(phase, count) for _, phase, count in runs] == [("phase_1", 3), ("again", 3)]
    assert portal.one("SELECT count(*) FROM performance_baselines WHERE samples < 3 OR median_ms <= 0") == 0
    kept = portal.all(
        "SELECT b.test_name, b.baseline_ms = p.median_ms, b.within_tolerance FROM migration_benchmarks AS b"
        " JOIN performance_baselines AS p ON p.run_id = b.run_id AND p.query_name = b.test_name ORDER BY b.id"
    )
    assert len(kept) == 6
    assert all(same and verdict is None for _, same, verdict in kept)


def test_on_an_empty_database(portal_at):
    portal = portal_at("phase_1")
    assert portal.one("SELECT count(*) FROM performance_baselines") == 3
    assert portal.one("SELECT max(rows_returned) FROM performance_baselines") == 0


def test_baselines_survive_going_down_and_up(portal_at):
    portal = portal_at("phase_1", seed=True)
    before = portal.all("SELECT * FROM performance_baselines ORDER BY id")
    portal.alembic("downgrade", "legacy")
    portal.alembic("upgrade", "phase_1")
    assert portal.all("SELECT * FROM performance_baselines ORDER BY id")[:3] == before
    assert portal.one("SELECT count(*) FROM performance_baselines") == 6

"""Revision phase_6_summaries: filled, kept true across going down and up, stopped and completed"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from kingston_schema.errors import BusyError

SUMMARIES = ("client_complete_summary", "client_ownership_summary", "client_dense_summary")


def apart(portal) -> list:
    return [
        row
        for name in SUMMARIES
        for row in portal.all(
            f"(SELECT x::text FROM {name} AS x EXCEPT SELECT x::text FROM {name}_source AS x)"
            f" UNION ALL (SELECT x::text FROM {name}_source AS x EXCEPT SELECT x::text FROM {name} AS x)"
        )
    ]


def test_the_first_fill_is_complete_and_measured(portal_at):
    portal = portal_at("phase_6_summaries", seed=True)
    assert apart(portal) == []
    done, total, finished = portal.one(
        "SELECT done, total, finished_at IS NOT NULL FROM kingston.backfill_progress WHERE step = 'fill_summaries'"
    )
    assert (done, total, finished) == (portal.one("SELECT count(*) FROM client_groups"),) * 2 + (True,)
    log = dict(portal.all("SELECT summary_name, rows_changed FROM summary_refresh_log"))
    assert log == {name: portal.one(f"SELECT count(*) FROM {name}") for name in SUMMARIES}


def test_down_and_up_again_over_changed_data(portal_at):
    portal = portal_at("phase_6_summaries", seed=True)
    before = {name: portal.all(f"SELECT * FROM {name} ORDER BY 1, 2") for name in SUMMARIES}
    portal.alembic("downgrade", "phase_5")
    for name in (*SUMMARIES, "summary_dirty", "summary_refresh_log"):
        assert portal.one("SELECT to_regclass(%s)", name) is None
        assert portal.one("SELECT to_regclass(%s) IS NOT NULL", f"kingston_archive.{name}")
    assert portal.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'summary\\_dirty%%'") == 0
    portal.alembic("upgrade", "phase_6_summaries")
    assert {name: portal.all(f"SELECT * FROM {name} ORDER BY 1, 2") for name in SUMMARIES} == before
    portal.alembic("downgrade", "phase_5")
    gone = portal.one("SELECT min(id) FROM client_groups")
    portal.run("DELETE FROM client_groups WHERE id = %s", gone)
    portal.run("UPDATE client_products SET status = 'inactive' WHERE id % 2 = 0")
    portal.run("INSERT INTO client_groups (name) VALUES ('New below')")
    portal.alembic("upgrade", "phase_6_summaries")
    assert apart(portal) == []
    assert (
        portal.all(
            "SELECT * FROM kingston.archive_entry WHERE reason IS NOT NULL AND table_name = ANY (%s)",
            list(SUMMARIES),
        )
        == []
    )


def test_E121_the_ownership_column_can_go_while_summaries_stood_on_it(portal_at):
    portal = portal_at("phase_6_summaries", seed=True)
    portal.alembic("downgrade", "phase_2")
    portal.run("UPDATE client_products SET product_name = 'still in use'")


def test_a_stopped_fill_goes_on_where_it_was_and_misses_nothing(portal_at):
    portal = portal_at("phase_6_summaries", seed=True)
    groups = portal.all("SELECT id FROM client_groups ORDER BY id")
    for name in SUMMARIES:
        portal.run(f"DELETE FROM {name}")
    # As after a crash behind the fifth group: its rows are there, the rest is not.
    portal.run(
        "UPDATE kingston.backfill_progress SET position = %s, done = 5, finished_at = NULL WHERE step = 'fill_summaries'",
        groups[4],
    )
    portal.run(
        "SELECT refresh_client_complete_summary(%s::bigint[]), refresh_client_ownership_summary(%s::bigint[])",
        groups[:5],
        groups[:5],
    )
    portal.run("SELECT refresh_dense_data_views(%s::bigint[])", groups[:5])
    portal.run("UPDATE client_groups SET name = 'changed behind the position' WHERE id = %s", groups[0])
    portal.run("CALL kingston.fill_summaries()")
    assert apart(portal) == []
    assert portal.one("SELECT done FROM kingston.backfill_progress WHERE step = 'fill_summaries'") == len(
        groups
    )
    portal.run("CALL kingston.fill_summaries()")
    assert apart(portal) == []


def test_without_statistics_of_the_history_a_group_is_still_looked_up_by_group(newest_portal_at):
    """In a portal in use the history has none yet.  Each group then read the whole history: minutes instead of a second."""
    portal = newest_portal_at("phase_6_summaries", seed=True)
    portal.run("ALTER TABLE row_history SET (autovacuum_enabled = off)")
    portal.run("DO 'BEGIN FOR i IN 1 .. 150 LOOP UPDATE client_products SET notes = i; END LOOP; END'")
    portal.run("SET allow_system_table_mods = on")
    portal.run("DELETE FROM pg_statistic WHERE starelid = 'row_history'::regclass")
    portal.run("UPDATE pg_class SET reltuples = -1 WHERE oid = 'row_history'::regclass")
    for source in ("client_complete_summary_source", "client_dense_summary_source"):
        plan = "\n".join(portal.all(f"EXPLAIN SELECT * FROM {source}"))
        assert "idx_row_history_client_group" in plan, plan
        assert "idx_row_history_row" not in plan, plan


def test_while_the_fill_is_not_finished_refreshes_are_left_to_its_end(newest_portal_at):
    """A refresh beside it would hold it up, for as long as everything takes when much has changed."""
    portal = newest_portal_at("phase_6_summaries", seed=True)
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    portal.run("UPDATE kingston.backfill_progress SET finished_at = NULL WHERE step = 'fill_summaries'")
    portal.run("UPDATE client_groups SET name = 'changed during the fill' WHERE id = 1")
    assert portal.all("SELECT * FROM refresh_dirty_summaries()") == []
    assert portal.one("SELECT count(*) FROM summary_dirty WHERE client_group_id = 1") > 0
    portal.run("CALL kingston.fill_summaries()")
    assert portal.one("SELECT count(*) FROM summary_dirty") == 0
    found = portal.one("SELECT group_name FROM client_dense_summary WHERE client_group_id = 1")
    assert found == "changed during the fill"
    assert apart(portal) == []


def test_the_fill_holds_no_lock_the_application_could_want(portal_at):
    portal = portal_at("phase_6_summaries", seed=True)
    for name in SUMMARIES:
        portal.run(f"DELETE FROM {name}")
    holder = portal.connect()
    holder.autocommit = False
    holder.execute("SELECT apply_summary(n, NULL) FROM unnest(%s::text[]) AS n", (list(SUMMARIES),))
    application = portal.connect()
    application.execute("SET lock_timeout = '500ms'")
    application.execute("UPDATE client_groups SET name = 'in use'")
    application.execute("UPDATE client_products SET status = 'inactive'")
    application.execute("DELETE FROM portfolio_valuations WHERE id % 7 = 0")
    holder.rollback()


def test_documented_names_and_keys(portal_at):
    portal = portal_at("phase_6_summaries")
    for name in ("idx_client_complete_summary_id", "idx_client_ownership_summary_client_group",
                 "idx_client_ownership_summary_product_owner", "idx_client_dense_summary_total_value",
                 "idx_client_dense_summary_complexity", "idx_client_dense_summary_activity"):  # fmt: skip
        assert portal.one("SELECT to_regclass(%s) IS NOT NULL", name), name
    group = portal.one("INSERT INTO client_groups (name) VALUES ('X') RETURNING id")
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    with pytest.raises(psycopg.errors.UniqueViolation):
        portal.run(
            "INSERT INTO client_complete_summary SELECT * FROM client_complete_summary WHERE client_group_id = %s",
            group,
        )


@pytest.mark.parametrize("target", ["phase_6_summaries", "phase_6"])
def test_a_refresh_that_somebody_is_at_is_waited_for(newest_portal_at, target):
    """Longer than one attempt to get a lock: the filling and the gate take none that anybody else wants."""
    portal = newest_portal_at("phase_5" if target == "phase_6_summaries" else "phase_6_monitoring", seed=True)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with ThreadPoolExecutor() as pool, portal.connect() as other:
        with other.transaction():
            other.execute("SELECT pg_advisory_xact_lock(hashtextextended('summaries of public', 0))")
            run = pool.submit(portal.alembic, "upgrade", target)
            deadline = time.monotonic() + 60
            while not portal.one(waiting):
                assert not run.done(), run.result()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            time.sleep(0.3)
            assert portal.one(waiting) == 1
        run.result()
    assert portal.one("SELECT version_num FROM alembic_version") == target


def test_who_waits_in_vain_says_for_what(newest_portal_at):
    portal = newest_portal_at("phase_5", seed=True)
    with portal.connect() as other, other.transaction():
        other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(BusyError, match=r"\n  while: .*log_event"):
            portal.alembic("upgrade", "phase_6_summaries")

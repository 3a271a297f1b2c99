"""The refresh functions: set-based, only what differs, safe beside others, logged"""

from __future__ import annotations

import threading

import psycopg
import pytest

from client_data import household, managed

SUMMARIES = ("client_complete_summary", "client_ownership_summary", "client_dense_summary")


def apart(portal) -> list:
    """Rows by which the summaries and their sources differ."""
    return [
        row
        for name in SUMMARIES
        for row in portal.all(
            f"(SELECT '{name}', x::text FROM {name} AS x EXCEPT SELECT '{name}', x::text FROM {name}_source AS x)"
            f" UNION ALL (SELECT '{name}', x::text FROM {name}_source AS x EXCEPT SELECT '{name}', x::text FROM {name} AS x)"
        )
    ]


def everything_about(portal, home) -> None:
    managed(portal, home, 1234, ownership_details={"association_type": "individual", str(home.owners[0]): 100})


def test_E024_E065_readers_are_never_blocked_and_keys_are_unique(portal_at):
    portal = portal_at("head", seed=True)
    for name in SUMMARIES:
        assert portal.one("SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass AND indisprimary", name) == 1
    reader = portal.connect()
    reader.autocommit = False
    reader.execute("SELECT count(*) FROM client_dense_summary")
    everything_about(portal, household(portal))
    portal.run("SET lock_timeout = '2s'")
    portal.run("SELECT refresh_client_complete_summary(), refresh_client_ownership_summary()")
    portal.run("SELECT refresh_dense_data_views()")
    reader.rollback()
    assert apart(portal) == []


def test_only_rows_that_differ_are_written(portal_at):
    portal = portal_at("head", seed=True)
    where = "SELECT client_group_id, ctid, xmin::text FROM client_complete_summary ORDER BY 1"
    before = portal.all(where)
    assert portal.one("SELECT refresh_client_complete_summary()") == 0
    assert portal.all(where) == before
    group = before[0][0]
    portal.run("UPDATE client_groups SET name = 'Renamed' WHERE id = %s", group)
    assert portal.one("SELECT refresh_client_complete_summary()") == 1
    assert [row for row in portal.all(where) if row[0] != group] == before[1:]


def test_for_some_client_groups_only(portal_at):
    portal = portal_at("head")
    first, second = household(portal), household(portal)
    everything_about(portal, first)
    everything_about(portal, second)
    assert portal.one("SELECT refresh_client_complete_summary(ARRAY[%s]::bigint[])", first.group) == 1
    assert portal.one("SELECT refresh_client_ownership_summary(ARRAY[%s]::bigint[])", first.group) == 1
    assert portal.one("SELECT rows_refreshed FROM refresh_dense_data_views(ARRAY[%s]::bigint[])", first.group) == 1
    for name in SUMMARIES:
        assert portal.all(f"SELECT DISTINCT client_group_id FROM {name}") == [first.group]
    assert portal.one("SELECT refresh_client_complete_summary('{}')") == 0


def test_rows_of_groups_that_close_or_go_are_removed(portal_at):
    portal = portal_at("head")
    home, other = household(portal), household(portal)
    everything_about(portal, home)
    everything_about(portal, other)
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    portal.run("UPDATE client_groups SET status = 'inactive' WHERE id = %s", home.group)
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    assert [portal.one(f"SELECT count(*) FROM {name}") for name in SUMMARIES] == [1, 1, 2]
    portal.run("DELETE FROM client_groups WHERE id = %s", other.group)
    assert [portal.one(f"SELECT count(*) FROM {name} WHERE client_group_id = %s", other.group) for name in SUMMARIES] == [0, 0, 0]


def test_E025_E070_refreshes_have_their_own_log_with_true_times(portal_at):
    portal = portal_at("head", seed=True)
    operations = portal.one("SELECT count(*) FROM migration_log")
    portal.run("DELETE FROM summary_refresh_log")
    started = portal.one("SELECT clock_timestamp()")
    portal.run("SELECT refresh_client_complete_summary()")
    portal.run("SELECT refresh_client_ownership_summary(ARRAY[1, 2]::bigint[])")
    [view] = portal.all("SELECT * FROM refresh_dense_data_views()")
    log = portal.all("SELECT summary_name, client_groups, rows_changed, started_at, finished_at FROM summary_refresh_log ORDER BY id")
    assert [row[:3] for row in log] == [("client_complete_summary", None, 0), ("client_ownership_summary", 2, 0), ("client_dense_summary", None, 0)]
    assert all(started < begin < end for *_, begin, end in log)
    name, duration, rows, rating = view
    assert (name, rows, rating) == ("client_dense_summary", portal.one("SELECT count(*) FROM client_groups"), "EXCELLENT")
    assert abs(float(duration) - (log[2][4] - log[2][3]).total_seconds() * 1000) < 0.01
    assert portal.one("SELECT count(*) FROM migration_log") == operations
    assert portal.one("SELECT current_ms FROM migration_benchmarks WHERE test_name = 'dense_view_refresh'") == duration


def test_dirty_groups_are_refreshed_and_nothing_else(portal_at):
    portal = portal_at("head", seed=True)
    assert portal.all("SELECT * FROM refresh_dirty_summaries()") == []
    group = portal.one("SELECT min(client_id) FROM client_products")
    portal.run("UPDATE client_products SET status = 'inactive' WHERE client_id = %s", group)
    rows = portal.all("SELECT summary_name, client_groups FROM refresh_dirty_summaries()")
    assert sorted(rows) == [(name, 1) for name in sorted(SUMMARIES)]
    assert apart(portal) == []
    assert portal.one("SELECT count(*) FROM summary_dirty") == 0


def test_a_change_that_commits_during_a_refresh_leaves_its_mark(portal_at):
    portal = portal_at("head", seed=True)
    first, second = portal.all("SELECT id FROM client_groups WHERE status = 'active' ORDER BY id LIMIT 2")
    portal.run("UPDATE client_groups SET name = 'One' WHERE id = %s", first)
    writer = portal.connect()
    writer.autocommit = False
    writer.execute("UPDATE client_groups SET name = 'Two' WHERE id = %s", (second,))
    portal.all("SELECT * FROM refresh_dirty_summaries()")  # does not see the open change, and does not wait for it
    writer.commit()
    assert portal.all("SELECT client_group_id FROM summary_dirty") == [second]
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    assert apart(portal) == []


def test_two_refreshes_wait_for_each_other_and_the_application_for_none(portal_at):
    portal = portal_at("head", seed=True)
    holder = portal.connect()
    holder.autocommit = False
    holder.execute("SELECT refresh_client_complete_summary()")
    second = portal.connect()
    second.execute("SET statement_timeout = '300ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        second.execute("SELECT refresh_client_complete_summary()")
    application = portal.connect()
    application.execute("SET lock_timeout = '300ms'")
    application.execute("UPDATE client_groups SET name = 'Still in use'")
    application.execute("INSERT INTO client_products (client_id) SELECT id FROM client_groups LIMIT 1")
    holder.commit()


def test_a_group_being_deleted_is_passed_over_and_looked_at_again(portal_at):
    portal = portal_at("head")
    home = household(portal)
    everything_about(portal, home)
    application = portal.connect()
    application.autocommit = False
    application.execute("DELETE FROM client_groups WHERE id = %s", (home.group,))
    portal.run("SET lock_timeout = '2s'")
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    assert portal.all("SELECT DISTINCT client_group_id FROM summary_dirty") == [home.group]
    application.rollback()
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    assert apart(portal) == []


def test_many_writers_and_refreshes_at_once_end_in_agreement(portal_at):
    portal = portal_at("head", seed=True)
    groups = portal.all("SELECT id FROM client_groups ORDER BY id")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with portal.connect() as connection:
                for turn in range(12):
                    group = groups[(number * 5 + turn) % len(groups)]
                    connection.execute("UPDATE client_groups SET name = %s WHERE id = %s", (f"{number}.{turn}", group))
                    connection.execute("UPDATE client_products SET status = 'inactive' WHERE client_id = %s", (group,))
                    if turn % 3 == 0:
                        connection.execute("SELECT * FROM refresh_dirty_summaries()")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    assert apart(portal) == []


def test_an_unknown_summary_is_an_error(portal_at):
    portal = portal_at("head")
    for name in ("profiles", "client_groups; DROP TABLE profiles", None):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            portal.run("SELECT refresh_summary(%s)", name)

"""kingston archive purge"""

from __future__ import annotations

import psycopg
import pytest

from kingston_schema.errors import PartialError
from kingston_schema.operations.archive import purge
from operations.archived import AT, BELOW, group_again, office, taken_out

NAME = "quarantine__client_actions"


@pytest.fixture
def portal(portal_at):
    """Five rows of a client group in quarantine."""
    found = portal_at(AT)
    taken_out(found, office(found))
    return found


@pytest.fixture
def newest(newest_portal_at):
    found = newest_portal_at(AT)
    taken_out(found, office(found))
    return found


@pytest.fixture
def away(newest_portal_at):
    """A portal whose tables rest in the archive as a whole, beside one quarantine."""
    found = newest_portal_at("phase_2_objectives_actions")
    home = office_of_actions(found)
    found.run("SELECT kingston.quarantine_rows('client_objectives', 'true', quote_literal('a test'), NULL)")
    found.alembic("downgrade", "phase_2_client_information")
    return found, home


def office_of_actions(portal):
    profile = portal.one("INSERT INTO profiles (email) VALUES ('a@example.org') RETURNING id")
    group = portal.one("INSERT INTO client_groups (name) VALUES ('Ann') RETURNING id")
    for number in range(3):
        portal.run(
            "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES (%s, %s, 'client', %s)",
            group,
            f"a{number}",
            profile,
        )
    portal.run(
        "INSERT INTO client_objectives (client_group_id, title, created_by) VALUES (%s, 'retire', %s)",
        group,
        profile,
    )
    return group, profile


def held(portal) -> dict[str, int]:
    """Archive → rows, of what holds any."""
    names = portal.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'kingston_archive'::regnamespace AND relkind = 'r' ORDER BY 1"
    )
    rows = {name: portal.one(f"SELECT count(*) FROM kingston_archive.{name}") for name in names}
    return {name: count for name, count in rows.items() if count}


def recorded(portal) -> list[tuple]:
    return portal.all(
        "SELECT archive_name, rows_moved, actor, reason FROM kingston.archive_entry WHERE movement = 'purged' ORDER BY id"
    )


def test_one_archive_goes_and_it_is_on_record(kingston, portal):
    before = held(portal)
    done = kingston(
        "archive", "purge", NAME, "--yes", "--reason", "asked for by the client", "--json", portal=portal
    )
    assert done.code == 0, done.err
    assert [(p["name"], p["rows"]) for p in done.json["data"]["parts"]] == [(NAME, 1)]
    assert held(portal) == {name: rows for name, rows in before.items() if name != NAME}
    assert recorded(portal) == [(NAME, 1, "postgres", "asked for by the client")]
    (purge,) = kingston("archive", "list", "--purged", "--json", portal=portal).json["data"]["purges"]
    assert (purge["name"], purge["table"], purge["rows"], purge["actor"], purge["reason"]) == (
        NAME, "client_actions", 1, "postgres", "asked for by the client",
    )  # fmt: skip
    assert purge["purged_at"]
    assert "asked for by the client" in kingston("archive", "list", "--purged", portal=portal).out
    event = "SELECT event, subject, outcome, rows_moved, detail FROM kingston.event_log ORDER BY id DESC LIMIT 1"
    assert portal.one(event) == ("archive purge", NAME, "done", 1, "asked for by the client")


def test_a_table_of_the_portal_may_be_named_too(kingston, newest):
    assert (
        kingston("archive", "purge", "client_actions", "client_objectives", "--yes", portal=newest).code == 0
    )
    assert {"quarantine__client_actions", "quarantine__client_objectives"} & held(newest).keys() == set()
    assert len(held(newest)) == 3


def test_all_of_the_quarantine(kingston, newest):
    assert kingston("archive", "purge", "--all", "--quarantine", "--yes", portal=newest).code == 0
    assert held(newest) == {}
    assert [(name, rows) for name, rows, *_ in recorded(newest)] == [
        (f"quarantine__{t}", 1)
        for t in (
            "client_actions",
            "client_group_secrets",
            "client_liquidity_customization",
            "client_objectives",
            "client_unmanaged_products",
        )
    ]
    assert "nothing to purge" in kingston("archive", "purge", "--all", portal=newest).out


def test_older_than(kingston, newest):
    newest.run(
        "UPDATE kingston_archive.quarantine__client_actions SET quarantined_at = now() - interval '91 days'"
    )
    done = kingston("archive", "purge", "--older-than", "90", "--yes", "--json", portal=newest)
    assert [p["name"] for p in done.json["data"]["parts"]] == [NAME]
    assert len(held(newest)) == 4
    assert (
        kingston("archive", "purge", "client_objectives", "--older-than", "90", "--json", portal=newest).json[
            "data"
        ]["rows"]
        == 0
    )
    newest.run(
        "INSERT INTO kingston_archive.quarantine__client_objectives (id, quarantined_at, quarantine_reason) VALUES (9, now() - interval '91 days', 'x')"
    )
    assert (
        kingston(
            "archive", "purge", "client_objectives", "--older-than", "90", "--yes", "--json", portal=newest
        ).json["data"]["rows"]
        == 1
    )
    assert newest.all("SELECT id FROM kingston_archive.quarantine__client_objectives") == [1]


def test_what_an_upgrade_needs_is_refused(kingston, away):
    portal, _ = away
    before = held(portal)
    for arguments in (["client_actions"], ["--all"], ["--older-than", "0"]):
        refused = kingston("archive", "purge", *arguments, "--yes", "--json", portal=portal)
        assert (refused.code, refused.finding["code"]) == (3, "refused")
        assert "client_actions (3 rows)" in refused.finding["message"]
        assert "--quarantine" in refused.finding["fix"]
    assert (
        kingston(
            "archive", "purge", "client_actions", "--yes", "--force-with-reason", "  ", portal=portal
        ).code
        == 3
    )
    assert held(portal) == before
    assert recorded(portal) == []
    assert kingston("archive", "purge", "--all", "--quarantine", "--yes", portal=portal).code == 0
    assert held(portal) == {"client_actions": 3}


def test_with_a_reason_it_goes_and_the_upgrade_finds_the_table_empty_with_its_sequence(kingston, away):
    """No id is handed out twice: the empty table stays, and its sequence goes on."""
    portal, (group, profile) = away
    done = kingston(
        "archive",
        "purge",
        "client_actions",
        "--yes",
        "--force-with-reason",
        "the firm keeps paper",
        portal=portal,
    )
    assert done.code == 0, done.err
    assert recorded(portal) == [("client_actions", 3, "postgres", "the firm keeps paper")]
    portal.alembic("upgrade", "phase_2_objectives_actions")
    assert portal.one("SELECT count(*) FROM client_actions") == 0
    new = portal.one(
        "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES (%s, 'a', 'client', %s) RETURNING id",
        group,
        profile,
    )
    assert new == 4


def test_values_of_columns_that_wait_are_needed_those_in_quarantine_are_not(kingston, newest_portal_at):
    portal = newest_portal_at("phase_2_product_owners")
    portal.run("INSERT INTO product_owners (id, notes) VALUES (1, 'one'), (2, 'two')")
    portal.alembic("downgrade", BELOW)
    name = "product_owners__phase_2_product_owners"
    portal.run(f"UPDATE kingston_archive.{name} SET quarantined_at = now(), reason = 'a test' WHERE id = 1")
    assert kingston("archive", "purge", name, "--yes", portal=portal).code == 3
    assert kingston("archive", "purge", name, "--quarantine", "--yes", portal=portal).code == 0
    assert portal.all(f"SELECT id FROM kingston_archive.{name}") == [2]
    portal.alembic("upgrade", "phase_2_product_owners")
    assert portal.all("SELECT notes FROM product_owners ORDER BY id") == [None, "two"]


def test_dry_run_and_a_question_without_a_terminal_change_nothing(kingston, newest):
    before = held(newest)
    dry = kingston("archive", "purge", "--all", "--dry-run", "--json", portal=newest)
    assert (dry.code, dry.json["data"]["rows"], dry.json["data"]["purged"]) == (0, 5, False)
    assert (
        "5 rows of 5 tables would be purged"
        in kingston("archive", "purge", "--all", "--dry-run", portal=newest).out
    )
    unasked = kingston("archive", "purge", "--all", "--json", portal=newest)
    assert (unasked.code, unasked.finding["code"]) == (2, "usage")
    assert "--yes" in unasked.finding["fix"]
    assert held(newest) == before
    assert recorded(newest) == []
    assert "nothing was ever purged" in kingston("archive", "list", "--purged", portal=newest).out


def test_bad_input(kingston, newest):
    newest.run(
        "CREATE TABLE kingston_archive.theirs (note text); INSERT INTO kingston_archive.theirs VALUES ('x')"
    )
    for arguments in ([], ["client_acts"], ["--all", NAME], ["--older-than", "-1"], ["--older-than", "soon"]):
        assert kingston("archive", "purge", *arguments, "--yes", portal=newest).code == 2, arguments
    foreign = kingston("archive", "purge", "theirs", "--yes", "--json", portal=newest)
    assert (foreign.code, foreign.finding["fix"]) == (
        3,
        "look at it, then: DROP TABLE kingston_archive.theirs",
    )
    done = kingston("archive", "purge", "--all", "--yes", portal=newest)
    assert "theirs is not ours and stays" in done.out
    assert held(newest) == {"theirs": 1}


def test_interrupted_each_table_is_whole_or_as_it_was(kingston, newest):
    def stop(line):
        if "client_group_secrets" in line:
            raise KeyboardInterrupt

    planned = purge.plan(newest.url, everything=True)
    with pytest.raises(PartialError, match="2 of 5 tables are purged and recorded") as stopped:
        purge.run(newest.url, planned, story=stop)
    assert stopped.value.exit_code == 5
    assert len(held(newest)) == 3
    assert len(recorded(newest)) == 2
    assert kingston("archive", "purge", "--all", "--yes", portal=newest).code == 0
    assert held(newest) == {}
    assert len(recorded(newest)) == 5


def test_what_cannot_be_recorded_is_not_purged(newest):
    newest.run(
        "CREATE FUNCTION kingston.full() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no record'' USING ERRCODE = ''53100''; END';"
        "CREATE TRIGGER full_up BEFORE INSERT ON kingston.archive_entry FOR EACH ROW EXECUTE FUNCTION kingston.full()"
    )
    before = held(newest)
    with pytest.raises(Exception, match="no record"):
        purge.run(newest.url, purge.plan(newest.url, everything=True))
    assert held(newest) == before


def test_somebody_who_reads_it_is_waited_for_only_a_moment(kingston, newest):
    reader = newest.connect()
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM kingston_archive.quarantine__client_actions")
    busy = kingston("archive", "purge", NAME, "--yes", "--json", portal=newest)
    assert (busy.code, busy.finding["code"]) == (4, "busy")
    reader.execute("ROLLBACK")
    assert kingston("archive", "purge", NAME, "--yes", portal=newest).code == 0


def test_a_purged_row_is_gone_for_good(kingston, newest_portal_at):
    portal = newest_portal_at(AT)
    home = office(portal)
    taken_out(portal, home)
    kingston("archive", "purge", NAME, "--yes", portal=portal)
    group_again(portal, home)
    kingston("archive", "restore", portal=portal)
    assert portal.one("SELECT count(*) FROM client_actions") == 0
    with pytest.raises(psycopg.errors.CheckViolation):
        portal.run(
            "INSERT INTO kingston.archive_entry (revision, movement, table_name) VALUES ('x', 'vanished', 'y')"
        )

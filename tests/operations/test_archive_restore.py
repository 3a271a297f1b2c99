"""kingston archive restore"""

from __future__ import annotations

import json

import pytest

from client_data import insert
from kingston_schema.operations.archive import restore
from operations.archived import AT, BELOW, PLAIN, group_again, office, secrets, taken_out, without
from owner_data import ENVELOPE
from ownership_data import assumed, document, people, product, save_owners, shared, write
from promises.writes import contents


@pytest.fixture
def portal(portal_at):
    return portal_at(AT)


@pytest.fixture
def newest(newest_portal_at):
    return newest_portal_at(AT)


def outcomes(done) -> dict[str, tuple[int, int, list[str]]]:
    """Archive → rows that went back, rows that stay, why."""
    return {
        i["name"]: (i["returned"], i["staying"], [r["text"] for r in i["reasons"]])
        for i in done.json["data"]["items"]
    }


def left(portal) -> int:
    """Rows in quarantine."""
    return portal.one("SELECT count(*) FROM kingston_archive.quarantine__client_actions")


def test_everything_of_a_group_goes_back_when_the_group_is_there_again(kingston, portal):
    home = office(portal)
    before = contents(portal)
    without(portal, f"DELETE FROM client_groups WHERE id = {home.group}")
    gone = kingston("archive", "restore", "--json", portal=portal)
    assert gone.code == 0, gone.err
    assert (
        list(outcomes(gone).values())
        == [(0, 1, [f"client_group_id {home.group} is gone from client_groups"])] * 5
    )
    group_again(portal, home)
    back = kingston("archive", "restore", "--json", portal=portal)
    assert list(outcomes(back).values()) == [(1, 0, [])] * 5
    after = contents(portal)
    for table in outcomes(back):
        name = table.removeprefix("quarantine__")
        assert after[name] == before[name], "value for value, times and versions included"
    assert "nothing is in quarantine" in kingston("archive", "restore", portal=portal).out
    assert portal.all("SELECT movement, table_name, rows_moved, revision FROM kingston.archive_entry WHERE archive_name = 'quarantine__client_actions' ORDER BY id") == [
        ("quarantined", "client_actions", 1, "phase_2_objectives_actions"), ("restored", "client_actions", 1, "archive restore"),
    ]  # fmt: skip
    assert portal.all("SELECT rows_moved FROM kingston.event_log WHERE event = 'archive restore' AND outcome = 'done' ORDER BY id") == [0, 5, 0]


def test_a_lost_reference_goes_back_into_the_row_that_stayed(kingston, newest):
    home = office(newest)
    without(newest, f"DELETE FROM available_providers WHERE id = {home.provider}")
    provider = "SELECT provider_id FROM client_unmanaged_products"
    assert newest.one(provider) is None
    newest.run("INSERT INTO available_providers (id, name) VALUES (%s, 'Acme Life')", home.provider)
    assert outcomes(kingston("archive", "restore", "--json", portal=newest)) == {
        "quarantine__client_unmanaged_products": (1, 0, [])
    }
    assert newest.one(provider) == home.provider


def test_a_reference_that_was_given_another_value_since_keeps_it(kingston, newest):
    home = office(newest)
    newest.run(
        "SELECT kingston.quarantine_rows('client_unmanaged_products', 'true', quote_literal('a test'), ARRAY['provider_id'])"
    )
    newest.run("INSERT INTO available_providers (id, name) VALUES (%s, 'Other')", home.provider + 1)
    newest.run("UPDATE client_unmanaged_products SET provider_id = %s", home.provider + 1)
    stays = kingston("archive", "restore", "--json", portal=newest)
    assert outcomes(stays) == {
        "quarantine__client_unmanaged_products": (0, 1, ["a newer value stands in provider_id"])
    }
    newest.run("DELETE FROM client_unmanaged_products")
    stays = kingston("archive", "restore", "--json", portal=newest)
    assert outcomes(stays) == {
        "quarantine__client_unmanaged_products": (
            0,
            1,
            ["the row was deleted from client_unmanaged_products since"],
        )
    }


def test_an_owner_comes_back_with_numbers_ciphertext_and_values(kingston, portal):
    """A masked number is refused without its ciphertext, which rests in another archive: both go at once."""
    number = secrets(portal)
    numbers = portal.all("SELECT p::text FROM product_owner_phones AS p ORDER BY id")
    without(portal, f"DELETE FROM product_owners WHERE id = {number}")
    portal.run("INSERT INTO product_owners (id, firstname) VALUES (%s, 'Eve')", number)
    done = outcomes(kingston("archive", "restore", "--json", portal=portal))
    assert done["quarantine__product_owner_phones"] == (2, 0, [])
    assert done["product_owner_phones__phase_2_field_encryption"] == (1, 0, [])
    assert portal.all("SELECT p::text FROM product_owner_phones AS p ORDER BY id") == numbers
    assert ENVELOPE in numbers[1]
    assert portal.one("SELECT notes, security_words FROM product_owners WHERE id = %s", number) == (
        PLAIN,
        PLAIN,
    )
    # Written when the owner was made again: the later write stays, the earlier value is kept.
    assert done["product_owners__phase_2_product_owners"] == (
        1,
        1,
        ["a newer value stands in inception_date, updated_at"],
    )
    assert portal.one("SELECT notes, inception_date IS NOT NULL, reason FROM kingston_archive.product_owners__phase_2_product_owners") == (
        None, True, "a newer value stands in inception_date, updated_at",
    )  # fmt: skip


def test_a_value_that_a_rule_refuses_stays_and_the_others_go(kingston, newest):
    """Plaintext while encryption is on: refused; what stands beside it goes back."""
    number = secrets(newest)
    newest.run("UPDATE product_owners SET date_signed_tc = '2020-02-29' WHERE id = %s", number)
    without(newest, f"DELETE FROM product_owners WHERE id = {number}")
    newest.run("UPDATE migration_control SET value = 'true' WHERE setting = 'encryption_enabled'")
    newest.run("INSERT INTO product_owners (id, firstname) VALUES (%s, 'Eve')", number)
    done = kingston("archive", "restore", "product_owners", "--json", portal=newest)
    ((returned, staying, (reason,)),) = outcomes(done).values()
    assert (returned, staying) == (1, 1)
    assert "notes refused by sensitive_field_is_encrypted" in reason
    assert PLAIN not in done.out + done.err
    assert newest.one("SELECT notes, date_signed_tc::text FROM product_owners WHERE id = %s", number) == (
        None,
        "2020-02-29",
    )
    assert newest.one(
        "SELECT notes, date_signed_tc FROM kingston_archive.product_owners__phase_2_product_owners"
    ) == (PLAIN, None)


def test_a_unique_value_that_is_taken_and_then_free_again(kingston, portal):
    home = office(portal)
    taken_out(portal, home)
    group_again(portal, home)
    portal.run(
        "INSERT INTO client_liquidity_customization (client_group_id, asset_type, custom_liquidity_rank) VALUES (%s, 'cash', 9)",
        home.group,
    )
    name = "quarantine__client_liquidity_customization"
    taken = "another row has the same client_group_id, asset_type, asset_subtype (unique_client_asset_customization)"
    assert outcomes(kingston("archive", "restore", name, "--json", portal=portal)) == {name: (0, 1, [taken])}
    assert portal.all("SELECT custom_liquidity_rank FROM client_liquidity_customization") == [9]
    portal.run("DELETE FROM client_liquidity_customization")
    assert outcomes(kingston("archive", "restore", name, "--json", portal=portal)) == {name: (1, 0, [])}
    assert portal.all("SELECT custom_liquidity_rank FROM client_liquidity_customization") == [3]


def test_one_refused_row_does_not_keep_the_others(kingston, newest):
    home = office(newest)
    newest.run(
        "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) SELECT %s, 'a' || g, 'client', %s FROM generate_series(2, 1100) AS g",
        home.group,
        home.profile,
    )
    taken_out(newest, home)
    group_again(newest, home)
    newest.run(
        "INSERT INTO client_actions (id, client_group_id, action_name, owner, created_by) OVERRIDING SYSTEM VALUE VALUES (700, %s, 'mine', 'client', %s)",
        home.group,
        home.profile,
    )
    done = outcomes(kingston("archive", "restore", "client_actions", "--json", portal=newest))
    assert done == {
        "quarantine__client_actions": (1099, 1, ["another row has the same id (client_actions_pkey)"])
    }
    assert newest.one("SELECT action_name FROM client_actions WHERE id = 700") == "mine"
    assert newest.all("SELECT id, action_name FROM kingston_archive.quarantine__client_actions") == [
        (700, "a700")
    ]


def test_a_document_goes_back_when_the_owners_are_the_same_again(kingston, portal):
    a, b, c = people(portal, 3)
    edited = shared({a: 60, b: 40})
    one, two, gone = (product(portal, a, b) for _ in range(3))
    for number in (one, two, gone):
        write(portal, number, edited)
    portal.alembic("downgrade", BELOW)
    save_owners(portal, one, [a, c])
    save_owners(portal, two, [a, c])
    portal.run("DELETE FROM client_products WHERE id = %s", gone)
    portal.alembic("upgrade", AT)
    portal.run("DELETE FROM ownership_memory")  # it would do the same by itself
    save_owners(portal, one, [a, b])
    assert document(portal, one) == assumed(a, b)
    archive = "kingston_archive.client_products__phase_3_ownership"
    since = dict(portal.all(f"SELECT id, quarantined_at FROM {archive}"))
    done = outcomes(kingston("archive", "restore", "--json", portal=portal))
    assert done == {
        "client_products__phase_3_ownership": (
            1,
            2,
            ["the owners were changed below", "the product was deleted from client_products below"],
        )
    }
    assert document(portal, one) == edited
    assert document(portal, two) == assumed(a, c)
    assert portal.all(f"SELECT id, quarantined_at FROM {archive} ORDER BY id") == [
        (two, since[two]),
        (gone, since[gone]),
    ]


def test_several_copies_of_a_row_the_newest_goes_back(kingston, newest):
    home = office(newest)
    for text in ("first", "second"):
        newest.run("UPDATE client_actions SET action_name = %s", text)
        taken_out(newest, home)
        group_again(newest, home)
        newest.run(
            "INSERT INTO client_actions (id, client_group_id, action_name, owner, created_by) OVERRIDING SYSTEM VALUE VALUES (1, %s, 'again', 'client', %s)",
            home.group,
            home.profile,
        )
    newest.run("DELETE FROM client_actions")
    done = outcomes(kingston("archive", "restore", "client_actions", "--json", portal=newest))
    assert done == {
        "quarantine__client_actions": (1, 1, ["another row has the same id (client_actions_pkey)"])
    }
    assert newest.all("SELECT action_name FROM client_actions") == ["second"]
    assert newest.all("SELECT action_name FROM kingston_archive.quarantine__client_actions") == ["first"]


def test_dry_run_says_what_the_run_then_does_and_changes_nothing(kingston, newest):
    home = office(newest)
    taken_out(newest, home)
    group_again(newest, home)
    newest.run("DELETE FROM profiles")  # of some rows a second parent is gone
    everything = "SELECT array_agg(t::text ORDER BY t::text) FROM {} AS t"
    tables = [
        f"kingston_archive.{t}"
        for t in newest.all(
            "SELECT relname FROM pg_class WHERE relnamespace = 'kingston_archive'::regnamespace AND relkind = 'r'"
        )
    ]
    before = [
        newest.one(everything.format(table))
        for table in (*tables, "client_actions", "kingston.archive_entry")
    ]
    dry = kingston("archive", "restore", "--dry-run", "--json", portal=newest)
    assert [
        newest.one(everything.format(table))
        for table in (*tables, "client_actions", "kingston.archive_entry")
    ] == before
    assert "2 rows would go back" in kingston("archive", "restore", "--dry-run", portal=newest).out
    real = kingston("archive", "restore", "--json", portal=newest)
    assert outcomes(real) == outcomes(dry)
    assert (dry.json["data"]["dry_run"], real.json["data"]["returned"]) == (True, 2)


def test_name_and_key(kingston, newest):
    home = office(newest)
    insert(
        newest,
        "client_actions",
        client_group_id=home.group,
        action_name="second",
        owner="client",
        created_by=home.profile,
    )
    taken_out(newest, home)
    group_again(newest, home)
    done = kingston("archive", "restore", "client_actions", "--key", "2", "--json", portal=newest)
    assert outcomes(done) == {"quarantine__client_actions": (1, 0, [])}
    assert newest.all("SELECT action_name FROM client_actions") == ["second"]
    assert left(newest) == 1


def test_a_whole_table_comes_back_with_the_upgrade_that_is_named(kingston, newest):
    office(newest)
    newest.alembic("downgrade", BELOW)
    for name, command in (
        ("client_actions", ["kingston", "upgrade", "phase_2_objectives_actions"]),
        ("product_owners__phase_2_product_owners", ["kingston", "upgrade", "phase_2_product_owners"]),
    ):
        refused = kingston("archive", "restore", name, "--json", portal=newest)
        assert (refused.code, refused.finding["fix"].split()) == (3, command)
    assert kingston(*command[1:], "--yes", portal=newest).code == 0
    assert newest.one("SELECT count(*) FROM kingston_archive.product_owners__phase_2_product_owners") == 0
    resting = {
        r["name"]: r["command"]
        for r in kingston("archive", "restore", "--json", portal=newest).json["data"]["resting"]
    }
    assert resting["client_actions"] == "kingston upgrade phase_2_objectives_actions"
    assert "an upgrade, not this, brings back" in kingston("archive", "restore", portal=newest).out


def test_a_table_that_is_away_takes_nothing(kingston, newest):
    home = office(newest)
    taken_out(newest, home)
    newest.alembic("downgrade", BELOW)
    done = outcomes(kingston("archive", "restore", "client_actions", "--json", portal=newest))
    assert done == {"quarantine__client_actions": (0, 1, ["client_actions is not in the portal now"])}


def test_bad_input(kingston, newest):
    office(newest)
    unknown = kingston("archive", "restore", "client_action", "--json", portal=newest)
    assert (unknown.code, unknown.finding["code"]) == (2, "usage")
    assert kingston("archive", "restore", "--frobnicate", portal=newest).code == 2


def test_interrupted_what_went_back_is_back_and_the_rest_follows(kingston, newest):
    home = office(newest)
    taken_out(newest, home)
    group_again(newest, home)

    def stop(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore.run(newest.url, story=stop)
    assert newest.one("SELECT count(*) FROM client_actions") == 1
    assert newest.one("SELECT count(*) FROM client_objectives") == 0
    assert len(outcomes(kingston("archive", "restore", "--json", portal=newest))) == 4
    assert newest.one("SELECT count(*) FROM client_objectives") == 1


def test_somebody_in_the_way_is_said_and_nothing_is_half_done(kingston, newest):
    """A parent that is being deleted at this moment: busy, safe to repeat."""
    home = office(newest)
    taken_out(newest, home)
    group_again(newest, home)
    other = newest.connect()
    other.execute("BEGIN")
    other.execute("DELETE FROM client_groups WHERE id = %s", (home.group,))
    busy = kingston("archive", "restore", "client_actions", "--json", portal=newest)
    assert (busy.code, busy.finding["code"]) == (4, "busy")
    other.execute("ROLLBACK")
    assert outcomes(kingston("archive", "restore", "client_actions", "--json", portal=newest)) == {
        "quarantine__client_actions": (1, 0, [])
    }


def test_the_report_is_plain_json(kingston, newest):
    home = office(newest)
    taken_out(newest, home)
    assert (
        json.loads(kingston("archive", "restore", "--json", portal=newest).out)["data"]["schema"] == "public"
    )

"""What the unchanged Phase 1 application bears, point by point as it was measured with the real one (M01 to M28).

Read from the walk over all revisions (``legacy_walk``), or tried at head with rows in every table of Phase 2, by the
role that owns the Phase 1 objects.  Not tried here: how asyncpg hands out jsonb (part of M15; the driver is not one of
ours, only the type is held), and how long a portal request waits (part of M27: promise P4 has its own tests).
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import psycopg
import pytest

from promises.legacy import state
from promises.legacy.requests import save_owners
from promises.legacy.walk import Stop, Walk

LINKS = "product_owner_products"
LINK_TABLES = (LINKS, "client_group_product_owners")
ADDED = {
    "client_products": {"ownership_details": "jsonb"},
    "product_owners": {
        "security_words": "text", "notes": "text", "next_meeting_date": "timestamp with time zone", "date_signed_tc": "date",
        "last_fee_agreement_date": "date", "inception_date": "timestamp with time zone",
        "updated_at": "timestamp with time zone", "updated_by": "character varying(100)",
    },
}  # fmt: skip
BEFORE, ROW, INSERT, DELETE, INSTEAD = 2, 1, 4, 8, 64  # bits of pg_trigger.tgtype
# At these stops a table has other columns than at the stop before.
CHANGES = {
    "product_owners": {("phase_2_product_owners", "up"), ("phase_1", "down")},
    "client_products": {("phase_3_ownership", "up"), ("phase_2", "down")},
}


def about(stop: Stop, question: str, *tables: str) -> list[tuple[Any, ...]]:
    """Answers of the catalogue to a question, about some tables only."""
    return [row for row in stop.catalogue[question] if not tables or row[0] in tables]


def same(walk: Walk, question: str, *tables: str) -> None:
    """The catalogue says the same at every revision."""
    before = about(walk.before, question, *tables)
    assert before
    assert [str(stop) for stop in walk.after if about(stop, question, *tables) != before] == []


def answers(walk: Walk, name: str) -> None:
    """A statement goes through at every revision."""
    tried = [stop for stop in walk.stops if name in stop.outcomes]
    assert len(tried) > 20
    assert [str(stop) for stop in tried if any(step.error for step in stop.outcomes[name].steps)] == []


@pytest.fixture
def app(legacy_walk):
    """The application at head; what it does is undone."""
    with legacy_walk.application.transaction(force_rollback=True):
        yield legacy_walk.application


def all_of(connection: psycopg.Connection[Any], query: str, *parameters: Any) -> list[Any]:
    rows = connection.execute(query.encode(), parameters or None).fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def test_M01_the_link_table_stays_a_table_of_its_four_columns(legacy_walk):
    same(legacy_walk, "columns", LINKS)
    assert [row[2] for row in about(legacy_walk.head, "columns", LINKS)] == [
        "id",
        "product_owner_id",
        "product_id",
        "created_at",
    ]
    same(legacy_walk, "tables")
    assert {row[1] for row in about(legacy_walk.head, "tables")} == {"r"}


def test_M02_repeated_links_stay_and_come_back_in_the_order_they_were_made(legacy_walk, app):
    product, one, two = (legacy_walk.known[name] for name in ("product", "owner", "other_owner"))
    assert [row for stop in legacy_walk.stops for row in about(stop, "triggers") if row[2] & INSTEAD] == []
    save_owners(app, product, [two, one, two])
    for planning in (
        "enable_seqscan",
        "enable_bitmapscan",
        "enable_sort",
    ):  # whichever way the links are found
        assert all_of(app, f"SELECT product_owner_id FROM {LINKS} WHERE product_id = %s", product) == [
            two,
            one,
            two,
        ]
        app.execute(f"SET LOCAL {planning} = off".encode())
    numbers = all_of(app, f"SELECT id FROM {LINKS} WHERE product_id = %s", product)
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


@pytest.mark.parametrize("owners", [[], [0], [0, 0], [1, 0], [0, 1, 2], [2, None, 1]])
def test_M03_M06_no_rule_binds_the_way_owners_are_saved_and_the_document_follows_each_step(
    legacy_walk, owners
):
    """All links deleted, then inserted one by one, each committed alone."""
    connection, product = legacy_walk.application, legacy_walk.known["shared_product"]
    people = all_of(connection, "SELECT id FROM product_owners ORDER BY id LIMIT 3")
    chosen = [None if number is None else people[number] for number in owners]
    for length in range(len(chosen) + 1):
        save_owners(connection, product, chosen[:length])
        assert (
            all_of(connection, f"SELECT product_owner_id FROM {LINKS} WHERE product_id = %s", product)
            == chosen[:length]
        )
        (text,) = all_of(
            connection, "SELECT ownership_details::text FROM client_products WHERE id = %s", product
        )
        stated = {int(key) for key in json.loads(text) if key.isdigit()} | set(
            json.loads(text).get("joint_owners", [])
        )
        assert stated == {owner for owner in chosen[:length] if owner is not None}


def test_M04_repeated_and_half_empty_links_and_memberships_are_legal(legacy_walk):
    same(legacy_walk, "unique indexes")
    same(legacy_walk, "constraints", *LINK_TABLES)
    for name in (
        "31 product_owners, link create and delete",
        "32 client_group_product_owners create and delete",
    ):
        answers(legacy_walk, name)
    assert all_of(
        legacy_walk.application,
        f"SELECT 1 FROM {LINKS} GROUP BY product_id, product_owner_id HAVING count(*) > 1",
    )


def test_M05_links_get_no_column(legacy_walk):
    same(legacy_walk, "columns", *LINK_TABLES)


def test_M07_triggers_need_no_right_of_the_application(legacy_walk):
    seen = [row for stop in legacy_walk.stops for row in about(stop, "triggers")]
    assert seen
    assert [row for row in seen if not row[5] or "search_path=public, pg_temp" not in (row[6] or "")] == []
    assert [
        stop.catalogue["rights on new relations"]
        for stop in legacy_walk.stops
        if stop.catalogue["rights on new relations"]
    ] == []
    assert len(legacy_walk.head.catalogue["new relations"]) > 30


@pytest.mark.parametrize("actor", [None, ""])
def test_M08_the_actor_may_be_unknown(legacy_walk, app, actor):
    if actor is not None:
        app.execute("SELECT set_config('app.current_user_id', %s, true)", [actor])
    assert all_of(app, "SELECT nullif(current_setting('app.current_user_id', true), '')") == [None]
    group, owner, product = (legacy_walk.known[name] for name in ("group", "owner", "product"))
    assert app.execute("UPDATE client_groups SET status = 'x' WHERE id = %s", [group]).rowcount == 1
    assert app.execute("UPDATE product_owners SET known_as = 'Another' WHERE id = %s", [owner]).rowcount == 1
    save_owners(app, product, [owner])


def test_M08_changes_of_the_application_carry_its_role(legacy_walk):
    owner = legacy_walk.known["owner"]
    legacy_walk.application.execute(
        "UPDATE product_owners SET known_as = known_as || '.' WHERE id = %s", [owner]
    )
    found = legacy_walk.portal.one(
        "SELECT actor, db_role FROM row_history WHERE table_name = 'product_owners' ORDER BY id DESC LIMIT 1"
    )
    assert found == (legacy_walk.roles.application,) * 2


def test_M09_the_ledger_of_money_is_never_written(legacy_walk):
    assert [
        row for stop in legacy_walk.stops for row in about(stop, "triggers", "holding_activity_log")
    ] == []
    before = legacy_walk.before.tables["holding_activity_log"]
    assert [str(stop) for stop in legacy_walk.after if stop.tables["holding_activity_log"] != before] == []
    touching = {
        name
        for name, outcome in legacy_walk.before.outcomes.items()
        if outcome.touched.get("holding_activity_log", (0, 0, 0))[0]
    }
    for stop in legacy_walk.after:
        for name, outcome in stop.outcomes.items():
            assert name in touching or not outcome.touched.get("holding_activity_log", (0, 0, 0))[0], (
                str(stop),
                name,
            )


def test_M10_no_trigger_can_swallow_a_delete(legacy_walk):
    seen = [row for stop in legacy_walk.stops for row in about(stop, "triggers")]
    assert [row[:3] for row in seen if row[2] & BEFORE and row[2] & ROW and row[2] & DELETE] == []


def test_M11_added_columns_may_be_left_out_and_old_defaults_stay(legacy_walk):
    for stop in legacy_walk.after:
        assert [row for row in legacy_walk.added(stop) if row[4] and row[6] is None] == [], str(stop)
        kept = [row for row in about(stop, "columns") if row in about(legacy_walk.before, "columns")]
        assert kept == about(legacy_walk.before, "columns"), (
            "type, default, not null, identity, rights of each old column"
        )
    answers(legacy_walk, "7 client_groups.create_client_group without any value")
    answers(legacy_walk, "27 product_owners.create")


def test_M12_old_columns_accept_what_they_accepted(legacy_walk):
    for name in (
        "8 client_groups.update and patch", "9 client_groups.update_status", "28 product_owners.update",
        "17 client_products.create_client_product with a portfolio of its own", "18 client_products.update_client_product",
        "33 holding_activity_logs create, update, delete",
    ):  # fmt: skip
        answers(legacy_walk, name)
    for stop in legacy_walk.after:
        added = set(about(stop, "constraints")) - set(about(legacy_walk.before, "constraints"))
        assert [
            row for row in added if row[0] != "client_products" or "ownership_details" not in row[3]
        ] == [], str(stop)


def test_M13_types_of_old_columns_are_frozen(legacy_walk):
    types = {row[:4] for row in about(legacy_walk.before, "columns")}
    assert [
        str(stop) for stop in legacy_walk.after if not types <= {row[:4] for row in about(stop, "columns")}
    ] == []


def test_M14_nine_columns_are_handed_out_and_nothing_else(legacy_walk):
    names = {(table, column) for table, columns in ADDED.items() for column in columns}
    handed_out = {
        item
        for stop in legacy_walk.stops
        for outcome in stop.outcomes.values()
        for item in outcome.handed_out
    }
    assert handed_out == names
    assert {(row[0], row[2]) for stop in legacy_walk.after for row in legacy_walk.added(stop)} == names


def test_M15_M16_added_columns_have_types_that_answers_can_carry(legacy_walk):
    assert {(row[0], row[2]): row[3] for row in legacy_walk.added(legacy_walk.head)} == {
        (table, column): kind for table, columns in ADDED.items() for column, kind in columns.items()
    }


def test_M17_no_sensitive_column_where_whole_rows_are_public(legacy_walk):
    public = ("client_groups", "client_products", "profiles")
    found = {row[2] for stop in legacy_walk.after for row in legacy_walk.added(stop) if row[0] in public}
    assert found == {"ownership_details"}


def test_M18_reserved_names_stay_free(legacy_walk):
    taken = {
        "client_groups": {"advisor_name", "advisor_email", "advisor_first_name", "advisor_last_name", "advisor_assignment_status",
                          "fum", "relationship", "product_owners"},
        "authentication": {"reset_token", "reset_token_expires"},
    }  # fmt: skip
    for stop in legacy_walk.stops:
        assert not any(row[2] in taken.get(row[0], ()) for row in about(stop, "columns")), str(stop)
        assert "client_group_versions" not in {row[0] for row in stop.catalogue["new relations"]}


def test_M19_views_keep_definition_owner_and_grants(legacy_walk):
    names = [row[0] for row in legacy_walk.before.catalogue["views"]]
    assert len(names) == 24
    same(legacy_walk, "views", *names)
    granted = [row for row in about(legacy_walk.head, "views") if legacy_walk.roles.reader in (row[2] or "")]
    assert [row[0] for row in granted] == ["products_list_view"]


def test_M20_rights_on_tables_columns_functions_and_sequences_stay(legacy_walk):
    same(legacy_walk, "tables")
    same(legacy_walk, "sequences")
    same(legacy_walk, "functions", *(row[0] for row in legacy_walk.before.catalogue["functions"]))
    reader = legacy_walk.roles.reader
    rights = about(legacy_walk.head, "columns", "client_products")
    assert [row[2] for row in rights if reader in (row[7] or "")] == ["notes"]
    assert not any(row[4] or row[5] for row in about(legacy_walk.head, "tables")), "no row security"


def test_M21_sequences_keep_name_kind_and_value(legacy_walk):
    same(legacy_walk, "sequences")
    assert len(legacy_walk.before.sequences) == 21
    assert [str(stop) for stop in legacy_walk.after if stop.sequences != legacy_walk.before.sequences] == []
    identities = [row for row in about(legacy_walk.head, "columns") if row[5]]
    assert len(identities) == 21
    assert {row[5] for row in identities} == {"d"}, (
        "generated by default: explicit ids from the sequence are accepted"
    )
    answers(legacy_walk, "33 holding_activity_logs bulk: ids reserved from the sequence and given")


def test_M22_delete_actions_stay_and_new_tables_follow(legacy_walk):
    keys = [row for row in about(legacy_walk.before, "constraints") if row[2] == "f"]
    assert len(keys) == 25
    for stop in legacy_walk.after:
        assert [row for row in about(stop, "constraints") if row[2] == "f"] == keys, str(stop)
        for table, key, parent, action in stop.catalogue["keys from new tables"]:
            assert action in (("r",) if parent == "profiles" else ("c", "n")), (str(stop), table, key)


@pytest.mark.parametrize("parent", ["client_groups", "product_owners", "client_products"])
def test_M22_rows_with_rows_of_phase_2_can_be_deleted(legacy_walk, app, parent):
    rare_rows(legacy_walk)
    keys = [row for row in legacy_walk.head.catalogue["keys from new tables"] if row[2] == parent]
    assert keys
    columns = dict(legacy_walk.portal.all(KEY_COLUMN, [key for _, key, _, _ in keys]))
    referring = {
        table: set(legacy_walk.portal.all(f"SELECT DISTINCT {columns[key]} FROM {table}"))
        for table, key, _, _ in keys
    }
    assert [table for table, ids in referring.items() if not ids] == []
    deleted = app.execute(
        f"DELETE FROM {parent} WHERE id = ANY (%s)".encode(), [list(set().union(*referring.values()))]
    ).rowcount
    assert deleted == len(set().union(*referring.values()))


KEY_COLUMN = """
SELECT k.conname, a.attname FROM pg_constraint AS k JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.conname = ANY (%s)"""


def rare_rows(walk: Walk) -> None:
    """Rows that only some portals have: rejected telephone texts, edited shares that are remembered."""
    owner, product = walk.known["owner"], walk.known["product"]
    walk.portal.run(
        "INSERT INTO product_owner_phone_rejects (product_owner_id, source_column, source_text, reason)"
        " SELECT %s, 'phone', '?', 'unreadable' WHERE NOT EXISTS (SELECT 1 FROM product_owner_phone_rejects)", owner
    )  # fmt: skip
    walk.portal.run(
        "INSERT INTO product_owner_phone_sources VALUES (%s, 'phone', '?', 1, 0, 1, 0) ON CONFLICT DO NOTHING",
        owner,
    )
    walk.portal.run(
        "INSERT INTO ownership_memory (product_id, owner_ids, ownership_details) VALUES (%s, '{1}', '{}')",
        product,
    )


def test_M22_a_profile_goes_unless_it_signed_rows_of_phase_2(legacy_walk, app):
    """The only exception the documents ask for; the application itself deletes a profile only right after making it."""
    signed = legacy_walk.portal.one("SELECT min(created_by) FROM client_objectives")
    with pytest.raises(psycopg.errors.IntegrityError, match="foreign key"), app.transaction():
        app.execute("DELETE FROM profiles WHERE id = %s", [signed])
    others = all_of(app, "SELECT DISTINCT profiles_id FROM session WHERE profiles_id <> %s", signed)
    assert app.execute("DELETE FROM profiles WHERE id = ANY (%s)", [others]).rowcount == len(others) > 0
    answers(legacy_walk, "1 auth.signup")
    answers(legacy_walk, "1 auth.signup of a user whose rows go with the profile")


def test_M23_rows_are_rewritten_only_where_a_table_gets_columns(legacy_walk):
    for table in state.TABLES:
        places = [(stop.revision, stop.way, stop.tables[table].places) for stop in legacy_walk.stops]
        moved = {later[:2] for earlier, later in itertools.pairwise(places) if earlier[2] != later[2]}
        assert {stop for stop in moved if stop[1] == "up"} == {
            stop for stop in CHANGES.get(table, set()) if stop[1] == "up"
        }
        assert {stop for stop in moved if stop[1] == "down"} == set(), table


def test_M24_filling_the_columns_keeps_the_order_of_unordered_reads(legacy_walk):
    for table in state.WIDENED:
        orders = {stop.way: set() for stop in legacy_walk.stops}
        for stop in legacy_walk.stops:
            orders[stop.way].add(stop.tables[table].order)
        assert orders["up"] == {legacy_walk.before.tables[table].order}
        assert orders["down"] == orders["filled"], "as somebody left it at head"


def test_M25_times_of_change_are_on_owners_only(legacy_walk):
    assert {
        row[0] for stop in legacy_walk.after for row in legacy_walk.added(stop) if row[2] == "updated_at"
    } == {"product_owners"}


@pytest.mark.parametrize(
    "oddity",
    [
        "client_groups AS g WHERE g.advisor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM profiles AS p WHERE p.id = g.advisor_id)",
        "client_groups WHERE advisor = ''", "client_groups WHERE name IS NULL", "product_owners WHERE known_as = ''",
        "product_owners WHERE firstname LIKE '% '", "product_owners WHERE status IS NULL", "client_products WHERE portfolio_id IS NULL",
        f"{LINKS} WHERE product_id IS NULL OR product_owner_id IS NULL", "client_group_product_owners WHERE client_group_id IS NULL",
    ],
)  # fmt: skip
def test_M26_nothing_is_repaired(legacy_walk, oddity):
    """It is in the data at head as well; the checksums of the walk say that not one value differs."""
    assert legacy_walk.portal.one(f"SELECT count(*) FROM {oddity}") > 0


def test_M27_cached_plans_outlive_every_revision(legacy_walk):
    """Outside transactions; a cached whole row of a table that changes columns is prepared anew once and works."""
    errors = {
        (what, stop.revision, stop.way): error
        for stop in legacy_walk.stops
        for what, error in stop.plans.items()
        if error
    }
    assert errors == {
        (f"whole rows of {table}", revision, way): "0A000"
        for table, changes in CHANGES.items()
        for revision, way in changes
    }


def test_M28_requests_that_go_on_during_the_migration_are_never_refused(legacy_walk):
    assert legacy_walk.said_on_the_way == []

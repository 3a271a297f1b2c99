"""P3: the Phase 1 tables keep their rows, its views show the same, its statements give the same answers.

Looked at by the role that owns the Phase 1 objects, at every revision on the way up and on the way down, the latter
with rows in every table of Phase 2.  The migration belongs to another, ordinary role, and is plain ``alembic``.
"""

from __future__ import annotations

from collections import Counter

import pytest

from portals import revisions
from promises.legacy import prepared, run, state, statements

STATEMENTS = statements.load()
# Statements that are refused, and must go on being refused in the same way.
REFUSED = (
    "a fund that is held",
    "of a generation in use",
    "while a product uses it",
    "somebody who does not exist",
)


def test_all_forty_statements_and_every_kind_of_write_are_among_them():
    numbers = {statement.number for statement in STATEMENTS}
    assert numbers == {str(number) for number in range(1, 41)} | {"5.2", "5.4"}
    assert [name for name, count in Counter(s.name for s in STATEMENTS).items() if count > 1] == []
    written = {write for statement in STATEMENTS for write in statement.writes}
    assert written >= {(verb, table) for table in state.TABLES for verb in ("INSERT", "UPDATE", "DELETE")}


def test_every_revision_was_looked_at_both_ways(legacy_walk):
    order = revisions()
    assert [stop.revision for stop in legacy_walk.stops if stop.way == "up"] == order
    assert [stop.revision for stop in legacy_walk.stops if stop.way == "down"] == order[-2::-1]
    assert len(legacy_walk.before.views) == 24
    assert len(legacy_walk.before.tables) == 22
    empty = [view for view, (rows, _) in legacy_walk.before.views.items() if not rows]
    empty += [table for table, (rows, *_) in legacy_walk.before.tables.items() if not rows]
    assert empty == []


def test_every_view_gives_the_same_rows_at_every_revision(legacy_walk):
    before = legacy_walk.before.views
    assert [
        (str(stop), view) for stop in legacy_walk.after for view in before if stop.views[view] != before[view]
    ] == []


def test_every_table_keeps_its_rows_at_every_revision(legacy_walk):
    before = legacy_walk.before.tables
    assert [
        (str(stop), t)
        for stop in legacy_walk.after
        for t in before
        if stop.tables[t].legacy != before[t].legacy
    ] == []


def test_tables_that_get_no_column_keep_them_byte_for_byte_where_they_are(legacy_walk):
    """Whole rows, at their addresses, written by the transactions that wrote them: nothing rewrote them."""
    before = legacy_walk.before.tables
    found = [
        (str(stop), table)
        for stop in legacy_walk.after
        for table in before
        if table not in state.WIDENED and stop.tables[table] != before[table]
    ]
    assert found == []


def test_below_the_columns_whole_rows_are_those_from_before(legacy_walk):
    before, bottom = legacy_walk.before.tables, legacy_walk.stops[-1]
    assert bottom.revision == "legacy"
    assert {table: found.whole for table, found in bottom.tables.items()} == {
        t: found.whole for t, found in before.items()
    }


@pytest.mark.parametrize("name", [statement.name for statement in STATEMENTS])
def test_statement(legacy_walk, name):
    """Same columns, rows, counts and errors as before the migration, and the same rows touched in all 22 tables."""
    before = legacy_walk.before.outcomes[name]
    failed = [step.error for step in before.steps if step.error]
    assert bool(failed) == (name.startswith("5.4 ") or any(said in name for said in REFUSED)), failed
    assert failed or any(step.rowcount > 0 for step in before.steps), "it does nothing with the sample data"
    for stop in (found for found in legacy_walk.after if name in found.outcomes):
        now = stop.outcomes[name]
        assert now.steps == before.steps, str(stop)
        assert others_touched(now) == others_touched(before), str(stop)
        assert now.handed_out <= {(table, column) for table, _, column, *_ in legacy_walk.added(stop)}, str(
            stop
        )


def others_touched(outcome: run.Outcome) -> dict[str, tuple[int, ...]]:
    """Rows touched, without updates of products: their ownership document follows the links."""
    counts = {
        table: (ins, 0 if table == "client_products" else upd, dele)
        for table, (ins, upd, dele) in outcome.touched.items()
    }
    return {table: count for table, count in counts.items() if any(count)}


@pytest.fixture
def eyes(newest_portal_at):
    """An application and its look at a portal at legacy, to plant differences in."""
    portal = newest_portal_at("legacy", seed=True)
    application = run.Application(portal.connect(), statements.known(portal.connection))
    columns: dict[str, list[str]] = {}
    for table, _, column, *_ in state.catalogue(portal.connection)["columns"]:
        columns.setdefault(table, []).append(column)
    return portal, application, lambda table: state.tables(portal.connection, columns)[table]


def test_differences_of_rows_are_seen(eyes):
    portal, _, look = eyes
    before = look("profiles")
    portal.run("UPDATE profiles SET last_name = last_name WHERE id = 2")
    rewritten = look("profiles")
    assert rewritten.legacy == before.legacy
    assert rewritten.order != before.order
    assert rewritten.places != before.places
    portal.run("UPDATE profiles SET last_name = last_name || ' ' WHERE id = 2")
    assert look("profiles").legacy != before.legacy
    links = look("product_owner_products")
    portal.run(
        "INSERT INTO product_owner_products SELECT max(id) + 1, min(product_owner_id), min(product_id) FROM product_owner_products"
    )
    assert look("product_owner_products").legacy != links.legacy
    owners = look("product_owners")
    portal.run("ALTER TABLE product_owners ADD COLUMN x text DEFAULT 'x'")
    assert (look("product_owners").legacy, look("product_owners").whole == owners.whole) == (
        owners.legacy,
        False,
    )


def test_differences_of_views_are_seen(eyes):
    portal, _, _ = eyes
    names = ["product_owner_details", "company_irr_cache"]
    before = state.views(portal.connection, names)
    assert state.views(portal.connection, names) == before, "the time of the look is no difference"
    portal.run("UPDATE product_owners SET known_as = 'Someone Else' WHERE id = 2")
    after = state.views(portal.connection, names)
    assert [name for name in names if after[name] != before[name]] == ["product_owner_details"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
         " CREATE TRIGGER t BEFORE DELETE ON product_owners FOR EACH ROW EXECUTE FUNCTION f()", "29 product_owners.delete"),
        ("ALTER TABLE client_groups ALTER type DROP DEFAULT", "7 client_groups.create_client_group without any value"),
        ("ALTER TABLE product_owner_products ADD CHECK (product_owner_id IS NOT NULL) NOT VALID",
         "31 product_owners, link create and delete"),
        ("CREATE TABLE n (profile bigint REFERENCES profiles); INSERT INTO n SELECT min(id) FROM profiles;"
         " CREATE RULE r AS ON INSERT TO profiles DO ALSO INSERT INTO n SELECT max(id) FROM profiles", "1 auth.signup"),
        ("CREATE TABLE client_group_versions (client_group_id bigint)", "5.4 client_groups.create_client_group_version"),
        ("ALTER TABLE holding_activity_log ALTER id SET GENERATED ALWAYS",
         "33 holding_activity_logs bulk: ids reserved from the sequence and given"),
    ],
)  # fmt: skip
def test_differences_of_answers_are_seen(eyes, change, name):
    portal, application, _ = eyes
    (statement,) = (found for found in STATEMENTS if found.name == name)
    before = application.run(statement)
    assert application.run(statement) == before, "a repetition is no difference"
    portal.run(change)
    assert application.run(statement).steps != before.steps


def test_a_side_effect_is_seen(eyes):
    portal, application, _ = eyes
    (statement,) = (found for found in STATEMENTS if found.name == "4 auth.update_profile")
    before = application.run(statement)
    portal.run(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE client_groups SET advisor = advisor; RETURN NULL; END'"
    )
    portal.run("CREATE TRIGGER t AFTER UPDATE ON profiles EXECUTE FUNCTION f()")
    after = application.run(statement)
    assert after.steps == before.steps
    assert others_touched(after) != others_touched(before)


def test_a_stale_plan_is_seen(eyes):
    portal, _, _ = eyes
    plans = prepared.Plans(portal.connect())
    assert set(plans.execute().values()) == {""}
    portal.run("ALTER TABLE profiles ADD COLUMN x text")
    assert {what for what, error in plans.execute().items() if error} == {"whole rows of profiles"}
    assert set(plans.execute().values()) == {""}

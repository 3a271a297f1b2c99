"""kingston rollback --level 1, 2, 3"""

from __future__ import annotations

import psycopg
import pytest

from kingston_schema.catalog import fingerprint
from kingston_schema.operations import _switches
from promises import writes
from promises.legacy import run, statements

COUNTS = "SELECT (SELECT count(*) FROM client_actions), (SELECT count(*) FROM client_information_items), (SELECT count(*) FROM row_history)"


@pytest.fixture
def portal(newest_portal_at):
    made = newest_portal_at("head", seed=True)
    made.roles = [f"{kind}_{made.one('SELECT current_database()')}" for kind in ("app", "clerk")]
    app, clerk = made.roles
    for statement in (
        f"CREATE ROLE {app} LOGIN", f"CREATE ROLE {clerk} LOGIN",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {app}", f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {app}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {app}",
        f"GRANT SELECT, INSERT ON client_actions TO {clerk} WITH GRANT OPTION",
        f"GRANT UPDATE (notes) ON client_unmanaged_products TO {clerk}", "GRANT SELECT ON client_objectives TO PUBLIC",
    ):  # fmt: skip
        made.run(statement)
    yield made
    made.run(f"DROP OWNED BY {clerk} CASCADE; DROP OWNED BY {app}; DROP ROLE {app}, {clerk}")


def phase_1(portal) -> dict[str, list[run.Step]]:
    """What the Phase 1 application gets for its statements."""
    application = run.Application(portal.connect(user=portal.roles[0]), statements.known(portal.connection))
    return {statement.name: application.run(statement).steps for statement in statements.load()}


def state(portal) -> dict:
    return fingerprint.read(portal.connection, "public").objects


def test_levels_1_and_2_leave_phase_1_alone_and_are_undone_exactly(kingston, portal):
    writes.fill(portal)
    app, clerk = portal.roles
    rows, before, wanted = portal.one(COUNTS), state(portal), phase_1(portal)
    settings = portal.all("SELECT setting, value FROM migration_control ORDER BY 1")

    off = kingston("rollback", "--level", "1", "--yes", "--reason", "ticket 7", portal=portal)
    assert off.code == 0, off.err
    assert "7 switches switched off; the data stays" in off.out
    event = "SELECT event, outcome, rows_moved, detail FROM kingston.event_log ORDER BY id DESC LIMIT 1"
    assert portal.one(event) == ("rollback level 1", "done", 7, "ticket 7")
    assert {name for name, _ in _switches.SWITCHES.items()} == set(
        portal.all(
            "SELECT setting FROM migration_control WHERE value = 'false' AND setting <> 'encryption_enabled'"
        )
    )
    assert "nothing to do" in kingston("rollback", "--level", "1", "--yes", portal=portal).out
    with pytest.raises(psycopg.Error, match="no new global action: they are switched off"):
        portal.run("INSERT INTO global_actions (action_name, created_by) SELECT 'x', min(id) FROM profiles")
    with pytest.raises(psycopg.Error, match="no new row in client_objectives: the feature is switched off"):
        portal.run("INSERT INTO client_objectives (client_group_id, title, created_by) VALUES (1, 'x', 1)")
    assert phase_1(portal) == wanted
    assert kingston("rollback", "--level", "1", "--undo", "--yes", portal=portal).code == 0
    assert portal.all("SELECT setting, value FROM migration_control ORDER BY 1") == settings

    shown = kingston("rollback", "--level", "2", "--dry-run", portal=portal)
    assert shown.code == 0
    assert "would be taken away" in shown.out
    assert state(portal) == before
    taken = kingston("rollback", "--level", "2", "--yes", "--json", portal=portal)
    assert taken.code == 0, taken.err
    user = portal.connect(user=app)
    for table in (
        "client_actions",
        "client_information_items",
        "client_objectives",
        "row_history",
        "product_ownership",
    ):
        with pytest.raises(
            psycopg.errors.InsufficientPrivilege, match=f"permission denied for (table|view) {table}"
        ):
            user.execute(f"SELECT * FROM {table}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        portal.connect(user=clerk).execute("UPDATE client_unmanaged_products SET notes = 'x'")
    assert phase_1(portal) == wanted
    assert portal.one(COUNTS) == rows
    assert kingston("verify", portal=portal).code == 0
    back = kingston("rollback", "--level", "2", "--undo", "--yes", "--json", portal=portal)
    assert back.code == 0, back.err
    assert len(back.json["data"]["changes"]) == len(taken.json["data"]["changes"])
    assert state(portal) == before
    assert user.execute("SELECT count(*) FROM client_actions").fetchone() == (rows[0],)
    assert portal.one("SELECT count(*) FROM kingston.kept_grants") == 0
    assert portal.all(
        "SELECT operation FROM migration_log WHERE operation LIKE 'rollback level%' ORDER BY id"
    ) == [
        f"rollback level 1 switched off: {', '.join(_switches.SWITCHES)}: ticket 7",
        f"rollback level 1 undone: {', '.join(sorted(_switches.SWITCHES))}",
        "rollback level 2 rights withdrawn",
        "rollback level 2 undone",
    ]
    events = "SELECT event || ' ' || outcome FROM kingston.event_log WHERE event LIKE 'rollback level%' AND stage = 'ended' ORDER BY id"
    assert portal.all(events) == [f"rollback level {n}{undo} done" for n in (1, 2) for undo in ("", " undone")]


def test_one_feature_one_role_and_what_cannot_be(kingston, portal):
    app, clerk = portal.roles
    before = state(portal)
    one = kingston(
        "rollback", "--level", "1", "--feature", "dense_ui_optimization", "--yes", "--json", portal=portal
    )
    assert [change["object"] for change in one.json["data"]["changes"]] == ["dense_ui_optimization"]
    portal.run("UPDATE migration_control SET value = 'on' WHERE setting = 'dense_ui_optimization'")
    undone = kingston("rollback", "--level", "1", "--undo", "--yes", portal=portal)
    assert "nothing to do" in undone.out
    assert "is on already" in undone.out
    assert portal.one("SELECT value FROM migration_control WHERE setting = 'dense_ui_optimization'") == "on"

    # PUBLIC may read one table, so the clerk alone would keep a right: said, and nothing is changed.
    refused = kingston("rollback", "--level", "2", "--role", clerk, "--yes", "--json", portal=portal)
    assert refused.code == 3
    assert "would keep rights on 1 object of Phase 2 (client_objectives)" in refused.finding["message"]
    assert state(portal) == before
    both = ("--role", clerk, "--role", "PUBLIC")
    assert kingston("rollback", "--level", "2", *both, "--yes", portal=portal).code == 0
    assert portal.connect(user=app).execute("SELECT count(*) FROM client_actions").fetchone() == (0,)
    portal.run("ALTER TABLE client_objectives RENAME TO moved")
    partly = kingston("rollback", "--level", "2", "--undo", "--yes", "--json", portal=portal)
    assert partly.code == 1
    assert [finding["object"] for finding in partly.json["findings"]] == ["client_objectives"]
    portal.run("ALTER TABLE moved RENAME TO client_objectives")
    assert kingston("rollback", "--level", "2", "--undo", "--yes", portal=portal).code == 0
    assert state(portal) == before

    portal.connect(user=clerk).execute(f"GRANT SELECT ON client_actions TO {app}")
    foreign = kingston("rollback", "--level", "2", "--yes", "--json", portal=portal)
    assert foreign.code == 3
    assert f"client_actions (by {clerk})" in foreign.finding["message"]
    owner = kingston("rollback", "--level", "2", "--role", "postgres", "--yes", "--json", portal=portal)
    assert owner.code == 3
    assert "is a superuser" in owner.finding["message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--level", "1", "--role", "x"), "--role means nothing to --level 1"),
        (("phase_2", "--level", "2"), "a target means nothing to --level 2"),
        (("--level", "3", "--undo"), "--undo means nothing to --level 3"),
        (("--level", "3"), "which one?"),
        (("--level", "4"), "Invalid value for '--level'"),
        (("--level", "1", "--feature", "everything"), 'there is no feature "everything"'),
        (("--level", "2", "--role", "nobody_at_all"), 'there is no role "nobody_at_all"'),
        (("--level", "3", "--checkpoint", "none"), 'there is no checkpoint "none"'),
        ((), "back to which revision"),
    ],
)
def test_bad_input(kingston, newest_portal_at, arguments, said):
    portal = (
        newest_portal_at("pre_migration_control")
        if "--feature" in arguments or "nobody_at_all" in arguments
        else None
    )
    told = kingston("rollback", *arguments, "--yes", portal=portal)
    assert told.code == 2
    assert said in told.err


def test_below_phase_2_there_is_nothing_to_take(kingston, newest_portal_at):
    told = kingston("rollback", "--level", "1", "--yes", "--json", portal=newest_portal_at("legacy"))
    assert told.code == 3
    assert told.finding["fix"] == "kingston upgrade pre_migration_control"


def test_level_3_restores_only_what_was_proven(kingston, newest_portal_at, tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path))
    portal = newest_portal_at("pre_migration_control", seed=True)
    assert kingston("checkpoint", "create", "--name", "one", portal=portal).code == 0
    three = ("rollback", "--level", "3", "--checkpoint", "one")
    unproven = kingston(*three, "--yes", "--json", portal=portal)
    assert unproven.code == 3
    assert unproven.finding["fix"] == "kingston checkpoint verify one"
    assert kingston("checkpoint", "verify", "one", portal=portal).code == 0
    groups = portal.one("SELECT count(*) FROM client_groups")
    portal.run("DELETE FROM client_groups")
    assert "nothing was done" in kingston(*three, "--dry-run", portal=portal).out
    assert portal.one("SELECT count(*) FROM client_groups") == 0
    done = kingston(*three, "--yes", "--json", portal=portal)
    assert done.code == 0, done.err
    portal.close()
    portal._open.clear()
    assert portal.one("SELECT count(*) FROM client_groups") == groups
    portal.run(f'DROP DATABASE "{done.json["data"]["kept_as"]}" WITH (FORCE)')

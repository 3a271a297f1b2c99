"""A rollback that cannot keep everything, or would stop half-way, is refused before anything is changed."""

from __future__ import annotations

import contextlib

import pytest

from kingston_schema.catalog import fingerprint
from kingston_schema.ddl.events import SilentReporter
from kingston_schema.errors import RefusedError
from kingston_schema.operations import rollback
from portals import Portal

AT, BELOW = "phase_3_ownership", "phase_1"


@pytest.fixture
def portal(newest_portal_at):
    """At phase 3, owned by a role that is no superuser; ``portal.mine`` connects as it, ``portal.other`` is one more."""
    found = newest_portal_at(AT)
    database = found.one("SELECT current_database()")
    found.keeper, found.other = f"keeper_{database}", f"other_{database}"
    for role in (found.keeper, found.other):
        found.run(f"CREATE ROLE {role} LOGIN")
    for schema in ("public", "kingston", "kingston_archive"):
        found.run(f"ALTER SCHEMA {schema} OWNER TO {found.keeper}")
        for kind, relation in found.all(
            "SELECT CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass::text FROM pg_class"
            " WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'v')",
            schema,
        ):
            found.run(f"ALTER {kind} {relation} OWNER TO {found.keeper}")
        for routine in found.all(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = %s::regnamespace", schema
        ):
            found.run(f"ALTER ROUTINE {routine} OWNER TO {found.keeper}")
    found.mine = Portal(found.url.replace("//postgres@", f"//{found.keeper}@", 1))
    yield found
    found.mine.close()
    for role in (found.keeper, found.other):
        found.run(f"REASSIGN OWNED BY {role} TO postgres; DROP OWNED BY {role}; DROP ROLE {role}")


@contextlib.contextmanager
def refused(portal, *said: str):
    """The rollback is refused with all of ``said``, nothing is changed, and afterwards it works."""
    before = [
        fingerprint.read(portal.connection, schema).objects
        for schema in ("public", "kingston", "kingston_archive")
    ]
    with pytest.raises(RefusedError) as caught:
        portal.mine.alembic("downgrade", BELOW)
    for words in said:
        assert words.format(keeper=portal.keeper, other=portal.other) in str(caught.value)
    after = [
        fingerprint.read(portal.connection, schema).objects
        for schema in ("public", "kingston", "kingston_archive")
    ]
    assert after == before
    assert portal.one("SELECT version_num FROM alembic_version") == AT
    assert portal.one("SELECT count(*) FROM kingston.journal WHERE direction = 'down'") == 0
    yield
    portal.mine.alembic("downgrade", BELOW)
    assert portal.one("SELECT version_num FROM alembic_version") == BELOW


def test_an_owner_of_everything_is_not_refused(portal):
    portal.mine.alembic("downgrade", BELOW)
    portal.mine.alembic("upgrade", AT)


def test_tables_of_another_role(portal):
    archive = "kingston_archive.product_owners__phase_2_product_owners"
    portal.run(f"CREATE TABLE {archive} (id bigint, quarantined_at timestamptz, reason text)")
    portal.run(f"CREATE UNIQUE INDEX ON {archive} (id) WHERE quarantined_at IS NULL")
    for table in ("client_actions", archive):
        portal.run(f"ALTER TABLE {table} OWNER TO {portal.other}")
    with refused(
        portal,
        "table client_actions belongs to {other}, not to {keeper}",
        "ALTER TABLE client_actions OWNER TO {keeper}, or GRANT {other} TO {keeper}",
        f"ALTER TABLE {archive} OWNER TO {{keeper}}",
    ):
        for table in ("client_actions", archive):
            portal.run(f"ALTER TABLE {table} OWNER TO {portal.keeper}")


def test_a_table_of_the_portal_of_another_role(portal):
    portal.run(f"ALTER TABLE product_owners OWNER TO {portal.other}")
    with pytest.raises(RefusedError, match="does not own 1 table of the portal"):
        portal.mine.alembic("downgrade", BELOW)
    assert portal.one("SELECT version_num FROM alembic_version") == AT


def test_one_function_or_view_of_another_role(portal):
    """Whoever owns the schema may drop them; a function that is replaced on the way down must be owned."""
    portal.run(f"ALTER FUNCTION ownership_shares(jsonb) OWNER TO {portal.other}")
    portal.run(f"ALTER VIEW product_ownership OWNER TO {portal.other}")
    portal.run("ALTER SCHEMA public OWNER TO postgres")
    portal.run(f"GRANT CREATE, USAGE ON SCHEMA public TO {portal.keeper}")
    with refused(
        portal,
        "function ownership_shares(jsonb) belongs to {other}, not to {keeper}",
        "view product_ownership belongs to {other}",
        "ALTER VIEW product_ownership OWNER TO {keeper}",
    ):
        portal.run(f"ALTER SCHEMA public OWNER TO {portal.keeper}")


def test_a_function_that_is_replaced_must_be_owned(portal):
    portal.alembic("upgrade", "phase_3")
    portal.run(f"ALTER FUNCTION expected_objects() OWNER TO {portal.other}")
    portal.run(f"ALTER FUNCTION expected_phase_3() OWNER TO {portal.keeper}")
    with pytest.raises(RefusedError, match=r"function expected_objects\(\) belongs to"):
        portal.mine.alembic("downgrade", AT)
    portal.run(f"ALTER FUNCTION expected_objects() OWNER TO {portal.keeper}")
    portal.mine.alembic("downgrade", AT)


def test_an_archive_that_cannot_be_written(portal):
    portal.run(f"ALTER SCHEMA kingston_archive OWNER TO {portal.other}")
    with refused(
        portal,
        "role {keeper} lacks USAGE, CREATE on schema kingston_archive, which {other} owns",
        "GRANT USAGE, CREATE ON SCHEMA kingston_archive TO {keeper}",
    ):
        portal.run(f"GRANT USAGE, CREATE ON SCHEMA kingston_archive TO {portal.keeper}")


def test_bookkeeping_that_cannot_be_written(portal):
    portal.run(f"ALTER TABLE kingston.archive_entry OWNER TO {portal.other}")
    portal.run("REVOKE EXECUTE ON FUNCTION kingston.archive_table(text) FROM PUBLIC")
    portal.run(f"ALTER FUNCTION kingston.archive_table(text) OWNER TO {portal.other}")
    with refused(
        portal,
        "role {keeper} may not write kingston.archive_entry, which {other} owns",
        "role {keeper} may not call kingston.archive_table(text), which {other} owns",
    ):
        portal.run(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA kingston TO {portal.keeper}"
        )
        portal.run(f"GRANT EXECUTE ON ALL ROUTINES IN SCHEMA kingston TO {portal.keeper}")


def test_an_archive_that_is_gone_and_may_not_be_made(portal):
    portal.run("DROP SCHEMA kingston_archive CASCADE")
    with pytest.raises(RefusedError, match="may not CREATE in database"):
        portal.mine.alembic("downgrade", BELOW)
    portal.run(f'GRANT CREATE ON DATABASE "{portal.one("SELECT current_database()")}" TO {portal.keeper}')
    portal.mine.alembic("downgrade", BELOW)
    assert portal.one("SELECT to_regclass('kingston_archive.client_actions') IS NOT NULL")


def test_somebody_else_s_objects_under_names_we_need(portal):
    """A table, view or type of that name, an index, a sequence, and something that is no archive of values."""
    portal.run(
        "CREATE TABLE kingston_archive.client_actions (x int); CREATE VIEW kingston_archive.client_objectives AS SELECT 1 AS x;"
        "CREATE TYPE kingston_archive.global_actions AS ENUM ('x'); CREATE SEQUENCE kingston_archive.global_action_states_id_seq;"
        "CREATE TABLE kingston_archive.row_history_pkey (x int);"
        "CREATE TABLE kingston_archive.product_owners__phase_2_product_owners (x int)"
    )
    with refused(
        portal,
        "schema kingston_archive holds a table client_actions, a name that table client_actions of schema public brings along",
        "holds a view client_objectives",
        "holds a type global_actions",
        "holds a sequence global_action_states_id_seq, a name that table global_action_states",
        "holds a table row_history_pkey, a name that table row_history",
        "product_owners__phase_2_product_owners has the name of the archive of product_owners, and is none of ours",
        "ALTER TABLE kingston_archive.client_actions RENAME TO client_actions_made_below",
    ):
        portal.run(
            "DROP VIEW kingston_archive.client_objectives; DROP TYPE kingston_archive.global_actions; DROP SEQUENCE kingston_archive.global_action_states_id_seq"
        )
        for table in ("client_actions", "row_history_pkey", "product_owners__phase_2_product_owners"):
            portal.run(f"DROP TABLE kingston_archive.{table}")


def test_the_command_it_names_puts_it_right(portal):
    portal.run(
        f"CREATE VIEW kingston_archive.client_actions AS SELECT 1 AS x; ALTER VIEW kingston_archive.client_actions OWNER TO {portal.keeper}"
    )
    fix = "ALTER VIEW kingston_archive.client_actions RENAME TO client_actions_made_below"
    with refused(portal, fix):
        portal.mine.run(fix)


def test_triggers_and_views_of_others(portal):
    portal.run(
        "CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER theirs AFTER INSERT ON client_actions EXECUTE FUNCTION theirs();"
        "CREATE VIEW dates AS SELECT id, next_meeting_date FROM product_owners;"
        "CREATE MATERIALIZED VIEW shares AS SELECT count(*) FROM product_ownership;"
        "CREATE VIEW checked AS SELECT id, validate_ownership_details('{}') AS ok FROM client_groups"
    )
    with refused(
        portal,
        "table client_actions has a trigger theirs that is not ours",
        "DROP TRIGGER theirs ON client_actions",
        "view dates is not ours and stands on column product_owners.next_meeting_date",
        "materialized view shares is not ours and stands on view product_ownership",
        "DROP MATERIALIZED VIEW shares",
        "view checked is not ours and stands on function validate_ownership_details(jsonb)",
    ):
        portal.run(
            "DROP TRIGGER theirs ON client_actions; DROP VIEW dates, checked; DROP MATERIALIZED VIEW shares"
        )


def test_a_view_of_others_over_a_table_that_only_moves_is_no_obstacle(portal):
    portal.run("CREATE VIEW calls AS SELECT id, action_name FROM client_actions WHERE status = 'outstanding'")
    portal.mine.alembic("downgrade", BELOW)
    assert portal.all("SELECT * FROM calls") == []
    portal.mine.alembic("upgrade", AT)


def test_kingston_says_the_same(portal):
    portal.run("CREATE TABLE kingston_archive.client_actions (x int)")
    planned = rollback.plan(portal.mine.url, None, BELOW)
    with pytest.raises(RefusedError, match="nothing was changed") as caught:
        rollback.run(portal.mine.url, planned, SilentReporter())
    assert caught.value.exit_code == 3


def test_names_taken_in_the_portal_stop_the_upgrade(portal):
    portal.mine.alembic("downgrade", BELOW)
    portal.run("CREATE TABLE client_actions_id_seq (x int)")
    portal.run(f"ALTER TABLE kingston_archive.client_objectives OWNER TO {portal.other}")
    with pytest.raises(RefusedError) as caught:
        portal.mine.alembic("upgrade", AT)
    assert "schema public holds a table client_actions_id_seq" in str(caught.value)
    assert f"kingston_archive.client_objectives belongs to {portal.other}" in str(caught.value)
    assert portal.one("SELECT version_num FROM alembic_version") == BELOW
    portal.run(
        f"DROP TABLE client_actions_id_seq; ALTER TABLE kingston_archive.client_objectives OWNER TO {portal.keeper}"
    )
    portal.mine.alembic("upgrade", AT)

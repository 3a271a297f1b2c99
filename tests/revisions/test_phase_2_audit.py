"""Revision phase_2_audit: what was recorded survives a rollback; the Phase 1 application notices nothing"""

from __future__ import annotations

from psycopg import sql

from client_data import household, refused
from owner_data import owner, phone
from round_trip import contents, down_and_up

BELOW, AT, TOP = "phase_2_owner_phones", "phase_2_audit", "phase_2_field_encryption"
TABLES = ("row_history", "product_owners_audit_log")


def test_records_come_back_and_go_on(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    portal.run("UPDATE product_owners SET surname = 'Smith' WHERE id = %s", person)
    down_and_up(portal, portal_at, BELOW, AT, *TABLES)
    counts = [portal.one(f"SELECT count(*) FROM {table}") for table in TABLES]
    portal.run("DELETE FROM product_owners WHERE id = %s", person)
    assert [portal.one(f"SELECT count(*) FROM {table}") for table in TABLES] == [n + 1 for n in counts]
    with refused(None, "23001"):
        portal.run("DELETE FROM row_history")


def test_E122_E120_below_nothing_of_it_is_left_and_legacy_writes_work(portal_at):
    portal = portal_at(AT)
    home = household(portal)
    portal.alembic("downgrade", "legacy")
    assert portal.all(
        "SELECT t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace"
    ) == []  # fmt: skip
    portal.run("UPDATE product_owners SET surname = 'Smith'")
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    portal.run("DELETE FROM product_owners")
    portal.alembic("upgrade", AT)
    assert portal.one("SELECT count(*) FROM row_history WHERE action = 'insert'") == 5
    assert portal.one("SELECT count(*) FROM row_history WHERE action <> 'insert'") == 0


def test_the_phase_1_application_writes_as_before_without_any_right_of_ours(server, portal_at):
    """Its statements on owners, groups and links, as a role that owns the legacy tables and nothing else."""
    portal = portal_at("legacy")
    name = f"kingstons_app_{server.major}"
    role = sql.Identifier(name)
    portal.run(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    try:
        for table in portal.all("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"):
            portal.run(sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(table), role))
        portal.alembic("upgrade", TOP)
        app = portal.connect(user=name)
        run = app.execute
        person = run(
            "INSERT INTO product_owners (firstname, surname, known_as, status) VALUES ('Ann', 'Lee', 'Ann', 'active')"
            " RETURNING id, created_at, status, firstname, surname, known_as"
        ).fetchone()
        assert person[2:] == ("active", "Ann", "Lee", "Ann")
        group = run(
            "INSERT INTO client_groups (name, status, type, created_at, advisor_id, advisor)"
            " VALUES ('Lee', 'active', 'Family', now(), NULL, NULL) RETURNING *"
        ).fetchone()
        assert len(group) == 7
        product = run("INSERT INTO client_products (client_id) VALUES (%s) RETURNING id", (group[0],)).fetchone()[0]
        for statement, values in (
            ("UPDATE product_owners SET known_as = 'Annie', status = 'inactive' WHERE id = %s", (person[0],)),
            ("UPDATE client_groups SET status = 'dormant' WHERE id = %s", (group[0],)),
            ("INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%s, %s)",
             (group[0], person[0])),
            ("INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%s, NULL)", (group[0],)),
            ("INSERT INTO product_owner_products (product_owner_id, product_id) VALUES (%s, %s)", (person[0], product)),
            ("DELETE FROM product_owner_products WHERE product_id = %s", (product,)),
            ("DELETE FROM client_group_product_owners WHERE client_group_id = %s", (group[0],)),
            ("DELETE FROM product_owners WHERE id = %s", (person[0],)),
            ("DELETE FROM client_products WHERE id = %s", (product,)),
            ("DELETE FROM client_groups WHERE id = %s", (group[0],)),
        ):  # fmt: skip
            assert run(statement, values).rowcount >= 1, statement
        app.close()
        assert portal.one("SELECT array_agg(DISTINCT db_role) FROM row_history") == [name]
        assert portal.one("SELECT array_agg(DISTINCT changed_by) FROM product_owners_audit_log") == [name]
    finally:
        portal.run(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER; DROP OWNED BY {}; DROP ROLE {}").format(role, role, role))


def test_E179_E180_functions_with_their_owners_rights_fix_their_path_and_are_not_for_everybody(portal_at):
    functions = portal_at(TOP).all(
        "SELECT p.oid::regprocedure::text, p.proconfig::text, p.proacl IS NULL OR EXISTS (SELECT 1 FROM aclexplode(p.proacl)"
        " AS a WHERE a.grantee = 0) FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
        " AND p.proname <> 'feature_enabled'"  # tells on or off, nothing else
    )
    assert {"record_row_history()", "require_envelope()", "audit_product_owner_changes()"} <= {f[0] for f in functions}
    for name, settings, everybody in functions:
        assert settings is not None, name
        assert "search_path=public, pg_temp" in settings, name
        assert not everybody, name


def test_five_tables_carry_the_history(portal_at):
    assert portal_at(AT).all(
        "SELECT tgrelid::regclass::text, array_agg(tgname::text ORDER BY tgname) FROM pg_trigger"
        " WHERE tgfoid = 'record_row_history()'::regprocedure GROUP BY 1 ORDER BY 1"
    ) == [
        (table, ["history_delete", "history_insert", "history_truncate", "history_update"])
        for table in ("client_group_product_owners", "client_groups", "product_owner_phones", "product_owner_products",
                      "product_owners")
    ]  # fmt: skip


def test_the_way_down_leaves_no_line_of_its_own(portal_at):
    portal = portal_at(TOP)
    phone(portal, owner(portal))
    rows = {table: contents(portal, table) for table in TABLES}
    portal.alembic("downgrade", "legacy")
    portal.alembic("upgrade", TOP)
    assert {table: contents(portal, table) for table in TABLES} == rows

"""Revision pre_migration_roles: the four roles are made, get their rights phase by phase, and give exactly these back."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from kingston_schema.catalog import fingerprint
from kingston_schema.errors import RefusedError
from portals import Portal
from promises.legacy.role import Roles
from promises.logins import ROLES, logins

SKIP = ("--skip-checks", "a test", "--yes")  # no checkpoint, and a server that forgets in a power cut
PROBLEMS = "SELECT role_name, problem FROM kingston.role_problems() ORDER BY 1, 2"
# Rights of the four roles in the portal's own schema.
HELD = """
SELECT c.relname, x::text FROM pg_class AS c CROSS JOIN LATERAL unnest(c.relacl) AS x
 WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version' AND x::text LIKE 'portal\\_%'
UNION ALL SELECT a.attname, x::text FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid CROSS JOIN LATERAL unnest(a.attacl) AS x
 WHERE c.relnamespace = 'public'::regnamespace AND x::text LIKE 'portal\\_%'
UNION ALL SELECT p.proname, x::text FROM pg_proc AS p CROSS JOIN LATERAL unnest(p.proacl) AS x WHERE x::text LIKE 'portal\\_%'
UNION ALL SELECT n.nspname, x::text FROM pg_namespace AS n CROSS JOIN LATERAL unnest(n.nspacl) AS x
 WHERE x::text LIKE 'portal\\_%' AND NOT (n.nspname LIKE 'kingston%' AND x::text LIKE 'portal\\_migrator=%')
ORDER BY 1, 2"""


def state(portal: Portal) -> dict:
    return fingerprint.read(portal.connection, "public").objects


@contextlib.contextmanager
def no_roles(portal: Portal) -> Iterator[None]:
    """A server without the four roles: those of the other tests have another name meanwhile, their rights stay."""
    there = portal.all("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", list(ROLES))
    for role in there:
        portal.run(f"ALTER ROLE {role} RENAME TO aside_{role}")
    try:
        yield
    finally:
        for role in portal.all("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", list(ROLES)):
            portal.run(f"DROP OWNED BY {role}; DROP ROLE {role}")
        for role in there:
            portal.run(f"ALTER ROLE aside_{role} RENAME TO {role}")


def test_E191_every_right_at_every_phase_and_none_left_behind(newest_portal_at):
    """What somebody else had granted to these roles before stays, to the letter."""
    newest_portal_at("pre_migration_roles").close()  # the roles are there: what is granted before is granted to them
    portal = newest_portal_at("legacy", seed=True)
    for before in (
        "GRANT SELECT ON client_groups TO portal_app",
        "GRANT UPDATE (notes), SELECT (notes) ON client_products TO portal_app WITH GRANT OPTION",
        "GRANT SELECT (status) ON product_owners TO portal_readonly",
        "GRANT SELECT ON product_owner_details TO portal_auditor",
        "GRANT USAGE ON SEQUENCE client_groups_id_seq TO portal_app",
        "GRANT EXECUTE ON FUNCTION global_search_entities TO portal_app",
        "GRANT TRIGGER ON profiles TO portal_migrator",
    ):
        portal.run(before)
    at_first, held = state(portal), portal.all(HELD)
    with logins(portal) as names:
        for revision in ("pre_migration_roles", "pre_migration", *(f"phase_{number}" for number in range(1, 7))):
            portal.alembic("upgrade", revision)
            assert (revision, portal.all(PROBLEMS)) == (revision, [])
            application = portal.connect(user=names["portal_app"])
            application.execute("INSERT INTO client_groups (name) VALUES (%s)", [revision])
            application.execute("UPDATE product_owners SET known_as = %s WHERE id = 1", [revision])
            application.execute("DELETE FROM product_owner_products WHERE id = (SELECT max(id) FROM product_owner_products)")
            application.execute("SELECT count(*) FROM products_list_view")
            application.close()
        portal.alembic("downgrade", "pre_migration_roles")
        assert portal.all(PROBLEMS) == []
        portal.alembic("downgrade", "legacy")
        assert state(portal) == at_first
        assert portal.all(HELD) == held
        application = portal.connect(user=names["portal_app"])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("SELECT * FROM profiles")
        assert application.execute("SELECT count(*) > 0 FROM client_groups").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            portal.connect(user=names["portal_auditor"]).execute("SELECT * FROM kingston.event_log")
        portal.alembic("upgrade", "phase_2_audit")
        assert portal.all(PROBLEMS) == []


def test_a_role_with_special_powers_is_refused(newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    newest_portal_at("pre_migration_roles").close()
    try:
        portal.run("ALTER ROLE portal_readonly SUPERUSER CREATEDB; GRANT postgres TO portal_auditor")
        with pytest.raises(RefusedError) as refused:
            portal.alembic("upgrade", "pre_migration_roles")
        assert "role portal_readonly has SUPERUSER, CREATEDB" in refused.value.message
        assert "role portal_auditor is a member of postgres, a superuser" in refused.value.message
        assert "ALTER ROLE portal_readonly NOSUPERUSER NOCREATEDB; " in f"{refused.value.fix}; "
        assert "REVOKE postgres FROM portal_auditor" in refused.value.fix
        assert portal.one("SELECT version_num FROM alembic_version") == "pre_migration_control"
        assert portal.all("SELECT * FROM kingston.given_rights") == []
    finally:
        portal.run("ALTER ROLE portal_readonly NOSUPERUSER NOCREATEDB; REVOKE postgres FROM portal_auditor")
    portal.alembic("upgrade", "pre_migration_roles")


def test_a_migrating_role_that_may_not_make_roles_goes_on_without(newest_portal_at, kingston):
    portal = newest_portal_at("legacy", seed=True)
    roles = Roles(portal)
    roles.hand_over()
    migrating = roles.migrating()
    try:
        with no_roles(portal):
            gone = kingston("upgrade", "phase_2_owner_phones", *SKIP, "--json", portal=migrating)
            assert gone.code == 0, gone.err
            (told,) = (finding for finding in gone.json["findings"] if finding["object"] == "roles")
            assert "no portal_app, portal_auditor, portal_migrator, portal_readonly; the migration goes on without" in told["message"]
            assert "CREATE ROLE portal_app; " in told["fix"]
            assert portal.all("SELECT * FROM kingston.given_rights") == []
            checked = kingston("check", "post", "--json", portal=portal)
            (found,) = (o for o in checked.json["data"]["outcomes"] if o["name"] == "roles")
            assert (found["state"], found["keys"][0]) == ("failed", "CREATE ROLE portal_app")
            # Whoever may not make them is told what to say; whoever may, makes them.
            seen = kingston("doctor", "--fix", "--yes", "--json", portal=migrating)
            assert seen.code == 1
            assert {f["fix"] for f in seen.json["findings"]} == {f"CREATE ROLE {role}" for role in ROLES}
            cured = kingston("doctor", "--fix", "--yes", "--json", portal=portal)
            assert cured.code == 0, cured.out
            assert portal.all(PROBLEMS) == []
            # Up again it finds everything, and nothing is said.
            assert kingston("upgrade", "phase_2_audit", *SKIP, "--json", portal=migrating).json["findings"] == []
            assert portal.all(PROBLEMS) == []
    finally:
        migrating.close()
        portal.close()
        portal._open.clear()
        roles.remove()


def test_a_login_in_portal_migrator_takes_a_portal_up_and_down(newest_portal_at, kingston):
    """The portal belongs to an ordinary role; an administrator says once what the first run tells."""
    newest_portal_at("pre_migration_roles").close()
    portal = newest_portal_at("legacy", seed=True)
    roles = Roles(portal)
    roles.hand_over()
    owner = roles.application
    portal.run(f"GRANT CREATE ON SCHEMA public TO {owner}; GRANT CREATE ON DATABASE {roles.database} TO {owner}")
    portal.run(f"ALTER TABLE alembic_version OWNER TO {owner}")
    first = Portal(portal.url.replace("//postgres@", f"//{owner}@", 1))
    try:
        with logins(portal) as names:
            made = kingston("upgrade", "pre_migration_roles", *SKIP, "--json", portal=first)
            assert made.code == 0, made.err
            told = [finding["fix"] for finding in made.json["findings"] if finding["object"] == "roles"]
            assert f"as an administrator: GRANT {owner} TO portal_migrator" in told
            migrator = names.portal_of("portal_migrator")
            assert kingston("upgrade", "phase_2", *SKIP, portal=migrator).code == 3
            portal.run(f"GRANT {owner} TO portal_migrator; GRANT CREATE ON SCHEMA public TO portal_migrator")
            before = state(portal)
            for words in (("upgrade", "phase_2_field_encryption"), ("rollback", "pre_migration_roles")):
                done = kingston(*words, *(SKIP if words[0] == "upgrade" else ("--yes",)), portal=migrator)
                assert done.code == 0, (words, done.err)
            assert state(portal) == before
            for words in (("rollback", "legacy"), ("upgrade", "phase_2_audit"), ("rollback", "legacy")):
                done = kingston(*words, *(SKIP if words[0] == "upgrade" else ("--yes",)), portal=migrator)
                assert done.code == 0, (words, done.err)
            migrator.close()
    finally:
        first.close()
        portal.close()
        portal._open.clear()
        roles.remove()


def test_two_databases_make_them_in_the_same_instant(newest_portal_at):
    one, two = newest_portal_at("pre_migration_control"), newest_portal_at("pre_migration_control")
    watching = one.connect()
    with no_roles(one):
        first, second = one.connect(), two.connect()
        second_backend = second.info.backend_pid
        errors: list[Exception] = []

        def make() -> None:
            try:
                second.execute("SELECT kingston.make_roles()")
            except psycopg.Error as error:
                errors.append(error)

        with first.transaction():
            first.execute("SELECT kingston.make_roles()")
            thread = threading.Thread(target=make)
            thread.start()
            deadline = time.monotonic() + 60
            waits = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
            while watching.execute(waits, [second_backend]).fetchone() != (True,):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        thread.join()
        assert errors == []
        assert one.all(PROBLEMS) == two.all(PROBLEMS) == []
        # The other database goes on using them when this one goes below.
        one.run("SELECT kingston.take_back_rights()")
        assert len(one.all(PROBLEMS)) > 100
        assert two.all(PROBLEMS) == []
        two.run("SELECT kingston.take_back_rights()")
        for portal in (one, two):  # what stays with portal_migrator
            portal.run("DROP OWNED BY portal_migrator")

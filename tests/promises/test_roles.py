"""The four roles: what each must not do, and that each does its work (issue 6, ADR 0009)."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from kingston_schema.crypto import access, open_vault
from kingston_schema.models import ClientGroup, ClientGroupSecret, ProductOwner, ProductOwnerPhone
from kingston_schema.operations.keys import init
from portals import Portal
from promises import writes
from promises.attempts import ATTEMPTS
from promises.legacy import run, statements
from promises.logins import ROLES, Logins, logins

RIGHTS = "SELECT object, column_name, privilege FROM kingston.role_rights() WHERE role_name = %s AND kind = %s ORDER BY 1, 2, 3"


@pytest.fixture(scope="module")
def filled(newest_server) -> Iterator[tuple[Portal, Logins]]:
    """A portal at head in which the application itself has written every table that users write; and its logins."""
    portal = newest_server.templates.clone("head", seed=True)
    with logins(portal) as names:
        writes.operate(portal)
        application = names.portal_of("portal_app")
        writes.edit(application)
        application.close()
        yield portal, names
    newest_server.templates.drop(portal)


def test_there_are_enough_attempts_and_no_two_alike():
    assert len(ATTEMPTS) >= 150
    assert len(set(ATTEMPTS)) == len(ATTEMPTS)
    assert {role for role, _, _ in ATTEMPTS} == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_E189_E190_what_a_role_must_not_do(filled, role):
    portal, names = filled
    connection = portal.connect(user=names[role])
    refused = []
    for _, statement, state in (attempt for attempt in ATTEMPTS if attempt[0] == role):
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(statement.encode())
        except psycopg.Error as error:
            refused.append((statement, error.sqlstate))
        else:
            refused.append((statement, "done"))
        assert refused[-1] == (statement, state)
    assert len(refused) >= 35


def test_none_of_them_is_more_than_a_group(filled):
    portal, _ = filled
    assert portal.all(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) AND NOT (rolsuper OR rolcreatedb OR rolcreaterole"
        " OR rolreplication OR rolbypassrls OR rolcanlogin) ORDER BY 1", list(ROLES),
    ) == sorted(ROLES)  # fmt: skip
    assert portal.all("SELECT * FROM kingston.role_problems()") == []


@pytest.mark.parametrize("role", ROLES[:3])
def test_every_table_and_view_of_a_role_can_be_read_by_it(filled, role):
    """Views that run with their reader's rights need more than the right on the view."""
    portal, names = filled
    readable: dict[str, list[str]] = {}
    for name, column, privilege in portal.all(RIGHTS, role, "table"):
        if privilege == "SELECT":
            readable.setdefault(name, []).append(column)
    connection = portal.connect(user=names[role])
    for name, columns in readable.items():
        listed = ", ".join(columns) if columns != [""] else "*"
        connection.execute(f"SELECT {listed} FROM {name} LIMIT 2".encode())
    assert len(readable) > 20


def test_the_application_gets_the_same_answers_as_the_owner_of_everything(filled):
    portal, names = filled
    # One statement is for owners whatever is granted: after a duplicate key the portal says ALTER SEQUENCE … RESTART.
    (restart,) = (statement for statement in statements.load() if "recovery from a duplicate key" in statement.name)
    asked = [statement for statement in statements.load() if statement.name != restart.name]
    owner = run.Application(_ann(portal.connect()), statements.known(portal.connection))
    wanted = {statement.name: owner.run(statement).steps for statement in asked}
    login = run.Application(_ann(portal.connect(user=names["portal_app"])), statements.known(portal.connection))
    assert {statement.name: login.run(statement).steps for statement in asked} == wanted
    assert [step.error for step in login.run(restart).steps] == ["42501 must be owner of sequence available_portfolio_funds_id_seq"]
    assert len(asked) > 40


def _ann(connection: psycopg.Connection) -> psycopg.Connection:
    """The same actor, whatever the login."""
    connection.execute("SELECT set_config('app.current_user_id', '7', false)")
    return connection


def test_what_the_application_wrote_is_on_record_under_its_login(filled):
    portal, names = filled
    written = set(portal.all("SELECT DISTINCT table_name FROM row_history WHERE db_role = %s", names["portal_app"]))
    editable = {
        name
        for name, column, privilege in portal.all(RIGHTS, "portal_app", "table")
        if privilege == "INSERT" and not column
    }
    legacy = set(portal.all("SELECT unnest(m.names) FROM kingston.role_matrix() AS m WHERE m.kind = 'sequence' AND 'UPDATE' = ANY (m.privileges)"))
    untouched = {"product_type_liquidity"}  # a list that is seldom edited
    assert editable - legacy - untouched <= written
    assert portal.one("SELECT count(*) FROM ownership_audit_log WHERE db_role = %s", names["portal_app"]) > 0
    application = portal.connect(user=names["portal_app"])
    application.execute("UPDATE product_type_liquidity SET asset_subtype = asset_subtype")
    assert application.execute("SELECT count(*) FROM refresh_dirty_summaries()").fetchone() == (3,)
    assert application.execute("SELECT refresh_client_complete_summary(), refresh_client_ownership_summary()").fetchone() == (0, 0)
    assert application.execute("SELECT count(*) FROM refresh_dense_data_views()").fetchone() == (1,)
    assert application.execute("SELECT count(*) > 1 FROM get_client_dense_page()").fetchone() == (True,)
    assert application.execute("SELECT last_change('client_actions', 1) IS NOT NULL").fetchone() == (True,)
    assert application.execute("SELECT count(*) > 0 FROM networth_by_liquidity(1)").fetchone() == (True,)
    assert application.execute("SELECT set_global_action_status(1, 1, 'completed') > 0").fetchone() == (True,)
    reader = portal.connect(user=names["portal_readonly"])
    assert reader.execute("SELECT count(*) > 1 FROM get_client_dense_page()").fetchone() == (True,)
    assert reader.execute("SELECT count(*) > 0 FROM networth_by_liquidity(1)").fetchone() == (True,)


def test_the_application_keeps_secrets_through_the_vault(newest_portal_at, tmp_path, monkeypatch):
    for name in ("KINGSTON_KEY_COMMAND", "KINGSTON_KEY_RING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KINGSTON_KEY_FILE", str(tmp_path / "master.key"))
    portal = newest_portal_at("head")
    portal.run(f"ALTER DATABASE {portal.one('SELECT current_database()')} SET app.justification = 'test'")
    init.run(portal.url)
    with logins(portal) as names:
        application = names.portal_of("portal_app")
        vault = open_vault(application.url)
        try:
            sessions = sessionmaker(application.engine)
            vault.attach(sessions)
            with sessions.begin() as session:
                ann = ProductOwner(firstname="Ann", security_words="rover")
                ann.phones.append(ProductOwnerPhone(phone_type="mobile", number="+44 7700 900456"))
                session.add_all([ann, ClientGroup(name="A", secrets=ClientGroupSecret(security_word="fido"))])
            with sessions() as session, access(actor="r.jones", purpose="annual review"):
                ann = session.scalars(sa.select(ProductOwner)).one()
                assert (ann.security_words, ann.phones[0].number) == ("rover", "+44 7700 900456")
                assert session.scalars(sa.select(ClientGroupSecret)).one().security_word == "fido"
            assert vault.indexes("+44 7700 900456")
        finally:
            vault.close()
            application.close()
        lines = portal.all("SELECT DISTINCT db_role, accessed_by, outcome FROM encryption_audit_log WHERE operation = 'decrypt'")
        assert lines == [(names["portal_app"], "r.jones", "granted")]


def test_the_auditor_runs_what_auditors_run(filled, kingston):
    portal, names = filled
    auditor = names.portal_of("portal_auditor")
    assert kingston("audit", "seal", "--json", portal=portal).code == 0
    shown = kingston("audit", "show", "--client", "1", "--json", portal=auditor)
    assert shown.code == 0, shown.err
    assert shown.json["data"]
    for words in (("audit", "verify"), ("audit", "decrypts"), ("history",), ("history", "--verify")):
        done = kingston(*words, "--json", portal=auditor)
        assert done.code == 0, (words, done.err, done.out)
    refused = kingston("audit", "seal", "--json", portal=auditor)
    assert refused.code != 0


def test_E233_level_2_takes_the_rights_of_the_roles_and_gives_them_back(filled, kingston):
    portal, names = filled
    held = "SELECT role_name, object, column_name, privilege FROM kingston.role_rights() WHERE held ORDER BY 1, 2, 3, 4"
    before = portal.all(held)
    phase_1 = statements.load()[3]
    application = run.Application(portal.connect(user=names["portal_app"]), statements.known(portal.connection))
    wanted = application.run(phase_1).steps
    one = kingston("rollback", "--level", "2", "--role", names["portal_app"], "--yes", "--json", portal=portal)
    assert one.code == 3
    assert "as a member of another role" in one.finding["message"]
    assert kingston("rollback", "--level", "2", "--yes", portal=portal).code == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.connection.execute("SELECT * FROM client_actions")
    assert application.run(phase_1).steps == wanted
    # Nothing that runs meanwhile gives them back behind the operator's back.
    portal.run("SELECT kingston.grant_roles(NULL)")
    assert kingston("doctor", "--json", portal=portal).code == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.connection.execute("SELECT * FROM client_actions")
    assert kingston("rollback", "--level", "2", "--undo", "--yes", portal=portal).code == 0
    assert portal.all(held) == before
    application.connection.execute("SELECT * FROM client_actions")


def test_the_page_shows_the_matrix(filled):
    from conventions.history import ROOT

    portal, _ = filled
    page = (ROOT / "docs" / "reference" / "roles.md").read_text(encoding="utf-8")
    told = [line for line in page.splitlines() if line.startswith("| `portal_") and line.count(" | ") == 4]
    assert told == [
        f"| `{role}` | {kind} | {', '.join(privileges)} | {', '.join(names)} | {', '.join(columns or ['all'])} |"
        for role, kind, privileges, names, columns in portal.all("SELECT * FROM kingston.role_matrix()")
    ]


def test_E179_E180_no_function_with_its_owners_rights_is_for_everybody_without_a_reason(filled):
    portal, _ = filled
    open_ = portal.all(
        "SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.prosecdef AND p.pronamespace IN"
        " ('public'::regnamespace, 'kingston'::regnamespace) AND has_function_privilege('public', p.oid, 'EXECUTE')"
    )
    assert open_ == ["feature_enabled(text)"]  # tells on or off, nothing else
    unfixed = portal.all(
        "SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.prosecdef AND p.pronamespace IN"
        " ('public'::regnamespace, 'kingston'::regnamespace) AND NOT EXISTS (SELECT 1 FROM unnest(p.proconfig) AS c (set)"
        "  WHERE c.set ~ '^search_path=.*, pg_temp$')"
    )
    assert unfixed == []

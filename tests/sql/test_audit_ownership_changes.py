"""ownership_audit_log: every real change of ownership, before and after, whoever made it, never in the money ledger"""

from __future__ import annotations

import json

import psycopg
import pytest

from client_data import household, unmanaged
from ownership_data import (
    NO_OWNER,
    As,
    application_role,
    assumed,
    individual,
    link,
    people,
    product,
    save_owners,
    shared,
    write,
)  # fmt: skip


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_5_audit")


def log(portal):
    return portal.all('SELECT subject_table, subject_id, before, "after", cause FROM ownership_audit_log ORDER BY id')


def test_E028_an_edit_of_a_managed_product_is_recorded_and_not_refused(portal):
    a, b = people(portal, 2)
    group = portal.one("INSERT INTO client_groups (name) VALUES ('G') RETURNING id")
    number = product(portal, a, b)
    portal.run("UPDATE client_products SET client_id = %s", group)
    start = len(log(portal))
    for name, value in (("current_user_id", "ann"), ("correlation_id", "c-1"), ("justification", "deed")):
        portal.one("SELECT set_config(%s, %s, false)", f"app.{name}", value)
    write(portal, number, shared({a: 60, b: 40}))
    assert log(portal)[start:] == [("client_products", number, assumed(a, b), shared({a: 60, b: 40}), "document")]
    assert portal.one(
        "SELECT client_group_id, actor, db_role, correlation_id, reason, transaction_id > 0, at > now() - interval '1 hour'"
        " FROM ownership_audit_log ORDER BY id DESC LIMIT 1"
    ) == (group, "ann", "postgres", "c-1", "deed", True, True)


def test_changes_of_links_are_recorded_with_their_cause(portal):
    a, b = people(portal, 2)
    number = product(portal, a)
    save_owners(portal, number, [b])
    assert log(portal) == [
        ("client_products", number, before, after, "links")
        for before, after in ((NO_OWNER, individual(a)), (individual(a), NO_OWNER), (NO_OWNER, individual(b)))
    ]


def test_only_real_changes_and_nothing_for_other_columns(portal):
    (a,) = people(portal, 1)
    number = product(portal, a)
    start = log(portal)
    write(portal, number, individual(a))
    link(portal, number, a)
    portal.run("UPDATE client_products SET notes = 'x', ownership_details = ownership_details")
    with pytest.raises(psycopg.errors.CheckViolation):
        write(portal, number, individual(a) | {str(a): 7})
    assert log(portal) == start


def test_E109_managed_and_unmanaged_products_of_the_same_id_are_told_apart(portal):
    home = household(portal)
    (a,) = people(portal, 1)
    number = product(portal, a)
    other = unmanaged(portal, home)
    assert number == other
    start = len(log(portal))
    portal.run("UPDATE client_unmanaged_products SET ownership_details = %s", json.dumps(individual(a)))
    portal.run("UPDATE client_unmanaged_products SET notes = 'x'")
    assert log(portal)[start:] == [("client_unmanaged_products", other, {}, individual(a), "document")]
    assert portal.one("SELECT client_group_id FROM ownership_audit_log ORDER BY id DESC LIMIT 1") == home.group


def test_E029_E159_the_ledger_of_money_is_never_written(portal):
    home = household(portal)
    a, b = home.owners
    number = product(portal, a)
    write(portal, number, individual(b))
    save_owners(portal, number, [a, b])
    unmanaged(portal, home)
    portal.run("UPDATE client_unmanaged_products SET ownership_details = %s", json.dumps(individual(a)))
    portal.run("DELETE FROM product_owners")
    assert len(log(portal)) > 4
    assert portal.one("SELECT count(*) FROM holding_activity_log") == 0


def test_bulk_changes_and_replicated_sessions_leave_their_lines(portal):
    a, b = people(portal, 2)
    for _ in range(120):
        product(portal, a)
    start = len(log(portal))
    portal.run("UPDATE client_products SET ownership_details = %s, notes = 'y'", json.dumps(individual(b)))
    assert all(row[3:] == (individual(b), "document") for row in log(portal)[start:])
    assert [row[1] for row in log(portal)[start:]] == portal.all("SELECT id FROM client_products ORDER BY id")
    portal.run("SET session_replication_role = replica")
    write(portal, 7, individual(a))
    portal.run("SET session_replication_role = origin")
    assert log(portal)[-1] == ("client_products", 7, individual(b), individual(a), "document")
    assert portal.one("SELECT o.at = h.occurred_at AND o.transaction_id = h.transaction_id FROM row_history AS h, ownership_audit_log AS o"
                      " ORDER BY h.id DESC, o.id DESC LIMIT 1")  # fmt: skip


def test_the_log_outlives_its_subject_and_is_append_only(portal):
    (a,) = people(portal, 1)
    number = product(portal, a)
    portal.run("DELETE FROM product_owners")
    portal.run("DELETE FROM client_products")
    before = log(portal)
    assert [subject for _, subject, *_ in before] == [number] * 2
    for change in ("UPDATE ownership_audit_log SET actor = 'x'", "DELETE FROM ownership_audit_log", "TRUNCATE ownership_audit_log"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            portal.run(change)
    assert log(portal) == before


def test_E193_the_application_s_role_writes_it_and_cannot_read_it(portal):
    with application_role(portal) as role:
        connection = portal.connect(user=role)
        app = As(connection)
        a, b = people(app, 2)
        number = product(app, a)
        save_owners(app, number, [a, b])
        write(app, number, shared({a: 1, b: 99}))
        app.run("UPDATE client_products SET notes = 'x'")
        app.run("DELETE FROM client_products")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.all("SELECT * FROM ownership_audit_log")
        connection.close()
    assert portal.one("SELECT array_agg(DISTINCT actor) FROM ownership_audit_log") == [role]
    assert portal.one("SELECT array_agg(DISTINCT db_role) FROM ownership_audit_log") == [role]

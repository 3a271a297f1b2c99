"""Revision phase_5_audit: down and up over a log that grew; row history of products"""

from __future__ import annotations

from ownership_data import As, application_role, individual, people, product, save_owners, shared, write
from round_trip import contents, down_and_up

BELOW, AT = "phase_5_constraints", "phase_5_audit"


def history(portal):
    return portal.all(
        "SELECT row_id, action, changes FROM row_history WHERE table_name = 'client_products' ORDER BY id"
    )


def test_the_log_comes_back_to_the_letter_and_goes_on(portal_at):
    portal = portal_at(AT, seed=True)
    a, b = people(portal, 2)
    number = product(portal, a, b)
    write(portal, number, shared({a: 60, b: 40}))
    down_and_up(portal, portal_at_seeded(portal_at), BELOW, AT, "ownership_audit_log")
    last = portal.one("SELECT max(id) FROM ownership_audit_log")
    write(portal, number, shared({a: 50, b: 50}))
    assert portal.one("SELECT max(id) FROM ownership_audit_log") == last + 1


def portal_at_seeded(portal_at):
    """What down_and_up compares with must hold the same sample data."""
    return lambda revision: portal_at(revision, seed=True)


def test_E120_changes_below_leave_no_trace_and_do_no_harm(portal_at):
    portal = portal_at(AT)
    a, b = people(portal, 2)
    number = product(portal, a)
    before = contents(portal, "ownership_audit_log")
    portal.alembic("downgrade", BELOW)
    save_owners(portal, number, [b, a])
    portal.run("UPDATE client_products SET notes = 'x'")
    portal.run("DELETE FROM client_products")
    portal.alembic("upgrade", AT)
    assert contents(portal, "ownership_audit_log") == before


def test_every_column_of_a_product_has_a_history(portal_at):
    portal = portal_at(AT)
    (a,) = people(portal, 1)
    with application_role(portal) as role:
        connection = portal.connect(user=role)
        app = As(connection)
        number = product(app, a)
        app.run("UPDATE client_products SET notes = 'x', status = 'inactive' WHERE id = %s", number)
        app.run("UPDATE client_products SET notes = 'x' WHERE id = %s", number)
        app.run("DELETE FROM client_products WHERE id = %s", number)
        connection.close()
    (_, first, _), (_, owned, ownership), (_, changed, changes), (_, gone, was) = history(portal)
    assert (first, owned, changed, gone) == ("insert", "update", "update", "delete")
    assert ownership["ownership_details"][1] == individual(a)
    assert changes == {"notes": [None, "x"], "status": ["active", "inactive"]}
    assert (was["notes"], was["product_name"], was["id"]) == ("x", "P", number)

"""Links to JSON: the document follows the owner set of the links, edited shares survive, nothing is ever refused"""

from __future__ import annotations

import json
import threading

import psycopg
import pytest

from ownership_data import (
    NO_OWNER,
    As,
    application_role,
    assumed,
    differences,
    document,
    individual,
    link,
    linked,
    links,
    people,
    product,
    save_owners,
    shared,
    write,
)  # fmt: skip


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_3_ownership")


def test_the_document_follows_every_statement(portal):
    a, b, c = people(portal, 3)
    number = product(portal)
    assert document(portal, number) == NO_OWNER
    first = link(portal, number, b)
    assert document(portal, number) == individual(b)
    link(portal, number, a)
    assert document(portal, number) == assumed(b, a)
    portal.run("UPDATE product_owner_products SET product_owner_id = %s WHERE id = %s", c, first)
    assert document(portal, number) == assumed(c, a)
    other = product(portal)
    portal.run("UPDATE product_owner_products SET product_id = %s WHERE id = %s", other, first)
    assert document(portal, number) == individual(a)
    assert document(portal, other) == individual(c)
    portal.run("DELETE FROM product_owner_products WHERE product_id = %s", number)
    assert document(portal, number) == NO_OWNER
    portal.run("INSERT INTO product_owner_products (product_id, product_owner_id) SELECT p, o FROM unnest(%s::bigint[]) AS p,"
               " unnest(%s::bigint[]) AS o", [number, other], [a, b])  # fmt: skip
    assert document(portal, number) == assumed(a, b)
    assert document(portal, other) == assumed(c, a, b)
    portal.run("TRUNCATE product_owner_products")
    assert document(portal, number) == document(portal, other) == NO_OWNER
    assert differences(portal) == []


def test_E131_edited_shares_survive_the_way_the_portal_saves_owners(portal):
    a, b, c = people(portal, 3)
    number = product(portal, a, b)
    edited = shared({a: 60, b: 40}, note="deed of 2019")
    write(portal, number, edited)
    save_owners(portal, number, [b, a])
    assert document(portal, number) == edited
    save_owners(portal, number, [a, b, c])
    assert document(portal, number) == assumed(a, b, c)
    save_owners(portal, number, [a, b])
    assert document(portal, number) == edited
    save_owners(portal, number, [])
    assert document(portal, number) == NO_OWNER
    save_owners(portal, number, [a, b])
    assert document(portal, number) == edited
    assert differences(portal) == []


def test_the_last_edit_of_an_owner_set_is_the_one_that_comes_back(portal):
    a, b = people(portal, 2)
    number = product(portal, a, b)
    write(portal, number, shared({a: 60, b: 40}))
    save_owners(portal, number, [a, b])
    write(portal, number, shared({a: 70, b: 30}))
    save_owners(portal, number, [b, a])
    assert document(portal, number) == shared({a: 70, b: 30})
    write(portal, number, assumed(a, b))  # back to equal shares on purpose
    save_owners(portal, number, [a, b])
    assert document(portal, number) == assumed(a, b)
    assert portal.one("SELECT count(*) FROM ownership_memory") == 0
    joint = {"association_type": "joint_ownership", "joint_owners": [b, a]}
    write(portal, number, joint)
    save_owners(portal, number, [a, b])
    assert document(portal, number) == joint


def test_a_remembered_document_that_the_rules_would_refuse_is_passed_over(portal):
    a, b = people(portal, 2)
    number = product(portal, a, b)
    write(portal, number, shared({a: 60, b: 70}))
    save_owners(portal, number, [a, b])
    assert document(portal, number) == assumed(a, b)
    assert portal.all("SELECT ownership_details FROM ownership_memory") == [shared({a: 60, b: 70})]


def test_nothing_is_rewritten_when_the_owner_set_stays(portal):
    a, b = people(portal, 2)
    number = product(portal, a, b)
    edited = shared({a: 60, b: 40})
    write(portal, number, edited)
    before = portal.one("SELECT ctid::text || xmin::text FROM client_products WHERE id = %s", number)
    again = link(portal, number, a)
    link(portal, number, None)
    portal.run("UPDATE product_owner_products SET created_at = now(), product_owner_id = product_owner_id")
    portal.run("DELETE FROM product_owner_products WHERE id = %s", again)
    portal.run("DELETE FROM product_owner_products WHERE product_owner_id IS NULL")
    link(portal, None, a)
    assert portal.one("SELECT ctid::text || xmin::text FROM client_products WHERE id = %s", number) == before
    assert document(portal, number) == edited


def test_E047_duplicate_and_half_null_links_are_never_touched(portal):
    a, b = people(portal, 2)
    number = product(portal, a, a, None, b)
    link(portal, None, a)
    link(portal, None, None)
    before = links(portal)
    write(portal, number, shared({a: 60, b: 40}))
    write(portal, number, shared({a: 61, b: 39}))
    portal.run("UPDATE client_products SET notes = 'x'")
    assert links(portal) == before
    write(portal, number, individual(a))
    assert links(portal) == [line for line in before if not line.startswith("(4,")]
    assert differences(portal) == []


def test_deleting_an_owner_a_product_a_group(portal):
    a, b = people(portal, 2)
    group = portal.one("INSERT INTO client_groups (name) VALUES ('G') RETURNING id")
    one, two, three = product(portal, a, b), product(portal, a), product(portal, b)
    portal.run("UPDATE client_products SET client_id = %s WHERE id = %s", group, three)
    write(portal, one, shared({a: 60, b: 40}))
    write(portal, three, individual(b, since=2019))
    save_owners(portal, three, [a])
    assert portal.one("SELECT count(*) FROM ownership_memory") == 1
    portal.run("DELETE FROM product_owners WHERE id = %s", a)
    assert (document(portal, one), document(portal, two), document(portal, three)) == (individual(b), NO_OWNER, NO_OWNER)
    portal.run("DELETE FROM client_products WHERE id = %s", two)
    portal.run("DELETE FROM client_groups WHERE id = %s", group)
    assert portal.all("SELECT id FROM client_products") == [one]
    assert portal.all("SELECT product_id, owner_ids FROM ownership_memory") == [(one, [a, b])]
    assert differences(portal) == []
    portal.run("TRUNCATE client_products CASCADE")
    assert portal.one("SELECT count(*) FROM ownership_memory") == 0


def test_E052_no_id_of_a_deleted_owner_stays_in_a_document(portal):
    a, b, c = people(portal, 3)
    joint, single = product(portal, a, b), product(portal, c)
    write(portal, joint, {"association_type": "joint_ownership", "joint_owners": [a, b]})
    portal.run("DELETE FROM product_owners WHERE id = ANY (%s)", [a, c])
    assert (document(portal, joint), document(portal, single)) == (individual(b), NO_OWNER)


def test_many_products_of_one_owner_are_one_step(portal):
    (a,) = people(portal, 1)
    portal.run("INSERT INTO client_products (product_name) SELECT 'P' || g FROM generate_series(1, 3000) AS g")
    portal.run("INSERT INTO product_owner_products (product_id, product_owner_id) SELECT id, %s FROM client_products", a)
    assert portal.all("SELECT DISTINCT ownership_details FROM client_products") == [individual(a)]
    portal.run("DELETE FROM product_owners")
    assert portal.all("SELECT DISTINCT ownership_details FROM client_products") == [NO_OWNER]


def test_a_product_of_more_owners_than_a_document_usually_holds(portal):
    owners = people(portal, 1200)
    number = product(portal)
    portal.run("INSERT INTO product_owner_products (product_id, product_owner_id) SELECT %s, unnest(%s::bigint[])", number, owners)
    assert document(portal, number) == assumed(*owners)
    portal.run("UPDATE client_products SET ownership_details = ownership_details - 'note'")
    save_owners(portal, number, owners[:2])
    assert portal.one("SELECT cardinality(owner_ids) FROM ownership_memory") == 1200


def test_the_application_needs_no_right_on_anything_new(portal):
    with application_role(portal) as role:
        connection = portal.connect(user=role)
        app = As(connection)
        a, b, c = people(app, 3)
        number = product(app, a, b, b, None)
        save_owners(app, number, [b, c])
        app.run("UPDATE client_products SET product_name = 'Renamed', notes = 'x' WHERE id = %s", number)
        app.run("UPDATE product_owner_products SET product_owner_id = %s WHERE product_owner_id = %s", a, c)
        assert document(portal, number) == assumed(b, a)
        write(app, number, shared({a: 10, c: 90}))
        assert sorted(linked(app, number)) == [a, c]
        app.run("DELETE FROM product_owners WHERE id = %s", a)
        app.run("DELETE FROM product_owner_products WHERE product_id = %s", number)
        app.run("DELETE FROM client_products WHERE id = %s", number)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.run("SELECT rebuild_ownership('{1}')")
        connection.close()
    assert differences(portal) == []


def test_two_transactions_cannot_lose_one_another_s_link(portal):
    a, b = people(portal, 2)
    number = product(portal)
    first, second = portal.connect(), portal.connect()
    first.execute("BEGIN")
    link(As(first), number, a)
    other = threading.Thread(target=link, args=(As(second), number, b))
    other.start()
    wait_until_blocked(portal, second)
    first.execute("COMMIT")
    other.join(timeout=30)
    assert not other.is_alive()
    assert document(portal, number) == assumed(a, b)


def test_a_repeated_link_and_the_removal_of_the_first_agree(portal):
    (a,) = people(portal, 1)
    number = product(portal, a)
    first, second = portal.connect(), portal.connect()
    first.execute("BEGIN")
    first.execute("DELETE FROM product_owner_products WHERE product_id = %s", [number])
    other = threading.Thread(target=link, args=(As(second), number, a))
    other.start()
    wait_until_blocked(portal, second)
    first.execute("COMMIT")
    other.join(timeout=30)
    assert (linked(portal, number), document(portal, number)) == ([a], individual(a))


def wait_until_blocked(portal, connection):
    """Until the statement of ``connection`` waits for a lock (bounded)."""
    for _ in range(2000):
        if portal.one("SELECT cardinality(pg_blocking_pids(%s)) > 0", connection.info.backend_pid):
            return
        portal.one("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody waits")


def test_a_missing_document_is_made_again_by_the_next_change_of_links(portal):
    a, b = people(portal, 2)
    number = product(portal, a)
    portal.run("UPDATE client_products SET ownership_details = NULL")
    assert linked(portal, number) == [a]
    assert [finding for _, finding, _ in differences(portal)] == ["missing"]
    link(portal, number, b)
    assert document(portal, number) == assumed(a, b)
    portal.run("UPDATE client_products SET ownership_details = %s", json.dumps(["garbage"]))
    link(portal, number, b)
    assert document(portal, number) == assumed(a, b)

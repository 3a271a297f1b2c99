"""JSON to links: writing the document brings the links to its owner set"""

from __future__ import annotations

import json
import threading

import psycopg
import pytest

from ownership_data import (
    NO_OWNER,
    As,
    assumed,
    differences,
    document,
    individual,
    link,
    linked,
    links,
    people,
    product,
    shared,
    write,
)  # fmt: skip
from sql.test_sync_ownership_from_links import wait_until_blocked


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_3_ownership")


def test_owners_come_and_go_with_the_document(portal):
    a, b, c = people(portal, 3)
    number, other = product(portal, a), product(portal, a, b)
    write(portal, number, shared({b: 25, a: 75}))
    assert linked(portal, number) == [a, b]
    write(portal, number, individual(c))
    assert linked(portal, number) == [c]
    write(portal, number, {"association_type": "joint_ownership", "joint_owners": [b, c, a]})
    assert linked(portal, number) == [c, b, a]
    write(portal, number, NO_OWNER)
    assert linked(portal, number) == []
    assert (linked(portal, other), document(portal, other)) == ([a, b], assumed(a, b))
    assert differences(portal) == []


def test_what_is_written_stays_as_it_was_written(portal):
    a, b = people(portal, 2)
    number = product(portal)
    written = shared({b: 33.5, a: 66.5}, note="solicitor's letter", since={"day": 1})
    write(portal, number, written)
    assert document(portal, number) == written
    assert linked(portal, number) == [a, b]


def test_a_product_inserted_with_its_ownership_gets_its_links(portal):
    a, b = people(portal, 2)
    number = portal.one("INSERT INTO client_products (ownership_details) VALUES (%s) RETURNING id", json.dumps(shared({a: 1, b: 99})))
    assert linked(portal, number) == [a, b]
    assert document(portal, number) == shared({a: 1, b: 99})


def test_many_rows_in_one_statement(portal):
    a, b = people(portal, 2)
    numbers = [product(portal, a) for _ in range(5)]
    portal.run("UPDATE client_products SET ownership_details = %s", json.dumps(shared({a: 1, b: 99})))
    assert [linked(portal, n) for n in numbers] == [[a, b]] * 5
    assert differences(portal) == []


def test_E052_an_unknown_owner_is_refused_by_the_key_of_the_link(portal):
    (a,) = people(portal, 1)
    number = product(portal, a)
    for unknown in (shared({a: 50, 999_999: 50}), {"association_type": "joint_ownership", "joint_owners": [a, 999_999]}):
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
            write(portal, number, unknown)
        assert caught.value.diag.constraint_name == "product_owner_products_product_owner_id_fkey"
    assert (document(portal, number), linked(portal, number)) == (individual(a), [a])


def test_what_is_no_ownership_document_leaves_the_links_alone(portal):
    a, b = people(portal, 2)
    product(portal, a, b)
    before = links(portal)
    for garbage in ("5", "[]", "{}", '{"association_type": "sole", "1": 100}', '{"association_type": null}', None):
        portal.run("UPDATE client_products SET ownership_details = %s", garbage)
        assert links(portal) == before
        assert differences(portal) != []


def test_statements_that_never_name_the_column_fire_nothing(portal):
    (a,) = people(portal, 1)
    number = product(portal, a)
    portal.run("ALTER TABLE product_owner_products RENAME TO hidden")  # any use of the links would fail now
    portal.run("INSERT INTO client_products (product_name) VALUES ('new')")
    portal.run("UPDATE client_products SET notes = 'x', status = 'inactive' WHERE id = %s", number)
    portal.run("UPDATE client_products SET ownership_details = ownership_details")
    with pytest.raises(psycopg.errors.UndefinedTable):
        write(portal, number, individual(a, note="x"))


def test_a_portal_request_for_the_same_link_wins_and_the_writer_of_the_document_may_retry(portal):
    a, b = people(portal, 2)
    number = product(portal, a, b)
    writer, request = portal.connect(), portal.connect()
    writer.execute("BEGIN")
    writer.execute("UPDATE client_products SET notes = 'x' WHERE id = %s", [number])
    waiting = threading.Thread(
        target=request.execute, args=("DELETE FROM product_owner_products WHERE product_owner_id = %s", [b])
    )
    waiting.start()
    wait_until_blocked(portal, request)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        write(As(writer), number, individual(a))
    writer.execute("ROLLBACK")
    waiting.join(timeout=30)
    assert (linked(portal, number), document(portal, number)) == ([a], individual(a))
    assert differences(portal) == []


def test_a_migration_that_holds_the_links_for_a_moment_does_not_end_the_writer_of_the_document(portal):
    """Its attempts are short; on a busy machine some took longer than the 50 ms this writer once waited."""
    a, b = people(portal, 2)
    number = product(portal, a)
    migration, writer = portal.connect(), portal.connect()
    migration.execute("BEGIN")
    migration.execute("LOCK TABLE product_owner_products IN SHARE ROW EXCLUSIVE MODE")
    waiting = threading.Thread(target=write, args=(As(writer), number, shared({a: 50, b: 50})))
    waiting.start()
    wait_until_blocked(portal, writer)
    portal.run("SELECT pg_sleep(0.1)")
    migration.execute("COMMIT")
    waiting.join(timeout=30)
    assert linked(portal, number) == [a, b]


def test_the_latest_writer_wins_whichever_side_it_writes(portal):
    a, b, c = people(portal, 3)
    number = product(portal, a)
    writer = portal.connect()
    writer.execute("BEGIN")
    write(As(writer), number, shared({a: 50, b: 50}))
    request = portal.connect()
    waiting = threading.Thread(target=link, args=(As(request), number, c))
    waiting.start()
    wait_until_blocked(portal, request)
    writer.execute("COMMIT")
    waiting.join(timeout=30)
    assert document(portal, number) == assumed(a, b, c)
    assert differences(portal) == []

"""Revision phase_3_ownership: the conversion, the way down and up again, crashes, writers at work meanwhile"""

from __future__ import annotations

import json
from collections import defaultdict

import psycopg
import pytest

from kingston_schema.catalog import fingerprint
from kingston_schema.errors import RefusedError
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
from round_trip import SCHEMA, down_and_up

BELOW, AT = "phase_2", "phase_3_ownership"
ARCHIVE = "kingston_archive.client_products__phase_3_ownership"


def expected(portal):
    """Product → document, computed here from the links; the order of the owners is that of their links."""
    owners = defaultdict(list)
    for number, owner in portal.all(
        "SELECT product_id, product_owner_id FROM product_owner_products WHERE product_id IS NOT NULL"
        " AND product_owner_id IS NOT NULL ORDER BY created_at, id"
    ):
        if owner not in owners[number]:
            owners[number].append(owner)
    documents = {}
    for number in portal.all("SELECT id FROM client_products"):
        known = owners[number]
        documents[number] = NO_OWNER if not known else individual(known[0]) if len(known) == 1 else assumed(*known)
    return documents


def documents(portal):
    return dict(portal.all("SELECT id, ownership_details FROM client_products"))


def texts(portal):
    return portal.all("SELECT id, ownership_details::text FROM client_products ORDER BY id")


def others(portal):
    """Every other column of every product, in the order in which the rows lie."""
    return portal.all("SELECT (to_jsonb(p) - 'ownership_details')::text FROM client_products AS p")


def many(portal):
    """Enough products for batches, with none to five owners, repeated and half-null links."""
    portal.run("INSERT INTO product_owners (firstname) SELECT 'P' || g FROM generate_series(1, 60) AS g")
    portal.run("INSERT INTO client_products (product_name) SELECT 'P' || g FROM generate_series(1, 2400) AS g")
    portal.run(
        "INSERT INTO product_owner_products (product_id, product_owner_id, created_at)"
        " SELECT p.id, nullif((p.id * 7 + n * 13) % 60, 0), now() - make_interval(secs => (n * 31 % 7))"
        " FROM client_products AS p, generate_series(1, 6) AS n WHERE n <= p.id % 7 AND p.product_name ~ '^P[0-9]+$'"
    )


@pytest.fixture(params=["as it lies", "in batches"])
def portal(request, portal_at):
    """A portal below, small enough to be filled in one step or large enough for batches."""
    found = portal_at(BELOW, seed=True)
    if request.param == "in batches":
        many(found)
    return found


def test_E004_every_product_is_converted_and_nothing_else_is_touched(portal):
    before, rows = links(portal), sorted(others(portal))
    should = expected(portal)
    portal.alembic("upgrade", AT)
    assert documents(portal) == should
    assert links(portal) == before
    assert sorted(others(portal)) == rows
    assert differences(portal) == []
    progress = portal.one("SELECT done, total, finished_at IS NOT NULL FROM kingston.backfill_progress WHERE step = 'fill_ownership'")
    assert progress == (len(should), len(should), True)
    assert portal.all("SELECT movement, rows_moved FROM kingston.archive_entry WHERE table_name = 'client_products'") == [
        ("filled", len(should))
    ]


def test_a_small_portal_keeps_the_order_of_its_rows(portal_at):
    portal = portal_at(BELOW, seed=True)
    portal.run("UPDATE client_products SET notes = 'moved' WHERE id % 3 = 0")
    portal.run("DELETE FROM client_products WHERE id % 11 = 5")
    rows = others(portal)
    portal.alembic("upgrade", AT)
    assert others(portal) == rows
    portal.alembic("downgrade", BELOW)
    assert others(portal) == rows
    portal.alembic("upgrade", AT)
    assert others(portal) == rows


def test_an_empty_portal(portal_at):
    portal = portal_at(BELOW)
    portal.alembic("upgrade", AT)
    assert document(portal, product(portal)) == NO_OWNER


def test_down_and_up_again_brings_every_document_back_exactly(portal, portal_at):
    portal.alembic("upgrade", AT)
    one, two, three = portal.all("SELECT product_id FROM ownership_review WHERE owners > 1 ORDER BY 1 LIMIT 3")
    a, b, *_ = linked(portal, one)
    portal.run("UPDATE client_products SET ownership_details = %s::jsonb WHERE id = %s",
               f'{{"association_type": "tenants_in_common", "{a}": 60.50, "{b}": 39.5, "deed": {{"page": 1.10}}}}', one)  # fmt: skip
    write(portal, two, {"association_type": "joint_ownership", "joint_owners": portal.one("SELECT ownership_owner_ids(%s)", json.dumps(document(portal, two)))[::-1]})
    write(portal, three, individual(a, since="ever"))
    save_owners(portal, three, [b])  # its edited document is remembered
    before, order = texts(portal), links(portal)
    down_and_up(portal, portal_at, BELOW, AT, "ownership_memory")
    assert texts(portal) == before
    assert links(portal) == order
    assert portal.one(f"SELECT count(*) FROM {ARCHIVE}") == 0
    save_owners(portal, three, [a])
    assert document(portal, three) == individual(a, since="ever")


def test_owners_changed_below_are_recomputed_and_the_edited_shares_kept_with_the_reason(portal):
    portal.alembic("upgrade", AT)
    a, b, c = people(portal, 3)
    changed, same, order, gone = (product(portal, a, b) for _ in range(4))
    edited = shared({a: 60, b: 40})
    for number in (changed, same, order, gone):
        write(portal, number, edited)
    portal.alembic("downgrade", BELOW)
    save_owners(portal, changed, [a, c])
    save_owners(portal, order, [b, a])
    portal.run("DELETE FROM client_products WHERE id = %s", gone)
    born = product(portal, c, a)
    portal.alembic("upgrade", AT)
    assert document(portal, changed) == assumed(a, c)
    assert document(portal, same) == document(portal, order) == edited
    assert document(portal, born) == assumed(c, a)
    kept = portal.all(f"SELECT id, ownership_details, reason FROM {ARCHIVE} WHERE quarantined_at IS NOT NULL ORDER BY id")
    assert kept == [
        (changed, edited, f"the owners were changed below: archived {{{a},{b}}}, now {{{a},{c}}}"),
        (gone, edited, "the product was deleted from client_products below"),
    ]
    assert portal.one(f"SELECT count(*) FROM {ARCHIVE} WHERE quarantined_at IS NULL") == 0
    moved = portal.all(
        "SELECT movement, sum(rows_moved) FROM kingston.archive_entry AS e WHERE table_name = 'client_products'"
        " AND id > (SELECT max(id) FROM kingston.archive_entry WHERE movement = 'archived') GROUP BY 1"
    )
    products = portal.one("SELECT count(*) FROM client_products")
    assert dict(moved) == {"restored": products - 2, "filled": 2, "quarantined": 2}
    progress = "SELECT done = total FROM kingston.backfill_progress WHERE step = 'fill_ownership'"
    assert portal.one(progress) is True
    save_owners(portal, changed, [b, a])
    assert document(portal, changed) == edited, "the shares return with the owners"
    assert differences(portal) == []


def test_several_rounds_lose_nothing_and_pile_up_nothing(portal_at):
    portal = portal_at(AT, seed=True)
    before = texts(portal)
    for _ in range(3):
        portal.alembic("downgrade", BELOW)
        portal.alembic("upgrade", AT)
    assert texts(portal) == before
    assert portal.one(f"SELECT count(*) FROM {ARCHIVE}") == 0


def test_a_newer_document_wins_over_the_archived_one(portal_at):
    portal = portal_at(AT, seed=True)
    a, b = people(portal, 2)
    number, other = product(portal, a, b), product(portal, a, b)
    for one in (number, other):
        write(portal, one, shared({a: 60, b: 40}))
    portal.alembic("downgrade", BELOW)
    portal.run(f"CREATE TABLE was AS TABLE {ARCHIVE}")
    portal.alembic("upgrade", AT)
    # As if the run had died before these two were settled, and one had been edited since.
    portal.run(f"INSERT INTO {ARCHIVE} SELECT * FROM was WHERE id IN (%s, %s)", number, other)
    write(portal, number, shared({a: 70, b: 30}))
    assert portal.one("SELECT s FROM kingston.settle_archived_ownership(0, 1000000) AS s") == ("1", "1", "0")
    assert (document(portal, number), document(portal, other)) == (shared({a: 70, b: 30}), shared({a: 60, b: 40}))
    assert portal.all(f"SELECT id, ownership_details, reason FROM {ARCHIVE}") == [
        (number, shared({a: 60, b: 40}), "a newer document was written before this one came back")
    ]


def test_a_repeated_upgrade_changes_nothing(portal):
    portal.alembic("upgrade", AT)
    before, state = texts(portal), fingerprint.read(portal.connection, SCHEMA)
    portal.run("UPDATE alembic_version SET version_num = %s", BELOW)
    portal.alembic("upgrade", AT)
    assert texts(portal) == before
    assert fingerprint.differences(state, fingerprint.read(portal.connection, SCHEMA)) == []


def test_a_column_the_portal_had_before_is_used_as_it_is_and_never_dropped(portal):
    portal.run("ALTER TABLE client_products ADD ownership_details jsonb")
    portal.run("CREATE VIEW theirs AS SELECT id, ownership_details FROM client_products")
    should = expected(portal)
    kept = portal.one("SELECT product_id FROM product_owner_products WHERE product_owner_id IS NOT NULL AND product_id IS NOT NULL LIMIT 1")
    mine = shared({owner: 100 if owner == linked(portal, kept)[0] else 0 for owner in linked(portal, kept) if owner})
    write(portal, kept, mine)
    portal.alembic("upgrade", AT)
    assert documents(portal) == should | {kept: mine}
    portal.alembic("downgrade", BELOW)
    assert documents(portal) == should | {kept: mine}
    assert portal.one("SELECT count(*) FROM theirs") == len(should)
    portal.alembic("upgrade", AT)
    assert differences(portal) == []


def test_a_column_of_another_type_is_refused_before_anything_changes(portal_at):
    portal = portal_at(BELOW)
    portal.run("ALTER TABLE client_products ADD ownership_details text")
    with pytest.raises(RefusedError, match=r"ownership_details of type text[\s\S]*next: ALTER TABLE client_products"):
        portal.alembic("upgrade", AT)
    assert portal.one("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'product_owner_products'::regclass AND tgname ~ '^ownership'") == 0
    number = product(portal, *people(portal, 2))
    portal.run("ALTER TABLE client_products ALTER ownership_details TYPE jsonb USING ownership_details::jsonb")
    portal.alembic("upgrade", AT)
    assert document(portal, number)["note"] == "equal_split_assumed"


def test_E119_going_down_to_the_phase_keeps_what_it_made(portal_at):
    portal = portal_at("phase_5_audit", seed=True)
    before = texts(portal)
    portal.alembic("downgrade", "phase_3")
    assert texts(portal) == before


def test_E120_below_every_statement_of_the_application_works_again(portal_at):
    portal = portal_at("phase_5_audit", seed=True)
    portal.alembic("downgrade", BELOW)
    with application_role(portal) as role:
        connection = portal.connect(user=role)
        app = As(connection)
        a, b = people(app, 2)
        number = product(app, a)
        save_owners(app, number, [b, a, a])
        app.run("UPDATE client_products SET notes = 'x', status = 'inactive', end_date = current_date")
        assert linked(app, number) == [b, a, a]
        app.run("DELETE FROM product_owners WHERE id = %s", a)
        app.run("DELETE FROM client_products WHERE id = %s", number)
        connection.close()
    assert portal.one("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'client_products'::regclass") == 0


def test_E158_E175_E216_the_link_table_stays_as_production_has_it(portal_at):
    portal = portal_at(BELOW)
    rows = "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'product_owner_products'::regclass AND attnum > 0 ORDER BY attnum"
    before = portal.all(rows)
    portal.alembic("upgrade", "phase_5_audit")
    assert portal.all(rows) == before
    assert [name for name, *_ in before] == ["id", "product_owner_id", "product_id", "created_at"]
    assert portal.one("SELECT count(*) FROM pg_constraint WHERE conrelid = 'product_owner_products'::regclass AND contype = 'c'") == 0


def test_an_index_of_that_name_that_is_not_ours_is_refused(portal_at):
    portal = portal_at(BELOW)
    portal.run("CREATE INDEX idx_product_owner_products_product ON product_owner_products (product_id)")
    with pytest.raises(RefusedError, match="was not made by this package"):
        portal.alembic("upgrade", AT)


def test_the_links_of_a_product_are_found_by_index(portal_at):
    portal = portal_at(BELOW)
    many(portal)
    portal.alembic("upgrade", AT)
    portal.run("ANALYZE product_owner_products")
    plan = "\n".join(portal.all("EXPLAIN SELECT * FROM ownership_from_links WHERE product_id = ANY ('{5,6}')"))
    assert "idx_product_owner_products_product" in plan


def test_links_made_by_the_newest_application_below_do_not_need_the_index_or_the_memory(portal_at):
    portal = portal_at(AT)
    a, b = people(portal, 2)
    number = product(portal, a)
    portal.alembic("downgrade", BELOW)
    link(portal, number, b)
    with pytest.raises(psycopg.errors.UndefinedColumn):
        document(portal, number)
    portal.alembic("upgrade", AT)
    assert document(portal, number) == assumed(a, b)


def test_E049_E158_shares_that_links_carry_are_taken_over_and_no_others(portal_at):
    portal = portal_at(BELOW)
    portal.run("ALTER TABLE product_owner_products ADD ownership_percentage numeric(5, 2)")
    a, b, c = people(portal, 3)

    def made(*shares):
        number = product(portal)
        for owner, share in shares:
            portal.run("INSERT INTO product_owner_products (product_id, product_owner_id, ownership_percentage)"
                       " VALUES (%s, %s, %s)", number, owner, share)  # fmt: skip
        return number

    stated, repeated, single = made((a, 60), (b, 40)), made((a, 60), (b, 40), (a, 60), (None, 3)), made((a, 60))
    wrong = [made((a, 60), (b, 50)), made((a, 60), (b, None)), made((a, 60), (b, 40), (a, 50)), made((a, 60), (b, 20), (c, None))]
    before = links(portal)
    portal.alembic("upgrade", AT)
    assert document(portal, stated) == document(portal, repeated) == shared({a: 60, b: 40})
    assert document(portal, single) == individual(a)
    assert [document(portal, number)["note"] for number in wrong] == ["equal_split_assumed"] * 4
    assert links(portal) == before
    write(portal, stated, shared({a: 70, b: 30}))
    portal.alembic("downgrade", BELOW)
    portal.alembic("upgrade", AT)
    assert document(portal, stated) == shared({a: 70, b: 30}), "an edit is not overwritten"
    assert differences(portal) == []

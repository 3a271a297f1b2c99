"""audit_product_owner_changes: who, what and why, and never the value (E-054, E-110, E-112, E-150, E-178, E-181)"""

from __future__ import annotations

import hashlib
import ipaddress

import psycopg
import pytest
from psycopg import sql

from client_data import refused
from owner_data import ENVELOPE, owner, say

AT = "phase_2_audit"
LOG = (
    "SELECT field_changed, change_type, old_value_hash, new_value_hash, business_justification"
    " FROM product_owners_audit_log WHERE product_owner_id = %s ORDER BY id"
)


def test_creation_change_and_deletion(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    portal.run("UPDATE product_owners SET surname = 'Smith', known_as = '', status = status WHERE id = %s", number)
    portal.run("UPDATE product_owners SET surname = surname WHERE id = %s", number)
    portal.run("DELETE FROM product_owners WHERE id = %s", number)
    assert portal.all(LOG, number) == [
        ("record_creation", "create", None, None, None),
        ("known_as", "update", "absent", "empty", None),
        ("surname", "update", "absent", "present", None),
        ("record_deletion", "delete", None, None, None),
    ]


def test_E054_deleting_an_owner_keeps_its_audit(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    portal.run("UPDATE product_owners SET surname = 'Smith' WHERE id = %s", number)
    before = portal.one("SELECT count(*) FROM product_owners_audit_log WHERE product_owner_id = %s", number)
    portal.run("DELETE FROM product_owners WHERE id = %s", number)
    assert portal.one("SELECT count(*) FROM product_owners") == 0
    assert portal.one("SELECT count(*) FROM product_owners_audit_log WHERE product_owner_id = %s", number) == before + 1
    assert not portal.all(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'product_owners_audit_log'::regclass AND contype = 'f'"
    )


def test_E150_a_sensitive_field_needs_a_reason_that_somebody_gave(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    for column in ("security_words", "notes"):
        with refused("chk_sensitive_justification") as caught:
            portal.run(f"UPDATE product_owners SET {column} = 'x' WHERE id = %s", number)
        assert "app.justification" in caught.value.diag.message_hint
        with refused("chk_sensitive_justification"):
            portal.run(f"INSERT INTO product_owners ({column}) VALUES ('x')")
    say(portal, justification="  ")
    with refused("chk_sensitive_justification"):
        portal.run("UPDATE product_owners SET notes = 'x' WHERE id = %s", number)
    say(portal, justification="annual review")
    portal.run("UPDATE product_owners SET notes = 'x', security_words = '' WHERE id = %s", number)
    assert portal.all(LOG, number)[1:] == [
        ("notes", "update", "absent", "present", "annual review"),
        ("security_words", "update", "absent", "empty", "annual review"),
    ]
    other = owner(portal, notes="x")
    assert portal.all(LOG, other) == [
        ("record_creation", "create", None, None, "annual review"),
        ("notes", "create", None, "present", "annual review"),
    ]


def test_E150_no_reason_is_made_up_for_what_needs_none(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    portal.run("UPDATE product_owners SET surname = 'Smith' WHERE id = %s", number)
    portal.run("DELETE FROM product_owners WHERE id = %s", number)
    assert {row[4] for row in portal.all(LOG, number)} == {None}


def test_E178_no_word_list_finds_a_secret(portal_at):
    portal = portal_at(AT)
    say(portal, justification="test")
    number = owner(portal)
    portal.run("UPDATE product_owners SET security_words = 'rover', notes = 'likes tea' WHERE id = %s", number)
    portal.run("UPDATE product_owners SET security_words = 'fido', notes = NULL WHERE id = %s", number)
    everything = portal.one("SELECT string_agg(t::text, ' ') FROM product_owners_audit_log AS t")
    for word in ("rover", "fido", "likes tea"):
        assert word not in everything
        for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
            assert digest(word.encode()).hexdigest() not in everything
    assert portal.all(LOG, number)[1:] == [
        ("notes", "update", "absent", "present", "test"),
        ("security_words", "update", "absent", "present", "test"),
        ("notes", "update", "present", "absent", "test"),
        ("security_words", "update", "present", "present", "test"),
    ]
    with refused("chk_audit_tells_no_value"):
        portal.run(
            "INSERT INTO product_owners_audit_log (product_owner_id, subject_id, field_changed, change_type,"
            " changed_by, new_value_hash) VALUES (1, 1, 'surname', 'update', 'x', md5('rover'))"
        )


def test_E181_E189_actor_role_address_and_agent(server, portal_at):
    portal = portal_at(AT)
    role = sql.Identifier(f"clerk_{server.major}")
    portal.run(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    try:
        portal.run(sql.SQL("GRANT INSERT ON product_owners TO {}").format(role))
        clerk = portal.connect(user=f"clerk_{server.major}")
        for name, value in (
            ("current_user_id", "the chief executive"), ("client_ip", "192.0.2.7"), ("user_agent", "curl"),
            ("correlation_id", "c-1"),
        ):  # fmt: skip
            clerk.execute("SELECT set_config(%s, %s, false)", (f"app.{name}", value))
        clerk.execute("INSERT INTO product_owners (firstname) VALUES ('Ann')")
        assert portal.one(
            "SELECT changed_by, db_role, ip_address, user_agent, correlation_id FROM product_owners_audit_log"
        ) == ("the chief executive", f"clerk_{server.major}", ipaddress.ip_address("192.0.2.7"), "curl", "c-1")
        for statement in ("SELECT 1 FROM product_owners_audit_log", "SELECT audit_product_owner_changes()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                clerk.execute(statement)
        clerk.close()
    finally:
        portal.run(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))


def test_E112_empty_and_odd_settings_are_no_error(portal_at):
    portal = portal_at(AT)
    say(portal, current_user_id="", client_ip="not an address", user_agent="", justification="")
    owner(portal)
    assert portal.one(
        "SELECT changed_by, ip_address, user_agent, business_justification FROM product_owners_audit_log"
    ) == ("postgres", None, None, None)


def test_E110_null_to_empty_and_back_are_changes(portal_at):
    portal = portal_at(AT)
    say(portal, justification="test")
    number = owner(portal)
    portal.run("UPDATE product_owners SET notes = '' WHERE id = %s", number)
    portal.run("UPDATE product_owners SET notes = NULL WHERE id = %s", number)
    assert [row[2:4] for row in portal.all(LOG, number)[1:]] == [("absent", "empty"), ("empty", "absent")]


def test_a_column_the_portal_had_before_asks_for_no_reason(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD notes text")
    portal.run("INSERT INTO product_owners (notes) VALUES ('from the portal')")
    portal.alembic("upgrade", AT)
    portal.run("UPDATE product_owners SET notes = 'edited by the portal'")
    portal.run("INSERT INTO product_owners (notes) VALUES ('new')")
    assert portal.all(
        "SELECT field_changed, business_justification, justification_required FROM product_owners_audit_log"
        " WHERE field_changed = 'notes'"
    ) == [("notes", None, False)] * 2
    with refused("chk_sensitive_justification"):
        portal.run("UPDATE product_owners SET security_words = %s", ENVELOPE)


def test_a_deletion_needs_no_reason_whatever_the_owner_held(portal_at):
    portal = portal_at(AT)
    say(portal, justification="test")
    number = owner(portal, notes="x")
    say(portal, justification="")
    portal.run("DELETE FROM product_owners WHERE id = %s", number)
    assert portal.all(LOG, number)[-1] == ("record_deletion", "delete", None, None, None)


def test_columns_that_cannot_be_compared_do_not_break_updates(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD extra json")
    portal.alembic("upgrade", AT)
    number = owner(portal, extra="{}")
    portal.run("UPDATE product_owners SET extra = '{\"a\": 1}' WHERE id = %s", number)
    assert portal.all(LOG, number)[1:] == [("extra", "update", "present", "present", None)]


def test_bulk_changes_truncate_and_replicated_sessions_leave_the_same_lines(portal_at):
    """What leaves a line in the history leaves its audit: the log has no trigger of its own on the data."""
    portal = portal_at(AT)
    say(portal, justification="test", current_user_id="ann")
    portal.run("INSERT INTO product_owners (firstname, notes) SELECT 'Ann', CASE WHEN n % 2 = 0 THEN 'x' END FROM generate_series(1, 300) AS n")
    portal.run("INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number) SELECT id, 'work', '020 7946 0018' FROM product_owners")
    counted = "SELECT subject_table, field_changed, change_type, count(*), count(DISTINCT subject_id) FROM product_owners_audit_log WHERE id > %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    assert portal.all(counted, 0) == [
        ("product_owner_phones", "record_creation", "create", 300, 300), ("product_owners", "notes", "create", 150, 150),
        ("product_owners", "record_creation", "create", 300, 300)]  # fmt: skip
    for replica in ("SET session_replication_role = replica", "SET session_replication_role = origin"):
        mark = portal.one("SELECT max(id) FROM product_owners_audit_log")
        portal.run(replica)
        portal.run("UPDATE product_owners SET surname = coalesce(surname, '') || 'x', notes = NULL")
        portal.run("UPDATE product_owner_phones SET label = coalesce(label, '') || 'x'")
        found = {row[:3]: row[3:] for row in portal.all(counted, mark)}
        assert found["product_owner_phones", "label", "update"] == (300, 300)
        assert found["product_owners", "surname", "update"] == (300, 300)
        assert found.get(("product_owners", "notes", "update")) == ((150, 150) if replica.endswith("replica") else None)
    mark = portal.one("SELECT max(id) FROM product_owners_audit_log")
    portal.run("SET session_replication_role = replica")
    portal.run("TRUNCATE product_owners CASCADE")
    assert portal.all(counted, mark) == [
        ("product_owner_phones", "record_deletion", "delete", 300, 300), ("product_owners", "record_deletion", "delete", 300, 300)]  # fmt: skip
    assert portal.one("SELECT array_agg(DISTINCT changed_by) FROM product_owners_audit_log") == ["ann"]


def test_a_rule_on_reasons_holds_for_every_row_of_a_statement(portal_at):
    portal = portal_at(AT)
    portal.run("INSERT INTO product_owners (firstname) SELECT 'Ann' FROM generate_series(1, 200)")
    with refused("chk_sensitive_justification"):
        portal.run("UPDATE product_owners SET notes = CASE WHEN id = 77 THEN 'x' END, known_as = 'y'")
    portal.run("SET session_replication_role = replica")
    with refused("chk_sensitive_justification"):
        portal.run("INSERT INTO product_owners (firstname, notes) SELECT 'Ben', CASE WHEN n = 77 THEN 'x' END FROM generate_series(1, 200) AS n")
    assert portal.one("SELECT count(*), count(known_as) FROM product_owners") == (200, 0)


def test_only_the_history_feeds_the_audit_tables_and_always(portal_at):
    assert portal_at("phase_5_audit").all(
        "SELECT t.tgname, t.tgrelid::regclass::text, t.tgenabled::text FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid"
        " WHERE p.prosrc ~ 'INSERT INTO \\w+_audit_log' ORDER BY 1"
    ) == [
        ("audit_product_owners_changes", "row_history", "A"), ("audit_products_ownership_changes", "row_history", "A")]  # fmt: skip

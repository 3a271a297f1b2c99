"""Revision phase_2_field_encryption: ciphertext goes down and comes back as it is, and no key is needed"""

from __future__ import annotations

from client_data import refused
from kingston_schema.catalog import fingerprint
from owner_data import ENVELOPE, OTHER_ENVELOPE, owner, phone, say, switch_encryption
from round_trip import SCHEMA, contents, down_and_up

BELOW, AT = "phase_2_liquidity", "phase_2_field_encryption"
TABLES = ("encryption_keys", "encryption_audit_log", "client_group_secrets")
MASK = "XXXXX XXX456"
BLIND = "bidx:1:1:" + "0f" * 16


def fill(portal):
    say(portal, justification="test")
    person = owner(portal, notes=ENVELOPE)
    number = phone(portal, person, MASK, phone_number_encrypted=ENVELOPE, phone_number_index=BLIND)
    phone(portal, person, "020 7946 0018")
    portal.run("INSERT INTO client_groups (name) VALUES ('Ann')")
    portal.run("INSERT INTO client_group_secrets (client_group_id, security_word) VALUES (1, %s)", OTHER_ENVELOPE)
    portal.run(
        "INSERT INTO encryption_keys (key_name, key_version, purpose, algorithm, key_check_value)"
        " VALUES ('fields', 3, 'encryption', 'aes-256-gcm', '0a1b2c')"
    )
    portal.run(
        "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose)"
        " VALUES ('product_owners', 1, 'notes', 'decrypt', 'adviser', 'annual review')"
    )
    return person, number


def test_tables_go_down_and_come_back(portal_at):
    portal = portal_at(AT)
    fill(portal)
    numbers = contents(portal, "product_owner_phones")
    down_and_up(portal, portal_at, BELOW, AT, *TABLES)
    assert contents(portal, "product_owner_phones") == numbers
    assert portal.one("SELECT notes FROM product_owners") == ENVELOPE
    with refused("sensitive_field_is_encrypted"):
        portal.run("UPDATE client_group_secrets SET security_word = 'rover'")


def test_E125_a_complete_rollback_and_return_keeps_every_ciphertext(portal_at):
    """And is no edit: neither the history nor the audit has a line more than before."""
    portal = portal_at(AT)
    fill(portal)
    tables = (*TABLES, "product_owner_phones", "product_owners", "row_history", "product_owners_audit_log")
    rows = {table: contents(portal, table) for table in tables}
    portal.alembic("downgrade", "legacy")
    assert "enc:1:" not in str(portal.all("SELECT t::text FROM product_owners AS t"))
    portal.alembic("upgrade", AT)
    assert {table: contents(portal, table) for table in tables} == rows


def test_a_number_rewritten_below_holds_and_its_old_ciphertext_is_kept_aside(portal_at):
    portal = portal_at(AT)
    _, number = fill(portal)
    portal.alembic("downgrade", BELOW)
    assert portal.one("SELECT phone_number FROM product_owner_phones WHERE id = %s", number) == MASK
    portal.run("UPDATE product_owner_phones SET phone_number = '07700 900999' WHERE id = %s", number)
    portal.alembic("upgrade", AT)
    assert portal.one(
        "SELECT phone_number, phone_number_encrypted, phone_number_index FROM product_owner_phones WHERE id = %s", number
    ) == ("07700 900999", None, None)
    assert portal.all(
        "SELECT id, phone_number_encrypted, phone_number_index, quarantine_reason"
        " FROM kingston_archive.quarantine__product_owner_phones"
    ) == [(number, ENVELOPE, BLIND, "the number was rewritten below")]


def test_a_number_deleted_below_leaves_its_ciphertext_in_quarantine(portal_at):
    portal = portal_at(AT)
    _, number = fill(portal)
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM product_owner_phones WHERE id = %s", number)
    portal.alembic("upgrade", AT)
    assert portal.all(
        "SELECT id, phone_number_encrypted FROM kingston_archive.product_owner_phones__phase_2_field_encryption"
        " WHERE quarantined_at IS NOT NULL"
    ) == [(number, ENVELOPE)]


def test_plaintext_from_before_is_left_and_reported(portal_at):
    portal = portal_at("phase_2_product_owners")
    portal.run("INSERT INTO product_owners (notes, security_words) VALUES ('likes tea', NULL)")
    portal.alembic("upgrade", AT)
    assert portal.one("SELECT notes FROM product_owners") == "likes tea"
    assert portal.one("SELECT plaintext FROM sensitive_field_status WHERE column_name = 'notes'") == 1
    portal.run("UPDATE product_owners SET surname = 'Smith', notes = notes")
    say(portal, justification="test")
    with refused("sensitive_field_is_encrypted"):
        portal.run("UPDATE product_owners SET notes = 'likes coffee'")


def test_with_encryption_off_the_same_holds_and_plaintext_comes_back(portal_at):
    portal = portal_at(AT)
    switch_encryption(portal, "false")
    say(portal, justification="test")
    portal.run("INSERT INTO client_groups (name) VALUES ('Ann')")
    portal.run("INSERT INTO client_group_secrets (client_group_id, private_notes) VALUES (1, 'likes tea')")
    rows = contents(portal, "client_group_secrets")
    portal.alembic("downgrade", BELOW)
    switch_encryption(portal, "true")
    portal.alembic("upgrade", AT)
    assert contents(portal, "client_group_secrets") == rows


def test_E022_E129_client_groups_itself_gets_no_column_and_no_trigger_that_could_stop_a_write(portal_at):
    portal = portal_at(AT)
    assert portal.all(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'client_groups'::regclass AND attnum > 0 ORDER BY attnum"
    ) == ["id", "advisor", "status", "created_at", "name", "type", "advisor_id"]
    assert portal.all(
        "SELECT DISTINCT tgname FROM pg_trigger WHERE tgrelid = 'client_groups'::regclass AND NOT tgisinternal ORDER BY 1"
    ) == ["history_delete", "history_insert", "history_truncate", "history_update"]


def test_a_rollback_needs_no_key_and_both_catalogues_are_exact(portal_at):
    portal = portal_at(AT)
    fill(portal)
    above = fingerprint.read(portal.connection, SCHEMA)
    portal.alembic("downgrade", BELOW)
    assert fingerprint.differences(
        fingerprint.read(portal_at(BELOW).connection, SCHEMA), fingerprint.read(portal.connection, SCHEMA)) == []
    portal.alembic("upgrade", AT)
    assert fingerprint.differences(above, fingerprint.read(portal.connection, SCHEMA)) == []

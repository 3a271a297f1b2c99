"""require_envelope: sensitive fields take ciphertext only, unless somebody switched encryption off"""

from __future__ import annotations

import pytest

from client_data import refused
from owner_data import ENVELOPE, OTHER_ENVELOPE, owner, say, switch_encryption

AT = "phase_2_field_encryption"
RULE = "sensitive_field_is_encrypted"
FIELDS = [
    ("product_owners", "security_words"), ("product_owners", "notes"), ("client_group_secrets", "security_word"),
    ("client_group_secrets", "private_notes"), ("client_group_secrets", "sensitive_data"),
]  # fmt: skip


def prepared(portal_at):
    portal = portal_at(AT)
    say(portal, justification="test")
    owner(portal)
    portal.run("INSERT INTO client_groups (name) VALUES ('Ann and Ben')")
    portal.run("INSERT INTO client_group_secrets (client_group_id) VALUES (1)")
    return portal


@pytest.mark.parametrize(("table", "column"), FIELDS, ids=[".".join(f) for f in FIELDS])
def test_E169_plaintext_is_refused_and_ciphertext_taken(portal_at, table, column):
    portal = prepared(portal_at)
    with refused(RULE) as caught:
        portal.run(f"UPDATE {table} SET {column} = 'rover'")
    assert "encryption_enabled" in str(caught.value)
    assert "rover" not in str(caught.value)
    portal.run(f"UPDATE {table} SET {column} = %s", ENVELOPE)
    portal.run(f"UPDATE {table} SET {column} = %s", OTHER_ENVELOPE)
    assert portal.one(f"SELECT {column} FROM {table}") == OTHER_ENVELOPE


def test_it_holds_for_new_rows_too(portal_at):
    portal = prepared(portal_at)
    portal.run("INSERT INTO client_groups (name) VALUES ('Cleo')")
    with refused(RULE):
        owner(portal, notes="likes tea")
    with refused(RULE):
        portal.run("INSERT INTO client_group_secrets (client_group_id, private_notes) VALUES (2, 'x')")
    owner(portal, notes=ENVELOPE, security_words="")
    portal.run("INSERT INTO client_group_secrets (client_group_id, private_notes) VALUES (2, %s)", ENVELOPE)


def test_E045_a_secret_can_be_cleared(portal_at):
    portal = prepared(portal_at)
    portal.run("UPDATE product_owners SET notes = %s", ENVELOPE)
    for value in ("", None):
        portal.run("UPDATE product_owners SET notes = %s", value)
        assert portal.one("SELECT notes FROM product_owners") == value


def test_E041_E042_E044_nothing_the_database_does_turns_a_value_into_something_else(portal_at):
    portal = prepared(portal_at)
    switch_encryption(portal, "false")
    portal.run("UPDATE product_owners SET security_words = 'pa\\ss', notes = %s", "x" * 200)
    switch_encryption(portal, "true")
    for name in ("Anne", "Anna"):
        portal.run("UPDATE product_owners SET firstname = %s, notes = notes", name)
    assert portal.one("SELECT security_words, notes FROM product_owners") == ("pa\\ss", "x" * 200)
    with refused(RULE):
        portal.run("UPDATE product_owners SET security_words = 'new'")


@pytest.mark.parametrize("setting", ["true", "TRUE", "on", "", "what?"])
def test_anything_but_a_clear_no_means_on(portal_at, setting):
    portal = prepared(portal_at)
    switch_encryption(portal, setting)
    with refused(RULE):
        portal.run("UPDATE product_owners SET notes = 'x'")


def test_without_the_setting_it_is_on(portal_at):
    portal = prepared(portal_at)
    portal.run("DELETE FROM migration_control WHERE setting = 'encryption_enabled'")
    with refused(RULE):
        portal.run("UPDATE client_group_secrets SET security_word = 'x'")


def test_half_an_envelope_is_refused_even_when_switched_off(portal_at):
    portal = prepared(portal_at)
    switch_encryption(portal, "false")
    for table, column in FIELDS:
        with refused(RULE):
            portal.run(f"UPDATE {table} SET {column} = %s", ENVELOPE[:-1])
    portal.run("ALTER TABLE client_group_secrets DISABLE TRIGGER USER")
    with refused("chk_secrets_are_whole_envelopes"):
        portal.run("UPDATE client_group_secrets SET security_word = %s", ENVELOPE[:-1])


def test_a_column_the_portal_had_before_stays_its_own(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD notes text")
    portal.run("INSERT INTO product_owners (notes) VALUES ('from the portal')")
    portal.alembic("upgrade", AT)
    portal.run("UPDATE product_owners SET notes = 'edited by the portal'")
    portal.run("INSERT INTO product_owners (notes) VALUES ('enc:odd')")
    say(portal, justification="test")
    with refused(RULE):
        portal.run("UPDATE product_owners SET security_words = 'rover'")
    assert portal.one("SELECT filled, plaintext FROM sensitive_field_status WHERE column_name = 'notes'") == (2, 2)


def test_E018_E039_E040_E180_E183_no_function_of_the_database_encrypts_or_decrypts(portal_at):
    portal = prepared(portal_at)
    assert portal.all("SELECT extname FROM pg_extension WHERE extname = 'pgcrypto'") == []
    assert portal.all("SELECT proname FROM pg_proc WHERE proname ~ '^(encrypt|decrypt)_'") == []
    assert portal.one("SELECT count(*) FROM encryption_keys") == 0


def test_E182_the_registry_holds_no_key(portal_at):
    portal = prepared(portal_at)
    key = (
        "INSERT INTO encryption_keys (key_name, key_version, purpose, algorithm, status, key_check_value, activated_at)"
        " VALUES ('fields', %s, 'encryption', 'aes-256-gcm', %s, %s, CASE WHEN %s <> 'pending' THEN now() END)"
    )
    portal.run(key, 1, "active", "0a1b2c", "active")
    with refused("encryption_keys_key_check_value_check"):
        portal.run(key, 2, "pending", "not hex", "pending")
    with refused(None, "22001"):
        portal.run(key, 2, "pending", "00" * 32, "pending")
    with refused("idx_encryption_keys_active", "23505"):
        portal.run(key, 2, "active", "0a1b2c", "active")
    with refused("unique_encryption_key_version", "23505"):
        portal.run(key, 1, "pending", "0a1b2c", "pending")
    with refused("encryption_keys_dates_check"):
        portal.run("UPDATE encryption_keys SET status = 'retired'")
    portal.run(key, 2, "pending", "0a1b2c", "pending")
    portal.run("UPDATE encryption_keys SET status = 'decrypt_only' WHERE key_version = 1")
    portal.run("UPDATE encryption_keys SET status = 'active', activated_at = now() WHERE key_version = 2")
    portal.run("UPDATE encryption_keys SET status = 'retired', retired_at = now() WHERE key_version = 1")


def test_a_decrypt_names_its_purpose(portal_at):
    portal = prepared(portal_at)
    use = (
        "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose)"
        " VALUES ('product_owners', 1, 'notes', %s, 'adviser 7', %s)"
    )
    portal.run(use, "decrypt", "annual review")
    portal.run(use, "encrypt", None)
    for purpose in (None, " "):
        with refused("chk_decrypt_names_purpose"):
            portal.run(use, "decrypt", purpose)
    assert portal.all("SELECT accessed_by, db_role, outcome FROM encryption_audit_log") == [
        ("adviser 7", "postgres", "granted")] * 2  # fmt: skip


def test_the_history_of_secrets_is_ciphertext(portal_at):
    portal = prepared(portal_at)
    portal.run("UPDATE client_group_secrets SET security_word = %s", ENVELOPE)
    switch_encryption(portal, "false")
    portal.run("UPDATE client_group_secrets SET private_notes = 'likes tea'")
    portal.run("DELETE FROM client_groups")
    lines = portal.all(
        "SELECT action, client_group_id, changes FROM row_history WHERE table_name = 'client_group_secrets' ORDER BY id")
    assert [(line[0], line[1]) for line in lines] == [("insert", 1), ("update", 1), ("update", 1), ("delete", 1)]
    assert lines[1][2]["security_word"] == [None, ENVELOPE]
    assert lines[2][2]["private_notes"] == [None, "[redacted]"]
    assert (lines[3][2]["security_word"], lines[3][2]["private_notes"]) == (ENVELOPE, "[redacted]")

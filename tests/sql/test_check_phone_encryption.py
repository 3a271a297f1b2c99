"""check_phone_encryption: a number is readable, or masked beside its ciphertext, never both (E-043, E-185)"""

from __future__ import annotations

from client_data import refused
from owner_data import ENVELOPE, OTHER_ENVELOPE, owner, phone, switch_encryption

AT = "phase_2_field_encryption"
MASK = "XXXXX XXX456"


def activate(portal):
    portal.run(
        "INSERT INTO encryption_keys (key_name, key_version, purpose, algorithm, status, key_check_value, activated_at)"
        " VALUES ('fields', 1, 'encryption', 'aes-256-gcm', 'active', '0a1b2c', now())"
    )


def test_without_an_active_key_a_number_is_readable(portal_at):
    portal = portal_at(AT)
    number = phone(portal, owner(portal))
    portal.run("UPDATE product_owner_phones SET phone_number = '020 7946 0018' WHERE id = %s", number)
    portal.run(
        "INSERT INTO encryption_keys (key_name, key_version, purpose, algorithm, key_check_value)"
        " VALUES ('fields', 1, 'encryption', 'aes-256-gcm', '0a1b2c')"
    )
    phone(portal, owner(portal))


def test_with_an_active_key_only_mask_and_ciphertext_are_taken(portal_at):
    portal = portal_at(AT)
    before = phone(portal, owner(portal))
    activate(portal)
    with refused("phone_number_is_encrypted") as caught:
        phone(portal, owner(portal))
    assert "900456" not in str(caught.value)
    number = phone(portal, owner(portal), MASK, phone_number_encrypted=ENVELOPE,
                   phone_number_index="bidx:1:1:" + "0f" * 16)  # fmt: skip
    with refused("phone_number_is_encrypted"):
        portal.run("UPDATE product_owner_phones SET phone_number = '020 7946 0018' WHERE id = %s", before)
    portal.run("UPDATE product_owner_phones SET label = 'old', is_primary = true WHERE id = %s", before)
    portal.run("UPDATE product_owner_phones SET phone_number_encrypted = %s WHERE id = %s", OTHER_ENVELOPE, number)
    switch_encryption(portal, "false")
    phone(portal, owner(portal))


def test_E185_ciphertext_never_stands_beside_a_readable_number(portal_at):
    portal = portal_at(AT)
    number = phone(portal, owner(portal))
    with refused("chk_phone_masked_when_encrypted") as caught:
        portal.run("UPDATE product_owner_phones SET phone_number_encrypted = %s WHERE id = %s", ENVELOPE, number)
    assert "900456" not in str(caught.value)
    portal.run("ALTER TABLE product_owner_phones DISABLE TRIGGER USER")
    with refused("chk_phone_masked_when_encrypted"):
        portal.run("UPDATE product_owner_phones SET phone_number_encrypted = %s WHERE id = %s", ENVELOPE, number)


def test_E043_a_mask_without_its_ciphertext_is_refused(portal_at):
    portal = portal_at(AT)
    number = phone(portal, owner(portal), MASK, phone_number_encrypted=ENVELOPE)
    with refused("phone_mask_has_ciphertext"):
        phone(portal, owner(portal), MASK)
    with refused("phone_mask_has_ciphertext"):
        portal.run("UPDATE product_owner_phones SET phone_number_encrypted = NULL WHERE id = %s", number)
    for _ in range(2):
        portal.run("UPDATE product_owner_phones SET label = 'x', phone_number = mask_phone_number(phone_number)")
    assert portal.one("SELECT phone_number, phone_number_encrypted FROM product_owner_phones") == (MASK, ENVELOPE)


def test_ciphertext_and_blind_index_have_their_form(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    with refused("chk_phone_encrypted_is_envelope"):
        phone(portal, person, MASK, phone_number_encrypted="07700 900456")
    for index in ("07700900456", "bidx:1:1:07700900456", "bidx:1:1:" + "0F" * 16):
        with refused("chk_phone_index_format"):
            phone(portal, person, MASK, phone_number_encrypted=ENVELOPE, phone_number_index=index)
    with refused("chk_phone_index_format"):
        phone(portal, person, phone_number_index="bidx:1:1:" + "0f" * 16)

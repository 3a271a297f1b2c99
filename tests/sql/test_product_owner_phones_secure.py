"""product_owner_phones_secure: numbers, masked (E-021)"""

from __future__ import annotations

from owner_data import ENVELOPE, owner, phone

AT = "phase_2_field_encryption"


def test_E021_masked_whether_encrypted_or_not(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    phone(portal, person, "07700 900456", is_primary=True)
    phone(portal, person, "XXX XXXX X018", phone_number_encrypted=ENVELOPE)
    assert portal.all(
        "SELECT product_owner_id, phone_number, is_primary, encrypted FROM product_owner_phones_secure ORDER BY id"
    ) == [(person, "XXXXX XXX456", True, False), (person, "XXX XXXX X018", False, True)]


def test_it_runs_with_its_readers_rights_and_is_a_barrier(portal_at):
    assert sorted(
        portal_at(AT).one("SELECT reloptions FROM pg_class WHERE oid = 'product_owner_phones_secure'::regclass")
    ) == ["security_barrier=true", "security_invoker=true"]

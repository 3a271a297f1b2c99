"""sensitive_field_status: what is encrypted and what is still readable (E-046)"""

from __future__ import annotations

from owner_data import ENVELOPE, owner, phone, say, switch_encryption

AT = "phase_2_field_encryption"


def test_counts_of_every_field(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD phone text")
    portal.run("INSERT INTO product_owners (phone) VALUES ('07700 900456'), ('ask')")
    portal.alembic("upgrade", "phase_2_product_owners")
    portal.run("UPDATE product_owners SET notes = 'written before encryption was there' WHERE id = 1")
    portal.alembic("upgrade", AT)
    say(portal, justification="test")
    owner(portal, notes=ENVELOPE, security_words="")
    phone(portal, 2, "XXX XXXX X018", phone_number_encrypted=ENVELOPE)
    portal.run("INSERT INTO client_groups (name) VALUES ('Ann'), ('Ben')")
    portal.run("INSERT INTO client_group_secrets (client_group_id, security_word) VALUES (1, %s)", ENVELOPE)
    switch_encryption(portal, "false")
    portal.run("INSERT INTO client_group_secrets (client_group_id, sensitive_data) VALUES (2, '{}')")
    assert portal.all("SELECT * FROM sensitive_field_status ORDER BY table_name, column_name") == [
        ("client_group_secrets", "private_notes", 0, 0, 0),
        ("client_group_secrets", "security_word", 1, 1, 0),
        ("client_group_secrets", "sensitive_data", 1, 0, 1),
        ("product_owner_phone_rejects", "source_text", 1, 0, 1),
        ("product_owner_phone_sources", "source_text", 2, 0, 2),
        ("product_owner_phones", "phone_number", 2, 1, 1),
        ("product_owners", "notes", 2, 1, 1),
        ("product_owners", "security_words", 0, 0, 0),
    ]

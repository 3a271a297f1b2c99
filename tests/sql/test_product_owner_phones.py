"""product_owner_phones: as many numbers as somebody has, one of them primary (C-017, C-018)"""

from __future__ import annotations

from client_data import refused
from owner_data import owner, phone

AT = "phase_2_owner_phones"


def test_types_labels_and_extensions(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    for kind in ("mobile", "house_phone", "work"):
        phone(portal, person, phone_type=kind)
    phone(portal, person, phone_type="other", label="Boat", extension="12")
    with refused("product_owner_phones_phone_type_check"):
        phone(portal, person, phone_type="fax")
    with refused("chk_phone_extension"):
        phone(portal, person, extension="12a")


def test_E111_a_label_of_blanks_is_none(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    for label in (None, "", "  "):
        with refused("chk_other_requires_label"):
            phone(portal, person, phone_type="other", label=label)


def test_one_primary_number_per_owner(portal_at):
    portal = portal_at(AT)
    ann, ben = owner(portal), owner(portal, "Ben")
    phone(portal, ann, is_primary=True)
    phone(portal, ann)
    phone(portal, ben, is_primary=True)
    with refused("idx_product_owner_phones_primary", "23505"):
        phone(portal, ann, is_primary=True)
    with refused(None, "23502"):
        phone(portal, ann, is_primary=None)


def test_numbers_go_with_their_owner(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    phone(portal, person)
    portal.run("DELETE FROM product_owners WHERE id = %s", person)
    assert portal.one("SELECT count(*) FROM product_owner_phones") == 0
    with refused("fk_phone_product_owner", "23503"):
        phone(portal, person)

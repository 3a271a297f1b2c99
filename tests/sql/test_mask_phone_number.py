"""mask_phone_number: every digit but the last three as X (C-070)"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from owner_data import owner, phone

AT = "phase_2_field_encryption"


def test_the_writing_stays_the_digits_go(portal_at):
    portal = portal_at(AT)
    for number, mask in (
        ("+44 7700 900 456", "+XX XXXX XXX 456"), ("(020) 7946-0018", "(XXX) XXXX-X018"), ("1234567", "XXXX567"),
        ("020 7946 0 0 1 8", "XXX XXXX X 0 1 8"), ("", ""),
    ):  # fmt: skip
        assert portal.one("SELECT mask_phone_number(%s)", number) == mask
    assert portal.one("SELECT mask_phone_number(NULL)") is None


def test_E043_masking_a_mask_changes_nothing(newest_portal_at):
    portal = newest_portal_at(AT)
    person = owner(portal)

    @settings(max_examples=100, deadline=None)
    @given(st.text(alphabet="0123456789 ().-", min_size=7, max_size=24))
    def holds(text):
        number = f"+{text}"
        if not portal.one("SELECT validate_phone_number(%s)", number):
            return
        mask = portal.one("SELECT mask_phone_number(%s)", number)
        assert portal.one("SELECT mask_phone_number(%s)", mask) == mask
        assert sum(c.isdigit() for c in mask) == 3
        assert len(mask) == len(number)
        phone(portal, person, mask, phone_number_encrypted="enc:1:1:" + "A" * 40)

    holds()

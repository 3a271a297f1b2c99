"""validate_phone_number and chk_phone_format: one rule in two places (E-034, E-111, E-172)"""

from __future__ import annotations

import contextlib

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client_data import refused
from owner_data import owner, phone

AT = "phase_2_owner_phones"
GOOD = (
    "+44 7700 900 456", "(020) 7946-0018", "07700900456", "020.7946.0018", "+1 (555) 010-9999", "1234567",
    "+123456789012345", "0044 20 7946 0018",
)  # fmt: skip
BAD = (
    "", "   ", "123456", "1234567890123456", "sssssss", "\\\\\\\\\\\\\\", ".......", "+", "++447700900456",
    "44+7700900456", "07700x900456", "020 7946 0018 ext 12", "07700\n900456", "07700 900456\n",
    "0 2 0 7 9 4 6 0 0 1 8 9 9 9", "XXXXXXX", "+44 7700 900 XXX", "０７７００９００４５６",
)  # fmt: skip


def test_E034_numbers_as_people_write_them(portal_at):
    portal = portal_at(AT)
    for text in GOOD:
        assert portal.one("SELECT validate_phone_number(%s)", text) is True, text
        assert phone(portal, owner(portal), text)


def test_what_is_no_number(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    for text in BAD:
        assert portal.one("SELECT validate_phone_number(%s)", text) is False, text
        with pytest.raises(psycopg.Error, match=r"chk_phone_format|phone_number_not_empty|too long"):
            phone(portal, person, text)
    assert portal.one("SELECT validate_phone_number(NULL)") is False


def test_the_check_lets_a_mask_stand_beside_the_numbers(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    for text in ("+XX XXXX XXX456", "(XXX) XXXX-X018", "XXXX567"):
        phone(portal, person, text)
    for text in ("XXXXXX1", "XXXX56", "XXXX5678", "123XXXX", "X1XX567"):
        with refused("chk_phone_format"):
            phone(portal, person, text)


def test_validator_and_check_agree(newest_portal_at):
    portal = newest_portal_at(AT)
    person = owner(portal)

    @settings(max_examples=150, deadline=None)
    @given(st.text(alphabet="0123456789 ().-+x\\s", min_size=0, max_size=25))
    def agree(text):
        valid = portal.one("SELECT validate_phone_number(%s)", text)
        with contextlib.nullcontext() if valid else pytest.raises(psycopg.Error):
            phone(portal, person, text)

    agree()


def test_it_is_immutable_and_parallel_safe(portal_at):
    portal = portal_at(AT)
    assert portal.one(
        "SELECT provolatile, proparallel FROM pg_proc WHERE oid = 'validate_phone_number(text)'::regprocedure"
    ) == ("i", "s")

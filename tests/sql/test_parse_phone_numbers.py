"""parse_phone_numbers: every way people write numbers, and nothing lost in silence (E-034, E-035)"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

AT = "phase_2_owner_phones"
UNKNOWN = "unclassified (migrated)"
# text → (number, extension, type, label) of each number in it
READ = {
    "07700900456": [("07700900456", None, "mobile", None)],
    " +44 7700 900 456 ": [("+447700900456", None, "mobile", None)],
    "+44 (0)7700 900456": [("+447700900456", None, "mobile", None)],
    "+44 (0)20 7946 0018": [("+442079460018", None, "other", UNKNOWN)],
    "+44 020 7946 0018": [("+442079460018", None, "other", UNKNOWN)],
    "0044 20 7946 0018": [("+442079460018", None, "other", UNKNOWN)],
    "(020) 7946-0018": [("02079460018", None, "other", UNKNOWN)],
    "020.7946.0018": [("02079460018", None, "other", UNKNOWN)],
    "07700\u00a0900\u2013456": [("07700900456", None, "mobile", None)],
    "07624 123456": [("07624123456", None, "other", UNKNOWN)],
    "07012 345678": [("07012345678", None, "other", UNKNOWN)],
    "+353 1 234 5678": [("+35312345678", None, "other", UNKNOWN)],
    "+1 (555) 010-9999": [("+15550109999", None, "other", UNKNOWN)],
    "020 7946 0018 ext 12": [("02079460018", "12", "other", UNKNOWN)],
    "020 7946 0018 x12": [("02079460018", "12", "other", UNKNOWN)],
    "02079460018, extension: 123": [("02079460018", "123", "other", UNKNOWN)],
    "07700 900456 (wife)": [("07700900456", None, "mobile", "wife")],
    "020 7946 0018 (work)": [("02079460018", None, "work", None)],
    "Home: 020 7946 0018; Mob: 07700 900456": [
        ("02079460018", None, "house_phone", None), ("07700900456", None, "mobile", None)],
    "07700 900456 / 020 7946 0018": [
        ("07700900456", None, "mobile", None), ("02079460018", None, "other", UNKNOWN)],
    "07700900456,02079460018": [
        ("07700900456", None, "mobile", None), ("02079460018", None, "other", UNKNOWN)],
    "07700 900456 or 020 7946 0018": [
        ("07700900456", None, "mobile", None), ("02079460018", None, "other", UNKNOWN)],
    "07700 900456 020 7946 0018": [
        ("07700900456", None, "mobile", None), ("02079460018", None, "other", UNKNOWN)],
    "07700 900456\r\n020 7946 0018": [
        ("07700900456", None, "mobile", None), ("02079460018", None, "other", UNKNOWN)],
    "": [],
    " \t\n": [],
}  # fmt: skip
REFUSED = {
    "n/a": "no digits",
    "ask": "no digits",
    ".......": "no digits",
    "12345": "fewer than 7 digits",
    "020 7946 0018/9": "a group of fewer than 7 digits: unclear what belongs together",
    "020/7946 0018": "a group of fewer than 7 digits: unclear what belongs together",
    "020 7946 0018 ring after 6pm": "a group of fewer than 7 digits: unclear what belongs together",
    "1234567890123456": "more than 15 digits",
    "0000000": "no number begins with these zeros",
}
PARSE = "SELECT phone_number, extension, phone_type, label FROM parse_phone_numbers(%s) ORDER BY part"


def test_numbers_are_read_and_normalised(portal_at):
    portal = portal_at(AT)
    assert {text: portal.all(PARSE, text) for text in READ} == READ


def test_what_cannot_be_read_says_why_and_keeps_the_text(portal_at):
    portal = portal_at(AT)
    rows = "SELECT phone_number, part_text, reason FROM parse_phone_numbers(%s)"
    assert {text: portal.all(rows, text) for text in REFUSED} == {
        text: [(None, text, reason)] for text, reason in REFUSED.items()
    }


def test_E035_no_house_line_becomes_a_mobile(portal_at):
    portal = portal_at(AT)
    for text in ("01632 960 001", "020 7946 0018", "+44 161 496 0000", "0800 123 4567", "+33 6 12 34 56 78"):
        assert portal.one("SELECT phone_type FROM parse_phone_numbers(%s)", text) == "other", text


def test_whatever_is_read_is_a_number_and_whatever_is_not_has_a_reason(newest_portal_at):
    portal = newest_portal_at(AT)

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet="0123456789 +()-./;,xEtmohé\n\u00a0", max_size=40))
    def holds(text):
        rows = portal.all(
            "SELECT phone_number, validate_phone_number(phone_number), reason, phone_type = 'other' AND"
            " coalesce(btrim(label), '') = '' FROM parse_phone_numbers(%s)", text,
        )  # fmt: skip
        assert bool(rows) == bool(text.strip()), text
        for number, valid, reason, unlabelled in rows:
            assert (number is None) == (reason is not None), text
            assert number is None or (valid and not unlabelled), text

    holds()


@pytest.mark.parametrize("text", ["+447700900456", "07700900456"])
def test_a_number_that_is_read_again_stays_as_it_is(portal_at, text):
    assert portal_at(AT).one("SELECT phone_number FROM parse_phone_numbers(%s)", text) == text

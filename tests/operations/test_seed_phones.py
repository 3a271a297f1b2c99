"""``--legacy-phones``: the column that some portals have, filled as people fill it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kingston_schema.operations import seed
from operations.seed_cases import CHECKSUM, CHECKSUM_OF_PHONES, SMALL, checksum
from portals import Portal

# kind: what finds it
WRITTEN_AS = {
    "plain": r"^07700 900\d{3}$", "no blanks": r"^07700900\d{3}$", "dashes": r"^0113-496-0\d{3}$",
    "dots": r"^0113\.496\.0\d{3}$", "brackets": r"^\(0113\) 496", "+44": r"^\+44 7700", "0044": r"^0044",
    "+44 (0)": r"^\+44 \(0\)", "44 without plus": r"^44 ", "London": r"^020 7946", "Leeds": r"^0113 496",
    "ext": r" ext 12$", "x12": r" x12$", "extension": r"extension", "hash": r"#12$",
    "two with a slash": r"\d / 0", "two with or": r" or ", "two with a semicolon": r";",
    "two on lines of their own": r"\n", "three": r"/.*/", "label before": r"^(Office|Tel|home|mob|Work)",
    "label after": r"\(m\)$", "letters for digits": r"O77OO", "words": r"^[a-z]+ [a-z]+$", "n/a": r"^n/a$",
    "too short": r"^\d{1,6}$", "too long": r"\d{13,}", "no digits": r"^[^0-9]+$", "empty": r"^$",
    "a blank": r"^ $", "blanks around": r"^ 07700.* $", "tab": r"\t", "en dash": "–",
    "foreign": r"^\+(1|353|61)", "other digits": "٠", "freephone": r"^0808", "link": r"^tel:",
}  # fmt: skip


@pytest.fixture(scope="module")
def phones(server) -> Iterator[Portal]:
    """A portal with the column; nobody writes to it."""
    portal = server.templates.clone("legacy")
    portal.report = seed.run(portal.url, clients=130, products=100, legacy_phones=True)
    yield portal
    server.templates.drop(portal)


@pytest.mark.parametrize("way", WRITTEN_AS)
def test_every_way_of_writing_a_number(phones, way):
    assert phones.one("SELECT count(*) FROM product_owners WHERE phone ~ %s", WRITTEN_AS[way]) > 0


def test_some_have_none(phones):
    without = phones.one("SELECT count(*) FROM product_owners WHERE phone IS NULL")
    assert 0 < without < phones.report.rows["product_owners"] / 4


def test_numbers_are_fictional(phones):
    """From the ranges that regulators keep for drama: nobody's telephone rings."""
    mobiles = phones.all("SELECT phone FROM product_owners WHERE phone ~ '^07[0-9 ]{9,}$'")
    assert len(mobiles) > 10
    assert all(number.replace(" ", "").startswith("07700900") for number in mobiles)


def test_nothing_but_the_column_is_different(portal_at):
    portal = portal_at("legacy")
    seed.run(portal.url, **SMALL, legacy_phones=True)
    assert checksum(portal, ["product_owners"]) == CHECKSUM_OF_PHONES
    portal.run("ALTER TABLE product_owners DROP COLUMN phone")
    assert checksum(portal) == CHECKSUM


def test_without_the_flag_there_is_no_column(portal_at):
    portal = portal_at("legacy")
    seed.run(portal.url, **SMALL)
    assert portal.one("SELECT count(*) FROM information_schema.columns WHERE column_name = 'phone'") == 0


def test_a_column_that_is_there_is_used(portal_at):
    portal = portal_at("legacy")
    portal.run("ALTER TABLE product_owners ADD COLUMN phone text DEFAULT 'x'")
    seed.run(portal.url, **SMALL, legacy_phones=True)
    assert checksum(portal, ["product_owners"]) == CHECKSUM_OF_PHONES

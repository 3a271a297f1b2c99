"""validate_unmanaged_product_transition(from, to)"""

from __future__ import annotations

STATUSES = ("active", "sold", "transferred", "matured", "cancelled")
ALLOWED = {
    ("active", "sold"),
    ("active", "transferred"),
    ("active", "matured"),
    ("active", "cancelled"),
    ("sold", "cancelled"),
    ("transferred", "cancelled"),
    ("matured", "cancelled"),
    ("cancelled", "active"),
}


def test_every_pair(portal_at):
    portal = portal_at("phase_2_client_information")
    found = portal.all(
        "SELECT f, t FROM unnest(%s::text[]) AS f, unnest(%s::text[]) AS t"
        " WHERE validate_unmanaged_product_transition(f, t)",
        list(STATUSES),
        list(STATUSES),
    )
    assert set(found) == ALLOWED


def test_unknown_words_and_null_are_no(portal_at):
    portal = portal_at("phase_2_client_information")
    for a, b in (("active", "lost"), ("lost", "active"), (None, "active"), ("active", None), (None, None)):
        assert portal.one("SELECT validate_unmanaged_product_transition(%s, %s)", a, b) is False

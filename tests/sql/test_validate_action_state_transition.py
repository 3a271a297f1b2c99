"""validate_action_state_transition(from, to)"""

from __future__ import annotations

STATUSES = ["outstanding", "completed", "cancelled"]
ALLOWED = {
    ("outstanding", "completed"),
    ("outstanding", "cancelled"),
    ("completed", "outstanding"),
    ("cancelled", "outstanding"),
}


def test_E172_every_pair(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    found = portal.all(
        "SELECT f, t FROM unnest(%s::text[]) AS f, unnest(%s::text[]) AS t"
        " WHERE validate_action_state_transition(f, t)",
        STATUSES,
        STATUSES,
    )
    assert set(found) == ALLOWED


def test_unknown_words_and_null_are_no(portal_at):
    portal = portal_at("phase_2_objectives_actions")
    for a, b in (("outstanding", "lost"), ("lost", "outstanding"), (None, "completed"), ("completed", None)):
        assert portal.one("SELECT validate_action_state_transition(%s, %s)", a, b) is False

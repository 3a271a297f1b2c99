"""is_field_envelope: what counts as ciphertext (E-184, E-192)"""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from owner_data import ENVELOPE, OTHER_ENVELOPE

AT = "phase_2_audit"
NOT = (
    "", "rover", "enc:", "enc:1:", "enc:1:3:", "enc:1:3", "enc:2:3:" + "A" * 40, "enc:1:0:" + "A" * 40,
    "enc:1:03:" + "A" * 40, "enc:1:100000:" + "A" * 40, "enc:1:3:" + "A" * 39, "enc:1:3:" + "A" * 36,
    "enc:1:3:" + "A" * 39 + "-", "enc:1:3:" + "A" * 36 + "A===", " " + ENVELOPE, ENVELOPE + "\n", ENVELOPE + " ",
    "ENC:1:3:" + "A" * 40, "x" + ENVELOPE,
)  # fmt: skip


def test_whole_envelopes_only(portal_at):
    portal = portal_at(AT)
    for text in (ENVELOPE, OTHER_ENVELOPE, "enc:1:99999:" + "Az09+/" * 8):
        assert portal.one("SELECT is_field_envelope(%s)", text) is True, text
    for text in NOT:
        assert portal.one("SELECT is_field_envelope(%s)", text) is False, text
    assert portal.one("SELECT is_field_envelope(NULL)") is None


def test_every_nonce_ciphertext_and_tag_makes_one(newest_portal_at):
    portal = newest_portal_at(AT)

    @settings(max_examples=100, deadline=None)
    @given(st.binary(min_size=28, max_size=300), st.integers(1, 99999))
    def holds(sealed, version):
        text = f"enc:1:{version}:{base64.b64encode(sealed).decode()}"
        assert portal.one("SELECT is_field_envelope(%s)", text)
        assert portal.one("SELECT decode(split_part(%s, ':', 4), 'base64')", text) == sealed
        assert not portal.one("SELECT is_field_envelope(%s)", text[:-1])

    holds()


def test_shorter_than_nonce_and_tag_is_none(portal_at):
    portal = portal_at(AT)
    for size in range(28):
        text = f"enc:1:1:{base64.b64encode(bytes(size)).decode()}"
        assert not portal.one("SELECT is_field_envelope(%s)", text), size

"""Ciphertext opens at its own place only, whole and unchanged; blind indexes and masks by the rules of the database"""

from __future__ import annotations

import base64
import os

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kingston_schema.crypto.blind_index import blind_index, mask, normalise
from kingston_schema.crypto.envelope import DECOY, binding, is_envelope, seal, unseal
from kingston_schema.crypto.fields import FIELDS, NOTES, PHONE, PRIVATE_NOTES, SECURITY_WORDS
from kingston_schema.crypto.keyring import Key
from kingston_schema.errors import NotDecryptable, SecretRefused

KEY, OTHER = os.urandom(32), os.urandom(32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(TEXTS, st.integers(1, 2**63 - 1), st.integers(1, 99999), st.sampled_from(FIELDS))
@example("x" * 100_000, 1, 1, NOTES)
@settings(max_examples=200, deadline=None)
def test_every_text_comes_back_and_none_shows(plain, row, version, field):
    envelope = seal(KEY, version, field, row, plain)
    assert is_envelope(envelope)
    assert envelope.startswith(f"enc:1:{version}:")
    assert unseal(KEY, field, row, envelope) == (plain, False)
    assert len(plain) < 4 or plain not in envelope
    assert seal(KEY, version, field, row, plain) != envelope  # equal texts, different ciphertexts (E-184)


@given(TEXTS, st.data())
@settings(max_examples=200, deadline=None)
def test_E184_any_change_is_a_failure_and_never_another_value(plain, data):
    envelope = seal(KEY, 3, NOTES, 7, plain)
    raw = bytearray(base64.b64decode(envelope.rpartition(":")[2]))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    cut = data.draw(st.integers(0, len(envelope) - 1))
    for changed in (
        f"enc:1:3:{base64.b64encode(raw).decode()}", envelope[:cut], envelope + "A", envelope + "=", envelope[:-4],
        envelope.replace("enc:1:3:", "enc:1:4:"), envelope.replace("enc:1:", "enc:2:"), "", envelope + "\n",
    ):  # fmt: skip
        with pytest.raises(NotDecryptable) as caught:
            unseal(KEY, NOTES, 7, changed)
        assert len(plain) < 8 or plain not in str(caught.value)


def test_E192_moved_between_rows_columns_tables_and_key_versions():
    envelope = seal(KEY, 3, NOTES, 7, "rovers")  # 34 bytes: two = at the end
    for key, field, row in (
        (KEY, NOTES, 8),
        (KEY, SECURITY_WORDS, 7),
        (KEY, PRIVATE_NOTES, 7),
        (OTHER, NOTES, 7),
    ):
        with pytest.raises(NotDecryptable, match=f"{field.label} of row {row} cannot be decrypted"):
            unseal(key, field, row, envelope)
    stray = envelope[:-3] + chr(ord(envelope[-3]) + 1) + "=="  # another text, the same bytes
    assert base64.b64decode(stray.rpartition(":")[2]) == base64.b64decode(envelope.rpartition(":")[2])
    with pytest.raises(NotDecryptable):
        unseal(KEY, NOTES, 7, stray)


def test_a_decoy_looks_like_any_other():
    envelope = seal(KEY, 3, NOTES, 7, "rover", DECOY)
    assert unseal(KEY, NOTES, 7, envelope) == ("rover", True)
    assert len(envelope) == len(seal(KEY, 3, NOTES, 7, "rover"))


def test_places_that_read_the_same_when_joined_are_bound_differently():
    assert binding(NOTES, 71, 1, b"") != binding(NOTES, 7, 11, b"")
    assert len({binding(f, 1, 1, b"x") for f in FIELDS}) == len(FIELDS)


def test_a_text_that_is_no_text_is_refused_without_being_repeated():
    with pytest.raises(SecretRefused, match="lone surrogate") as caught:
        seal(KEY, 1, NOTES, 7, "rover\ud800")
    assert "rover" not in f"{caught.value!r}{caught.value.__context__!r}"


def test_no_key_shows_in_a_repr():
    key = Key("encryption", 1, KEY)
    assert KEY.hex() not in repr(key)
    assert repr(KEY) not in repr(key)


@pytest.mark.parametrize(
    "writing",
    [
        "07700 900456",
        "+44 7700 900456",
        "0044 7700 900 456",
        "+44 (0)7700-900456",
        "(07700) 900.456",
        "０７７００ 900456",
    ],
)
def test_all_writings_of_a_number_have_one_index(writing):
    assert normalise(writing) == "07700900456"
    index = blind_index(KEY, 2, PHONE, writing)
    assert index == blind_index(KEY, 2, PHONE, "07700900456")
    assert index.startswith("bidx:1:2:")
    assert index != blind_index(KEY, 2, PHONE, "07700900457")
    assert index[9:] != blind_index(OTHER, 2, PHONE, writing)[9:]
    assert "900456" not in index


@given(st.text("+0123456789 ().-", min_size=7, max_size=25))
@settings(max_examples=100, deadline=None)
def test_the_mask_keeps_three_digits_and_the_writing(number):
    masked = mask(number)
    assert len(masked) == len(number)
    assert sum(c.isdigit() for c in masked) <= 3
    assert mask(masked) == masked

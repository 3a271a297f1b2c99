"""Values at random for columns, by type: written as PostgreSQL prints them, extremes included."""

from __future__ import annotations

import hashlib
from functools import cache

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from kingston_schema.models import metadata

from . import catalogue

Text = st.SearchStrategy[str]

# Long, and of a kind that no compression makes short.
LONG = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(140)) + "Ω☃𝔘"
TEXTS = (
    "", " ", "Ann", "O'Hara & Söhne", "50%_a\\b", "Zoë ☃ 𝔘", "שלום עולם", "e\u0301\u200d\ufeff", "tab\tand\nline\r\n",
    "NULL", "{}", "\\N", "'; DROP TABLE profiles; --", "enc:", "a,b\"c'd", "\u202eright to left", "  spaces  ", "1e400", "0",
)  # fmt: skip
MOMENTS = (
    "infinity", "-infinity", "4713-01-01 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "0001-01-01 00:00:00+00",
    "1969-12-31 23:59:59.999999+00", "2000-02-29 12:00:00+00", "2024-10-27 01:30:00.5+00", "2031-01-01 00:00:00+00",
)  # fmt: skip
DAYS = (
    "infinity",
    "-infinity",
    "4713-01-01 BC",
    "5874897-12-31",
    "0001-01-01",
    "2024-02-29",
    "1900-01-01",
    "2031-01-01",
)
JSON = (
    "null", "true", "false", "0", "-0.00", "1e300", "123456789012345678901234567890.123456789", '""', '"☃ \\n \\" \\\\ 𝔘"', "[]", "{}",
    '[null, [true, [1.50, []]], {"a": {"b": {"c": null}}}]', '{"": "", " ": " ", "ключ": ["значение"]}', '{"17": 17, "id": 1, "note": null}',
    '{"a": "' + LONG[:3000] + '"}',
)  # fmt: skip
ARRAYS = {
    "TEXT[]": ("{}", "{a}", '{"a b",NULL,"",☃}', "{{a,b},{c,d}}"),
    "BIGINT[]": ("{}", "{1}", "{1,2,9223372036854775807}"),
}
ADDRESSES = ("127.0.0.1/32", "10.1.2.0/24", "::1/128", "2001:db8::ff00:42:8329/64", "::ffff:1.2.3.4/128")
UUIDS = (
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "6fa459ea-ee8a-4ca4-894e-db77e160355e",
)
WHOLE = {"SMALLINT": 2**15, "INTEGER": 2**31, "BIGINT": 2**63}
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")


@cache
def of(table: str, column: str) -> Text:
    """What may stand in the column, references and relations between columns aside."""
    held = metadata.tables[table].columns[column]
    stored = held.type.impl_instance if isinstance(held.type, sa.TypeDecorator) else held.type
    kind = stored.compile(postgresql.dialect())
    if words := catalogue.words(table, column):
        return st.sampled_from(words)
    if kind in WHOLE:
        return _whole(WHOLE[kind], catalogue.bounds(table, column))
    if isinstance(stored, sa.Numeric):
        return _amount(stored, catalogue.not_negative(table, column))
    if isinstance(stored, sa.String):
        return _text(stored.length, column in catalogue.indexed(table), catalogue.not_blank(table, column))
    return _by_name(kind)


def _by_name(kind: str) -> Text:
    if kind in ARRAYS:
        return st.sampled_from(ARRAYS[kind])
    return {
        "BOOLEAN": st.sampled_from(("true", "false")),
        "DATE": st.sampled_from(DAYS) | st.dates().map(str),
        "TIMESTAMP WITH TIME ZONE": st.sampled_from(MOMENTS),
        "JSONB": st.sampled_from(JSON),
        "UUID": st.sampled_from(UUIDS),
        "INET": st.sampled_from(ADDRESSES),
    }[kind]


def _whole(limit: int, bounds: tuple[int, int] | None) -> Text:
    low, high = bounds or (-limit, limit - 1)
    return (st.sampled_from((low, high, max(low, 1))) | st.integers(low, high)).map(str)


def _amount(kind: sa.Numeric, not_negative: bool) -> Text:
    assert kind.precision is not None
    places = kind.scale or 0
    most = 10**kind.precision - 1
    drawn = st.sampled_from((0, 1, most, -most)) | st.integers(-most, most)
    written = drawn.map(lambda n: _decimal(abs(n) if not_negative else n, places))
    return written if not_negative else written | st.just("NaN")


def _decimal(units: int, places: int) -> str:
    digits = str(abs(units)).rjust(places + 1, "0")
    return ("-" if units < 0 else "") + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _text(length: int | None, indexed: bool, not_blank: bool) -> Text:
    found = st.sampled_from(TEXTS) | st.text(LETTERS, max_size=12)
    if length is not None:
        # In an index, characters of one byte: 255 of four are within its limits, but a key has several columns.
        found = found.map(lambda text: text[:length]) | st.sampled_from(
            ("x" * length, "𝔘" * length, ("ß a" * length)[:length])
        )
    elif not indexed:
        found = found | st.just(LONG)
    return found.map(lambda text: text if text.strip(" ") else "x") if not_blank else found

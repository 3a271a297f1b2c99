"""Rows at random: what values of one row have to do with one another, where rules bind them together."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from . import values

Draw = Callable[[st.SearchStrategy[Any]], Any]
Row = dict[str, str | None]

ENVELOPES = ("enc:1:1:" + "A" * 40, "enc:1:99999:" + "B" * 38 + "==", "enc:1:7:" + "Zz09+/aa" * 40)
NUMBERS = (
    "07700 900456",
    "+44 20 7946 0123",
    "(01632) 960 001",
    "1234567",
    "+123456789012345",
    "999.999.9999",
)
MASKS = ("XXXXX XXX456", "+XX XX XXXX X123", "XXXX567")
INDEXES = ("bidx:1:1:" + "0f" * 16, "bidx:1:99999:" + "ab" * 16)
PAST = ("-infinity", "4713-01-01 BC", "1900-01-01", "2024-02-29")
FUTURE = ("infinity", "2200-01-01 00:00:00+00", "294276-12-31 23:59:59.999999+00")
_ANY = st.sampled_from(values.JSON)


def document(draw: Draw, owners: Sequence[int]) -> str:
    """An ownership document of some of these owners that every rule of head accepts."""
    some = draw(st.lists(st.sampled_from(owners), max_size=4, unique=True)) if owners else []
    more = draw(st.dictionaries(st.sampled_from(("note", "why", "", "ключ", "x17")), _ANY, max_size=2))
    if len(some) < 2:
        share = draw(st.sampled_from(("100", "100.00", "99.99", "100.01", "100.0")))
        return pairs("individual", {str(owner): share for owner in some}, more)
    if draw(st.booleans()):
        return pairs("joint_ownership", {"joint_owners": json.dumps(some)}, more)
    cuts = sorted(draw(st.lists(st.integers(0, 10000), min_size=len(some) - 1, max_size=len(some) - 1)))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 10000], strict=True)]
    written = {
        str(owner): f"{share // 100}.{share % 100:02}" for owner, share in zip(some, shares, strict=True)
    }
    if draw(st.booleans()):
        more = {"note": '"equal_split_assumed"'}
    return pairs("tenants_in_common", written, more)


def loose_document(draw: Draw, owners: Sequence[int]) -> str:
    """One that only the revisions before phase 5 accept."""
    some = (
        [str(owner) for owner in draw(st.lists(st.sampled_from(owners), max_size=3, unique=True))]
        if owners
        else []
    )
    fine = dict(zip(some, ("33.333", "33.333", "33.334"), strict=False))
    little = dict.fromkeys(some, "10")
    return draw(
        st.sampled_from(
            [*values.JSON, pairs("tenants_in_common", fine, {}), pairs("tenants_in_common", little, {}), pairs("trust", little, {}),
             pairs("individual", dict.fromkeys(some, '"100"'), {}), pairs("joint_ownership", {"joint_owners": json.dumps(some)}, {})]
        )
    )  # fmt: skip


def pairs(kind: str, *parts: dict[str, str]) -> str:
    """A JSON object of values that are JSON texts."""
    merged = {"association_type": json.dumps(kind)}
    for part in parts:
        merged |= part
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in merged.items()) + "}"


def item(draw: Draw, owners: Sequence[int], given: Row, loose: bool) -> None:
    """Type and content of an information item; ``loose``: without the keys that phase 5 demands."""
    kind = draw(values.of("client_information_items", "item_type"))
    some = draw(st.lists(st.sampled_from(owners), min_size=1, max_size=3, unique=True)) if owners else [1]
    content = draw(
        st.dictionaries(st.sampled_from(("x", "", "заметка", "current_address")), _ANY, max_size=3)
    )
    if kind in ("assets_liabilities", "protection"):
        content["associated_product_owners"] = document(draw, owners)
    else:
        content["product_owners"] = json.dumps(some)
    needed: dict[str, tuple[str, Sequence[str]]] = {
        "basic_detail": ("date_of_birth", ('"1970-02-28"',)),
        "income_expenditure": ("amount", ("-9999999999999.99", "0", "1e2")),
        "assets_liabilities": ("latest_valuation", ("0.01", "9999999999999.99", "-5")),
        "protection": ("premium", ("0", "12.50")),
    }
    if kind in needed and not loose:
        name, choices = needed[kind]
        content[name] = draw(st.sampled_from(choices))
    elif kind in needed:
        content[needed[kind][0]] = draw(st.sampled_from(('"much"', "null", "[1]")))
    given |= {
        "item_type": kind,
        "data_content": "{" + ", ".join(f"{json.dumps(k)}: {v}" for k, v in content.items()) + "}",
    }


def phone(draw: Draw, given: Row, columns: Sequence[str]) -> None:
    """A number, readable, or masked beside its ciphertext where there is a column for that."""
    if "phone_number_encrypted" in columns and draw(st.booleans()):
        given |= {
            "phone_number": draw(st.sampled_from(MASKS)),
            "phone_number_encrypted": draw(st.sampled_from(ENVELOPES)),
            "phone_number_index": draw(st.sampled_from((None, *INDEXES))),
        }
    else:
        given["phone_number"] = draw(st.sampled_from(NUMBERS))
        if "phone_number_encrypted" in columns:
            given |= {"phone_number_encrypted": None, "phone_number_index": None}
    given["extension"] = draw(st.sampled_from((None, "1", "0123456789")))
    given["label"] = draw(st.sampled_from(("boat", "☃", "x" * 50)))


def secret(draw: Draw) -> str | None:
    """A sensitive value: ciphertext, or plaintext where that is allowed."""
    return draw(st.sampled_from((*ENVELOPES, "", "geheim ☃", None)))


def key(draw: Draw, given: Row) -> None:
    """A version of a key whose state and dates agree."""
    purpose = draw(st.sampled_from(("encryption", "blind_index")))
    status = draw(st.sampled_from(("pending", "active", "decrypt_only", "retired")))
    given |= {
        "key_name": draw(st.sampled_from(("notes", "phones", "ключ"))),
        "purpose": purpose,
        "algorithm": "aes-256-gcm" if purpose == "encryption" else "hmac-sha-256",
        "status": status,
        "key_check_value": draw(st.sampled_from(("abcdef", "0" * 32))),
        "activated_at": None if status == "pending" else "2026-01-01 00:00:00+00",
        "retired_at": "infinity" if status == "retired" else None,
    }


def snapshot(draw: Draw) -> str:
    """What a net-worth statement may hold."""
    parts = ("snapshot_timestamp", "managed_products", "unmanaged_products", "information_items")
    return "{" + ", ".join(f'"{part}": {draw(_ANY)}' for part in parts) + "}"

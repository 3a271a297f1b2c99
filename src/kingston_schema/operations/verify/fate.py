"""What must become of the rows that something below happened to, decided before the upgrade runs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg

from . import rows
from .party import Party
from .shape import Shape

LINKS = "product_owner_products"
RELINKED = ("owners_changed", "owners_saved_again")  # all their links are deleted below, and new ones come
OWNED = ("client_products", "ownership_details")
SECRET = ("product_owner_phones", ("phone_number_encrypted", "phone_number_index"))


@dataclass
class Fate:
    """``gone``: table → keys that cannot be live; ``emptied``: (table, key) → columns that lose their parent;
    ``reasons``: (table, key) → what the quarantine may say of it."""

    gone: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    emptied: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    reasons: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))


def follow(before: psycopg.Connection[Any], upper: Shape, party: Party) -> Fate:
    """Everything that hangs on what is deleted below, by the references of the upper shape."""
    fate = Fate()
    waiting = [(table, {key}) for table, key in party.doomed()]
    for parent, keys in waiting:
        fate.gone[parent] |= keys
    relinked = party.numbers("product_id", roles=RELINKED)
    fate.gone[LINKS] |= set(rows.where(before, upper[LINKS], "product_id", relinked))
    while waiting:
        parent, keys = waiting.pop()
        for child, table in upper.items():
            for reference in table.references:
                if reference.parent != parent:
                    continue
                found = rows.where(before, table, reference.column, keys)
                for key, row in found.items():
                    reason = f"{reference.column} {row[reference.column]} is gone from {parent}"
                    fate.reasons[child, key].add(reason)
                    if not reference.takes_along:
                        fate.emptied[child, key].add(reference.column)
                fresh = set(found) - fate.gone[child] if reference.takes_along else set()
                if fresh:
                    fate.gone[child] |= fresh
                    waiting.append((child, fresh))
    for child, key in [each for each in fate.emptied if each[1] in fate.gone[each[0]]]:
        del fate.emptied[child, key]
    return fate


def ownership(document: str | None, linked: Sequence[str]) -> Any:
    """The document of a product with these links after the upgrade: the archived one where its owners are still the
    same (its text), else what the links say (design section 9)."""
    if document is not None and _owners(parsed(document)) == set(linked):
        return document
    if not linked:
        return {"association_type": "individual", "note": "no_previous_ownership"}
    if len(linked) == 1:
        return {"association_type": "individual", linked[0]: Decimal(100)}
    share, odd = divmod(10000, len(linked))
    shares = {owner: Decimal(share + (place < odd)) / 100 for place, owner in enumerate(linked)}
    return {"association_type": "tenants_in_common", "note": "equal_split_assumed", **shares}


def parsed(document: str | None) -> Any:
    """A JSON text with its numbers as they are; None for SQL NULL."""
    return None if document is None else json.loads(document, parse_float=Decimal, parse_int=Decimal)


def _owners(document: Any) -> set[str]:
    if document.get("association_type") == "joint_ownership":
        return {str(owner) for owner in document["joint_owners"]}
    return {name for name in document if name.isdecimal()}


def links(connection: psycopg.Connection[Any], products: Sequence[str]) -> Mapping[str, list[str]]:
    """Product → its owners by the links, the earliest first."""
    found: dict[str, list[str]] = {product: [] for product in products}
    for product, owner in connection.execute(
        "SELECT l.product_id::text, l.product_owner_id::text FROM product_owner_products AS l"
        " WHERE l.product_id = ANY (%s::text[]::bigint[]) AND l.product_owner_id IS NOT NULL"
        " GROUP BY l.product_id, l.product_owner_id ORDER BY min(l.created_at), min(l.id)",
        (list(products),),
    ):
        found[product].append(owner)
    return found

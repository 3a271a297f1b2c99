"""What must be there, decided without the code that is judged: rows, what rests below them, what is in quarantine.

``live`` holds the rows of the tables of this revision, ``resting`` those of tables above it, ``waiting`` the values of
columns above it, ``kept`` what the upgrades could not give back.  A value that only the database knows (a time, a
number from a sequence) is ANYTHING until it was seen.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any, cast

from . import catalogue, documents
from .reading import Key
from .rows import Row

LINKS, PRODUCTS, MEMORY = "product_owner_products", "client_products", "ownership_memory"
SEEDED = ("asset_liquidity_config", "product_type_liquidity", "migration_control", "monitoring_schedule")
# Written by triggers and refreshes from other tables, and judged at the end of a walk.
COMPUTED = frozenset(
    {"client_complete_summary", "client_ownership_summary", "client_dense_summary", "summary_dirty"}
)
# What a trigger may write beside the columns that were given.
TOUCHED = frozenset({"updated_at", "updated_by", "version", "completed_at"})
# The database appends to these by itself; whatever stands in them stays.  A move writes what is told of moves, and
# no history: moving a value is no edit.
TOLD = frozenset(
    {"migration_log", "migration_benchmarks", "performance_baselines", "summary_refresh_log", MEMORY}
)
GROWING = TOLD | {"row_history", "product_owners_audit_log", "ownership_audit_log"}


class Anything:
    """A value that only the database knows."""

    def matches(self, text: str | None) -> bool:
        """Whether the database may hold this."""
        return True

    def __repr__(self) -> str:
        return "<anything>"


class Json(Anything):
    """A JSON value, however it is written."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def matches(self, text: str | None) -> bool:
        """Whether the text says the same."""
        return text is not None and documents.canonical(documents.parse(text)) == documents.canonical(
            self.value
        )

    def __repr__(self) -> str:
        return f"<{self.value}>"


ANYTHING = Anything()


@dataclass
class Kept:
    """Something in quarantine: the values that must stand there and a pattern of the reason."""

    table: str
    row: Row
    reason: str


@dataclass
class Model:
    """The state of one portal."""

    revision: str
    live: dict[str, dict[Key, Row]]
    resting: dict[str, dict[Key, Row]] = field(default_factory=dict)
    waiting: dict[tuple[str, str], dict[Key, Row]] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    # Rows that the machine must find, their key unknown: (table, values).
    coming: list[tuple[str, Row]] = field(default_factory=list)
    # Edited documents of a product by the owners they name; the last one of each set.
    memory: dict[str, dict[frozenset[int], Any]] = field(default_factory=dict)
    # Information items whose content only the revisions before phase 5 accept.
    loose: set[Key] = field(default_factory=set)
    highest: dict[str, int] = field(default_factory=dict)
    # What people deleted: rows, and references that went with what they referred to.
    deleted: set[tuple[Any, ...]] = field(default_factory=set)
    # Tables that a revision may fill with rows of its own.
    seeded: set[str] = field(default_factory=set)
    # Tables to compare again.
    touched: set[str] = field(default_factory=set)

    def copy(self) -> Model:
        """A state of its own."""
        return cast(Model, pickle.loads(pickle.dumps(self)))

    @property
    def columns(self) -> Any:
        """Table → columns at this revision."""
        return catalogue.columns(self.revision)

    @property
    def owned(self) -> bool:
        """Whether products have ownership documents at this revision."""
        return "ownership_details" in self.columns[PRODUCTS]

    def keys(self, table: str) -> list[Key]:
        """The keys of the live rows, in an order that does not depend on chance."""
        return sorted(self.live.get(table, {}), key=str)

    def put(self, table: str, row: Row) -> None:
        """A row is there now."""
        key = tuple(row[name] for name in catalogue.key(table))
        self.live[table][key] = row
        self.deleted.discard((table, key))
        self.deleted -= {(table, key, name) for name in row}
        self.touched.add(table)

    def remove(self, table: str, key: Key) -> None:
        """A row goes, and with it what hangs on it at this revision."""
        if self.live[table].pop(key, None) is None:
            return
        self.touched.add(table)
        self.deleted.add((table, key))
        if table == PRODUCTS:
            self.memory.pop(str(key[0]), None)
        for child, reference in catalogue.children(table):
            if child not in self.live or reference.column not in self.columns[child]:
                continue
            hanging = [k for k, row in self.live[child].items() if row[reference.column] == key[0]]
            for each in hanging:
                if reference.action == "CASCADE":
                    self.remove(child, each)
                elif reference.action == "SET NULL":
                    row = self.live[child][each]
                    row[reference.column] = None
                    self.deleted.add((child, each, reference.column))
                    row |= dict.fromkeys(TOUCHED & row.keys(), ANYTHING)  # type: ignore[arg-type]
                    self.touched.add(child)
                else:
                    raise AssertionError(
                        f"{child} {each} still refers to {table} {key}, which could be deleted"
                    )

    def document(self, product: str) -> Any:
        """The ownership document of a product as it must be."""
        stated = self.live[PRODUCTS][(product,)]["ownership_details"]
        return stated.value if isinstance(stated, Json) else documents.parse(stated)

    def linked(self, product: str) -> list[int]:
        """Its owners by the links, in the order they were linked."""
        first: dict[str, tuple[Any, ...]] = {}
        for (number,), row in self.live[LINKS].items():
            owner = row["product_owner_id"]
            if row["product_id"] == product and owner is not None:
                at = (_moment(row["created_at"]), int(number or 0))
                before = first.get(owner, at)
                first[owner] = min(before[0], at[0]), min(before[1], at[1])
        return [int(owner) for owner in sorted(first, key=lambda owner: first[owner])]

    def remembered(self, product: str, owners: frozenset[int]) -> Any:
        """The edited document that comes back when the product has exactly these owners again."""
        found = self.memory.get(product, {}).get(owners)
        return found if found is not None and documents.valid(found) else None


def _moment(text: Any) -> tuple[int, str]:
    """A time as something to sort by; one not seen yet is the present."""
    if isinstance(text, Anything):
        return 2, "9"
    if text.endswith("infinity"):
        return (0, "") if text.startswith("-") else (3, "")
    if text.endswith("BC"):
        return 1, ""
    year, _, rest = text.partition("-")
    return 2, year.rjust(6, "0") + rest

"""Which rows will be there once the plan so far is carried out: those that are, come, and do not go."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ..audit.tracked import Tracked
from .keys import ForeignKey
from .replay import Row
from .scope import OWNERS, PRODUCTS

# No foreign key of the server: the documents of products name people.
NAMED = ForeignKey(PRODUCTS, "ownership_details", False, OWNERS, "id")


@dataclass
class Present:
    """Filled while a plan is made, parents before children."""

    connection: psycopg.Connection[Any]
    recorded: dict[str, Tracked]
    fks: list[ForeignKey]
    coming: set[tuple[str, str, Any]] = field(default_factory=set)
    going: dict[str, set[str]] = field(default_factory=dict)

    def comes(self, table: str, document: dict[str, Any]) -> None:
        """The row is put back."""
        for target in {key.target for key in self.fks if key.parent == table}:
            self.coming.add((table, target, document.get(target)))

    def goes(self, table: str, key: str) -> None:
        """The row is taken out."""
        self.going.setdefault(table, set()).add(key)

    def has(self, key: ForeignKey, value: Any) -> bool:
        """Whether the row that ``key`` would refer to is there."""
        if (key.parent, key.target, value) in self.coming:
            return True
        if key.target == "id" and f'{{"id": {value}}}' in self.going.get(key.parent, ()):
            return False
        return key.exists(self.connection, value)

    def goes_too(self, table: str, child: dict[str, Any]) -> bool:
        """Whether that row is taken out as well."""
        for tracked in self.recorded.values():
            if tracked.table == table:
                key = {column: child[column] for column in tracked.key}
                return any(json.loads(gone) == key for gone in self.going.get(table, ()))
        return False

    def gone_owners(self, name: str, row: Row) -> list[int]:
        """The people whom the product's document of then names and who are no more; links could not name them."""
        if name != PRODUCTS or not (row.then or {}).get("ownership_details"):
            return []
        statement = "SELECT unnest(ownership_owner_ids(%s::jsonb -> 'ownership_details'))"
        named = self.connection.execute(statement, (row.text,)).fetchall()
        return [number for (number,) in named if not self.has(NAMED, number)]

"""The account of a walk: where every value that somebody wrote is now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import catalogue, documents
from .model import MEMORY, PRODUCTS, TOUCHED, Json, Model
from .reading import Archive, Key
from .rows import Row


class Account:
    """The last value written to each column of each row, and to each set of owners of a product."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, Key], Row] = {}
        self.documents: dict[tuple[Key, frozenset[int]], Any] = {}

    def wrote(self, table: str, key: Key, given: Row) -> None:
        """Somebody wrote these columns."""
        values = {name: value for name, value in given.items() if name not in TOUCHED}
        if table == PRODUCTS and (text := values.pop("ownership_details", None)) is not None:
            document = documents.parse(text)
            if documents.assumed(document):  # says what the links say
                self.documents.pop((key, documents.owners(document)), None)
            else:
                self.documents[key, documents.owners(document)] = documents.canonical(document)
        self.values.setdefault((table, key), {}).update(values)

    def replaced(self, key: Key, stated: Any) -> None:
        """Somebody writes another document over this one, which is their wish; links that change are nobody's."""
        document = stated.value if isinstance(stated, Json) else documents.parse(stated)
        kept = (key, documents.owners(document))
        if self.documents.get(kept) == documents.canonical(document):
            del self.documents[kept]

    def forget(self, table: str, key: Key) -> None:
        """A new row takes the key of one that was deleted."""
        self.values.pop((table, key), None)

    def settle(self, model: Model, archive: Archive) -> int:
        """Each value is in the portal, in the archive, in quarantine with a reason, or somebody deleted it.

        Gives how many were looked for.
        """
        count = 0
        for (table, key), values in self.values.items():
            if (table, key) in model.deleted:
                continue
            places = list(_places(model, archive, table, key))
            for name, value in values.items():
                if (table, key, name) not in model.deleted:
                    assert any(place.get(name, "") == value for place in places), (
                        f"lost: {table} {key} {name} {value!r}"
                    )
                    count += 1
        for (key, owners), document in self.documents.items():
            if (PRODUCTS, key) not in model.deleted:
                places = [*_places(model, archive, PRODUCTS, key), *_memories(model, archive, key)]
                found = [
                    documents.canonical(documents.parse(place.get("ownership_details"))) for place in places
                ]
                assert document in found, (
                    f"lost: the document of product {key} for {sorted(owners)}: {document}"
                )
                count += 1
        return count


def _places(model: Model, archive: Archive, table: str, key: Key) -> Iterator[Row]:
    names = [part for part in (model.live.get(table), archive.tables.get(table)) if part is not None]
    names += [rows for (name, _), rows in archive.columns.items() if name == table]
    for rows in names:
        if key in rows:
            yield rows[key]
    for row, reason in archive.kept.get(table, []):
        if reason and tuple(row.get(part) for part in catalogue.key(table)) == key:
            yield row


def _memories(model: Model, archive: Archive, key: Key) -> Iterator[Row]:
    for rows in (model.live.get(MEMORY, {}), archive.tables.get(MEMORY, {})):
        yield from (row for row in rows.values() if row["product_id"] == key[0])

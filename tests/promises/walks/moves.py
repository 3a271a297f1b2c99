"""What a move must do to the model: what goes to rest, what comes back, what cannot and why."""

from __future__ import annotations

import re

from . import catalogue, documents
from .catalogue import BELOW
from .model import ANYTHING, COMPUTED, MEMORY, PRODUCTS, SEEDED, Json, Kept, Model
from .reading import Key
from .rows import Row

OWNERS, PHONES, CONTROL = "product_owners", "product_owner_phones", "migration_control"


class Refused(Exception):
    """The upgrade must stop below this revision, because of what people wrote."""


def down(model: Model, revision: str) -> None:
    """One revision down from ``revision``."""
    for table, names in catalogue.new_columns(revision).items():
        waiting = model.waiting.setdefault((table, revision), {})
        for key, row in model.live[table].items():
            values = {name: row.pop(name) for name in names}
            if any(value is not None for value in values.values()):
                waiting[key] = {**{name: row[name] for name in catalogue.key(table)}, **values}
    for table in catalogue.new_tables(revision):
        model.resting[table] = model.live.pop(table)
    model.revision = BELOW[revision]
    _everything(model)


def up(model: Model, revision: str) -> None:
    """One revision up, to ``revision``; raises Refused where that must stop and change nothing."""
    _refuse(model, revision)
    model.revision = revision
    for table in catalogue.new_tables(revision):
        model.live[table] = model.resting.pop(table, {})
        # The defaults of the two liquidity tables come into an empty table only: what was removed stays removed.
        if table in SEEDED and not (table in SEEDED[:2] and model.live[table]):
            model.seeded.add(table)
    _orphans(model, catalogue.new_tables(revision))
    for table, names in catalogue.new_columns(revision).items():
        _values_return(model, table, revision, names)
    _everything(model)


def _everything(model: Model) -> None:
    """All tables are looked at again; the phase a portal is in is the gates' own to write."""
    model.touched = set(model.columns)
    if row := model.live.get(CONTROL, {}).get(("current_phase",)):
        row |= {"value": ANYTHING, "updated_at": ANYTHING}  # type: ignore[dict-item]


def _refuse(model: Model, revision: str) -> None:
    if revision in ("phase_3", "phase_5_constraints"):
        for (product,) in model.live[PRODUCTS]:
            if not documents.valid(model.document(str(product))):
                raise Refused(f"product {product}")
    if revision == "phase_5_constraints":
        for key, row in model.live["client_unmanaged_products"].items():
            stated = documents.parse(row["ownership_details"])
            if stated != {} and not documents.valid(stated):
                raise Refused(f"unmanaged product {key}")
        if model.loose & model.live["client_information_items"].keys():
            raise Refused("information items")


def _orphans(model: Model, tables: tuple[str, ...]) -> None:
    """Rows whose parent is gone go to quarantine; where the reference may be empty, only its value does."""
    for table in (name for name in tables if name not in COMPUTED):
        for reference in catalogue.references(table):
            parents = model.live[reference.parent]
            for key, row in list(model.live[table].items()):
                value = row[reference.column]
                if value is None or (value,) in parents:
                    continue
                reason = f"{reference.column} {value} is gone from {reference.parent}"
                model.kept.append(Kept(table, dict(row), re.escape(reason)))
                if reference.action == "SET NULL":
                    row[reference.column] = None
                else:
                    del model.live[table][key]
                    if table == MEMORY:
                        model.memory.pop(str(row["product_id"]), None)


def _values_return(model: Model, table: str, revision: str, names: tuple[str, ...]) -> None:
    waiting = model.waiting.pop((table, revision), {})
    rows = model.live[table]
    for row in rows.values():
        row |= dict.fromkeys(names)
    if table == PRODUCTS:
        _documents_return(model, waiting)
        return
    for key, values in waiting.items():
        if key in rows:
            rows[key] |= {name: values[name] for name in names}
        else:
            model.kept.append(Kept(table, values, f"the row was deleted from {table} below"))
    for row in rows.values():
        if table == OWNERS and row["inception_date"] is None and row["updated_at"] is None:
            row["inception_date"] = row["created_at"]
        if (
            table == PHONES
            and row["phone_number_encrypted"] is not None
            and "X" not in str(row["phone_number"])
        ):
            # Somebody wrote a newer number below: the ciphertext of the older one is kept beside it.
            model.kept.append(Kept(table, dict(row), "the number was rewritten below"))
            row |= {"phone_number_encrypted": None, "phone_number_index": None}


def _documents_return(model: Model, waiting: dict[Key, Row]) -> None:
    """The same owners: the document comes back exactly.  Others: it is kept, and edited shares are remembered."""
    for (product,), row in model.live[PRODUCTS].items():
        number = str(product)
        linked = model.linked(number)
        archived = waiting.pop((product,), {}).get("ownership_details")
        stated = documents.parse(archived)
        if archived is not None and documents.owners(stated) == frozenset(linked):
            row["ownership_details"] = archived
            continue
        found = model.remembered(number, frozenset(linked))
        row["ownership_details"] = Json(documents.from_links(linked) if found is None else found)  # type: ignore[assignment]
        if archived is not None:
            model.kept.append(
                Kept(
                    PRODUCTS,
                    {"id": product, "ownership_details": archived},
                    "the owners were changed below: .*",
                )
            )
            held = model.memory.setdefault(number, {})
            if not documents.assumed(stated):
                held.setdefault(documents.owners(stated), stated)
    for values in waiting.values():
        model.kept.append(Kept(PRODUCTS, values, "the product was deleted from client_products below"))

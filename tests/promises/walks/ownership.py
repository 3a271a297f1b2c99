"""Links and documents of products: each follows the other where both exist (section 9 of the design)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import documents
from .model import ANYTHING, LINKS, PRODUCTS, Json, Model
from .rows import Row


def follow_links(model: Model, products: Iterable[str | None]) -> None:
    """Links of these products changed: a document that names other owners gives way, an edited one is remembered."""
    if not model.owned:
        return
    for product in {p for p in products if p is not None and (p,) in model.live[PRODUCTS]}:
        is_there = model.live[PRODUCTS][(product,)]["ownership_details"] is not None
        stated = model.document(product)
        linked = model.linked(product)
        if is_there and documents.owners(stated) == frozenset(linked):
            continue
        # What is remembered of these owners is looked up before the memory of the old ones is written.
        found = model.remembered(product, frozenset(linked))
        if is_there:
            remember(model, product, stated)
        write(model, product, documents.from_links(linked) if found is None else found)


def remember(model: Model, product: str, document: Any) -> None:
    """Keep an edited document for when its owners come back; one that says nothing of its own is not kept."""
    held = model.memory.setdefault(product, {})
    held.pop(documents.owners(document), None)
    if document is not None and not documents.assumed(document):  # a JSON null says nothing
        held[documents.owners(document)] = document


def write(model: Model, product: str, document: Any) -> None:
    """The document of a product becomes this one."""
    model.live[PRODUCTS][(product,)]["ownership_details"] = Json(document)  # type: ignore[assignment]
    model.touched.add(PRODUCTS)


def follow_document(model: Model, product: str, document: Any) -> None:
    """Somebody wrote the document: links of other owners go, missing ones come; what is no document says nothing."""
    if not isinstance(document, dict) or document.get("association_type") not in documents.KINDS:
        return
    named = {str(owner) for owner in documents.owners(document)}
    linked: dict[str, list[Any]] = {}
    for key, row in model.live[LINKS].items():
        if row["product_id"] == product and row["product_owner_id"] is not None:
            linked.setdefault(row["product_owner_id"], []).append(key)
    for owner in linked.keys() - named:
        for key in linked[owner]:
            del model.live[LINKS][key]
            model.deleted.add((LINKS, key))
    for owner in named - linked.keys():
        link = {"product_id": product, "product_owner_id": owner, "id": ANYTHING, "created_at": ANYTHING}
        model.coming.append((LINKS, link))  # type: ignore[arg-type]
    if named != linked.keys():
        model.touched.add(LINKS)


def links_changed(before: dict[Any, Row], after: dict[Any, Row]) -> set[str | None]:
    """The products whose links differ between two states."""
    keys = before.keys() | after.keys()
    found: set[str | None] = set()
    for key in keys:
        old, new = before.get(key), after.get(key)
        if (
            old is None
            or new is None
            or any(old[name] != new[name] for name in ("product_id", "product_owner_id"))
        ):
            found |= {row["product_id"] for row in (old, new) if row is not None}
    return found

"""How a schema differs from what it should be, object by object, for the person who has to put it right.

What goes with an object is told with it: a missing table is one difference, whatever it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ..ddl.sqltext import render
from ..settings import Schemas
from . import presence, repair
from .canonical import same
from .changes import message
from .fingerprint import Fingerprint
from .following import following
from .names import Objects, columns, owner_and_part, parent, said, view
from .switched import switched_off

# The command that prints what makes an object, for those that no single statement makes.
Origin = Callable[[str], str]


@dataclass(frozen=True)
class Difference:
    """``code``: missing, added, renamed or changed, and then ``attribute`` says what of the object.

    ``fix``: SQL where it ends in a semicolon, else advice, or empty.
    """

    code: str
    object: str
    message: str
    fix: str = ""
    attribute: str = ""

    def of(self, names: Schemas) -> Difference:
        """In words of that portal: its own schemas in the place of placeholders."""
        return replace(self, message=render(self.message, names), fix=render(self.fix, names))


def explain(
    should: Fingerprint, found: Fingerprint, origin: Origin | None = None, *, live: Fingerprint | None = None
) -> list[Difference]:
    """Every difference once: missing objects, added, renamed, then changed ones; empty when the two are equal.

    ``live`` is the whole fingerprint that ``found`` is the portable part of: statements need names that are not
    compared.
    """
    before, after = should.objects, found.objects
    renamed = presence.renamed(before, after)
    switched = switched_off(before, after)
    off = {key for each in switched for key in each.keys}
    return [
        *_missing(before, after, renamed, origin),
        *_added(before, after, renamed),
        *(_renamed(old, new, before, after) for old, new in renamed.items()),
        *(Difference("changed", s.table, s.message, s.fix, "triggers off") for s in switched),
        *(
            difference
            for key in before
            if key in after
            for difference in _changed(key, before, after, (live or found).objects, renamed, origin)
            if key not in off or difference.attribute not in ("triggers off", "enabled")
        ),
        *_orders(before, after),
    ]


def _missing(
    before: Objects, after: Objects, renamed: dict[str, str], origin: Origin | None
) -> Iterator[Difference]:
    for key, with_it in presence.absent(before, after, set(renamed)):
        fix = repair.creation(key, before) or (origin(key) if origin else "")
        yield Difference("missing", key, f"{presence.described(key, before)} is missing{with_it}", fix)


def _added(before: Objects, after: Objects, renamed: dict[str, str]) -> Iterator[Difference]:
    for key, with_it in presence.absent(after, before, set(renamed.values())):
        fix = f"nothing, if the portal needs it; otherwise: {repair.removal(key, after)}"
        yield Difference("added", key, f"{presence.described(key, after)} is there in addition{with_it}", fix)


def _renamed(old: str, new: str, before: Objects, after: Objects) -> Difference:
    now = owner_and_part(new, after)[1]
    return Difference(
        "renamed", old, f"{said(old, before)} is called {now}", repair.renaming(new, old, before)
    )


def _changed(
    key: str,
    before: Objects,
    after: Objects,
    live: Objects,
    renamed: dict[str, str],
    origin: Origin | None,
) -> Iterator[Difference]:
    attributes = before[key].keys() | after[key].keys()
    unlike = {a for a in attributes if not same(a, before[key].get(a), after[key].get(a))} - {"position"}
    for attribute in sorted(unlike - following(key, unlike, before, after, renamed)):
        fix = repair.statement(key, attribute, before, live)
        if not fix and origin and attribute in ("definition", "body", "sql body"):
            fix = origin(key)
        yield Difference("changed", key, message(key, attribute, before, after), fix, attribute)


def _orders(before: Objects, after: Objects) -> Iterator[Difference]:
    """Tables whose columns stand in another order, those left out that only one side has."""
    wanted, found = columns(before, after), columns(after, before)
    for table, order in wanted.items():
        above = parent(f"column {table}.{order[0]}", before)
        if order == found[table] or above is None:
            continue
        if view(above) and before[above].get("definition") != after.get(above, {}).get("definition"):
            continue
        at = next(n for n, (a, b) in enumerate(zip(order, found[table], strict=True)) if a != b)
        is_now, should_be = (", ".join(side[at : at + 4]) for side in (found[table], order))
        yield Difference(
            "changed",
            above,
            f"columns of {said(above, before)} stand in another order:"
            f" from place {at + 1} on it is {is_now}, should be {should_be}",
            "only making the table anew changes the order; it shows in SELECT * and in INSERT without names",
            "position",
        )

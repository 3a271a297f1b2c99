"""Tables on which somebody ran DISABLE TRIGGER ALL, as loading data by force does: one difference, not twenty."""

from __future__ import annotations

from dataclasses import dataclass

from .names import RELATIONS, Objects, counted, owner_and_part, quote, split
from .repair import statement


@dataclass(frozen=True)
class Switched:
    """``table`` (its key) and the foreign keys and triggers that do nothing on it."""

    table: str
    keys: tuple[str, ...]
    others: str = ""
    """SQL for triggers that are more than enabled, or less: ENABLE TRIGGER ALL makes all of them alike."""

    @property
    def message(self) -> str:
        """How many of them do nothing."""
        count = len([key for key in self.keys if key.startswith("constraint ")])
        rest = len(self.keys) - count
        parts = [counted(count, "foreign key"), *([counted(rest, "trigger")] if rest else [])]
        verb = "does" if len(self.keys) == 1 else "do"
        return f"triggers of {self.table} are disabled (DISABLE TRIGGER ALL): {' and '.join(parts)} {verb} nothing"

    @property
    def fix(self) -> str:
        """SQL that switches all of them on."""
        return f"ALTER TABLE {quote(split(self.table)[1])} ENABLE TRIGGER ALL;{self.others}"


def switched_off(before: Objects, after: Objects) -> list[Switched]:
    """The tables on which a foreign key of both sides is off and was not."""
    off: dict[str, list[str]] = {}
    both = [key for key in before if key in after]
    for key in both:
        for table in set(after[key].get("triggers off", ())) - set(before[key].get("triggers off", ())):
            off.setdefault(table, []).append(key)
    for key in both:
        table = owner_and_part(key, after)[0] if key.startswith("trigger ") else None
        now, was = after[key].get("enabled"), before[key].get("enabled")
        if table in off and now == "disabled" and was != "disabled":
            off[table].append(key)
    return [
        Switched(_relation(table, after), tuple(keys), _others(table, before, after))
        for table, keys in sorted(off.items())
    ]


def _others(table: str, before: Objects, after: Objects) -> str:
    triggers = [key for key in before if key.startswith("trigger ") and key in after]
    return "".join(
        " " + statement(key, "enabled", before, after)
        for key in triggers
        if before[key].get("enabled") and owner_and_part(key, after)[0] == table
    )


def _relation(table: str, objects: Objects) -> str:
    return next((f"{kind} {table}" for kind in RELATIONS if f"{kind} {table}" in objects), f"table {table}")

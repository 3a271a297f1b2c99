"""What is known of one pair before the second way up: what was touched below, and what must become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .above import COMPUTED
from .fate import OWNED, Fate
from .party import Party
from .rows import Row
from .shape import Shape
from .sums import Part

Rows = Mapping[str, Mapping[str, Row]]
MEMORY = "ownership_memory"
# Where a telephone number that is given below turns up.
NUMBERS = ("product_owner_phones", "product_owner_phone_sources")


@dataclass(frozen=True)
class Case:
    """What is known before the upgrade.  ``written``: rows that transactions below wrote, as they stand there."""

    upper: Shape
    lower: Shape
    party: Party
    newcomers: Party
    fate: Fate
    written: Rows
    linked: Mapping[str, list[str]]
    numbers: frozenset[str] = field(default_factory=frozenset)

    def touched(self, name: str) -> set[str]:
        """The keys of one table that are judged here."""
        found = set(self.fate.gone.get(name, ())) | set(self.written.get(name, ()))
        found |= {key for table, key in self.fate.emptied if table == name}
        if name == OWNED[0]:
            found |= set(self.linked)
        return found

    def apart(self) -> dict[str, Part]:
        """The same for sums; with what is computed from, or remembered of, these client groups and products."""
        products = tuple(self.party.numbers("product_id") + self.newcomers.numbers("product_id"))
        groups = tuple(self.party.numbers("client_group_id") + self.newcomers.numbers("client_group_id"))
        found = {}
        for name in self.upper:
            picks = [("", tuple(sorted(self.touched(name))))]
            if name == MEMORY:
                picks.append(("product_id", products))
            elif name in COMPUTED:
                picks.append(("client_group_id", groups))
            elif name in NUMBERS and self.numbers:
                picks.append(("product_owner_id", tuple(self.numbers)))
            found[name] = Part(tuple(pick for pick in picks if pick[1]))
        return found

"""The stages of one pair of revisions: up, write, down, write, up again; and what is different then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...catalog import fingerprint
from ...catalog.fingerprint import Fingerprint
from . import above, below, comparing, counting, fate, judging, moving, rows, shape, sums
from .case import NUMBERS, Case
from .counting import Moved
from .differences import Difference
from .party import Party
from .place import Place
from .shape import Shape
from .sums import Sums


@dataclass
class Pair:
    """A pair on its way; the methods are called in the order in which they stand here.

    The database is at ``lower`` before the first and at ``upper`` after the last.
    """

    place: Place
    upper: str
    lower: str
    low: tuple[Fingerprint, Shape] = field(init=False)
    high: tuple[Fingerprint, Shape] = field(init=False)
    party: Party = field(init=False)
    upto: dict[str, str] = field(init=False)
    before: dict[str, Sums] = field(init=False)
    archived: list[Moved] = field(init=False)
    case: Case = field(init=False)
    mark: int = field(init=False)
    moment: Any = field(init=False)

    @property
    def _schema(self) -> str:
        return self.place.names.application

    def _state(self) -> tuple[Fingerprint, Shape]:
        with sums.connect(self.place.url, self._schema) as connection:
            return fingerprint.read(connection, self._schema), shape.read(connection, self._schema)

    def climb(self) -> None:
        """Up for the first time."""
        self.low = self._state()
        moving.go(self.place.url, self._schema, self.upper, self.lower)
        self.high = self._state()

    def write_above(self, round_: str) -> None:
        """Write through the new shape."""
        with sums.connect(self.place.url, self._schema) as connection:
            self.party = above.write(connection, self.high[1], self.low[1], round_)
            self.upto = comparing.limits(connection, self.high[1])
            self.mark = counting.mark(connection, self.place.names)

    def descend(self) -> None:
        """Down; meanwhile the copy from before is read."""
        with sums.threads(1) as pool:
            reading = pool.submit(sums.everything, self.place.before, self._schema, self.high[1], {})
            moving.go(self.place.url, self._schema, self.lower, self.upper)
            self.before = reading.result()

    def compare_below(self) -> list[Difference]:
        """Nothing of the lower shape may be different."""
        schema, upper, lower = self._schema, self.high[1], self.low[1]
        now = sums.everything(self.place.url, schema, lower, self.upto)
        with sums.connect(self.place.before, schema) as before, sums.connect(self.place.url, schema) as after:
            sides = (before, upper, self.before), (after, lower, now)
            found = [*_schema("down", self.low[0], fingerprint.read(after, schema))]
            found += comparing.compare("down", *sides, {}, self.upto)
            found += comparing.sequences("down", before, after, schema)
            self.archived = counting.archived(after, self.place.names, self.mark, upper)
        return found

    def write_below(self) -> None:
        """Write through the old shape; what must become of that is decided here, before the way up."""
        schema, upper, lower = self._schema, self.high[1], self.low[1]
        with (
            sums.connect(self.place.before, schema) as before,
            sums.connect(self.place.url, schema) as connection,
        ):
            doomed = fate.follow(before, upper, self.party)
            done = below.write(connection, upper, lower, self.party)
            products = set(self.party.numbers("product_id")) - doomed.gone["client_products"]
            products |= set(done.newcomers.numbers("product_id"))
            taken = self.party.numbers("owner_1", roles=("number_taken",))
            self.case = Case(
                upper=upper,
                lower=lower,
                party=self.party,
                newcomers=done.newcomers,
                fate=doomed,
                written=rows.written_by(connection, lower, done.transactions),
                linked=fate.links(connection, sorted(products)),
                numbers=frozenset(taken if below.NUMBER in done.steps else ()),
            )
            row = connection.execute("SELECT clock_timestamp()").fetchone()
            self.moment = row[0] if row else None
            self.mark = counting.mark(connection, self.place.names)

    def climb_again(self) -> None:
        """Up for the second time."""
        moving.go(self.place.url, self._schema, self.upper, self.lower)

    def compare_above(self) -> tuple[list[Difference], int, int]:
        """(what is different from before, rows that came back, rows in quarantine)."""
        names, schema, upper, case = self.place.names, self._schema, self.high[1], self.case
        now = sums.everything(self.place.url, schema, upper, self.upto)
        with sums.connect(self.place.before, schema) as before, sums.connect(self.place.url, schema) as after:
            sides = (before, upper, self.before), (after, upper, now)
            found = [*_schema("up", self.high[0], fingerprint.read(after, schema))]
            found += comparing.compare("up", *sides, case.apart(), self.upto)
            found += comparing.sequences("up", before, after, schema)
            kept = rows.kept_since(after, names, upper, self.moment)
            was, live = _touched(before, case), _touched(after, case)
            found += judging.judge(case, was, live, kept)
            found += judging.numbers(case, _numbers(before, case), _numbers(after, case))
            back = counting.restored(after, names, self.mark, upper, self.archived, len(case.numbers))
            told = counting.quarantined(after, names, self.mark)
        removed = {name: len(entries.keys() - live.get(name, {}).keys()) for name, entries in kept.items()}
        found += counting.account(self.archived, back, told, removed)
        found += comparing.uncovered(self.before, above.EMPTY)
        return found, sum(moved.rows for moved in back), sum(told.values())


def _touched(connection: comparing.Connection, case: Case) -> dict[str, dict[str, rows.Row]]:
    return {name: rows.by_key(connection, table, case.touched(name)) for name, table in case.upper.items()}


def _numbers(connection: comparing.Connection, case: Case) -> dict[str, dict[str, rows.Row]]:
    return {
        name: rows.where(connection, case.upper[name], "product_owner_id", case.numbers)
        for name in NUMBERS
        if case.numbers
    }


def _schema(when: str, was: Fingerprint, now: Fingerprint) -> Iterable[Difference]:
    for line in fingerprint.differences(was, now):
        head, _, rest = line.partition(": ")
        name, _, detail = rest.partition(": ")
        yield Difference(when, "schema", name, f"{head}: {detail}" if detail else head)

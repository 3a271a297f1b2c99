"""The state machine: hypothesis decides where to go and what to write, a Walk does it and compares."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from kingston_schema.models import metadata

from . import catalogue, rows, values
from .choosing import choose
from .model import COMPUTED, MEMORY, PRODUCTS
from .start import Starts
from .tally import Tally
from .walk import Walk

WRITTEN = tuple(table for table in metadata.tables if table not in COMPUTED and table != MEMORY)
PARENTS = ("client_groups", "product_owners", "profiles", "available_providers", PRODUCTS, "global_actions")
# A setting that must be there (the gates ask for it), and what it may say without switching off what a walk needs.
SETTINGS = {"encryption_enabled": ("true", "false"), "global_actions_enabled": ("true", "false"),
            "performance_tolerance_percent": ("15", "0.5", "much"), "audit_logging_level": values.TEXTS}  # fmt: skip
NEAR = st.sampled_from((-1, 1, -1, 1, -2, 2, -3, 3))
FAR = st.sampled_from((-1, 1, -2, 2, -4, 4, -6, 6, -23, 23))
# Tables that Phase 2 made first: what is drawn without thinking is one of them.
NEW = tuple(table for table in WRITTEN if table not in catalogue.columns(catalogue.LEGACY))
OLD = tuple(table for table in WRITTEN if table in catalogue.columns(catalogue.LEGACY))


class Walker(RuleBasedStateMachine):
    """``starts`` and ``tally`` are set by the test that runs it."""

    starts: ClassVar[Starts]
    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.walk: Walk
        self.sound = False

    @initialize(revision=st.sampled_from(catalogue.REVISIONS), been_up=st.booleans(), ends=st.integers(1, 4))
    def begin(self, revision: str, been_up: bool, ends: int) -> None:
        """A portal at some revision, on its first way up or come down from head; every fourth ends at head, or each."""
        self.climb = self.tally.all_climb or ends == 4
        self.walk = self.stack.enter_context(self.starts.walk(revision, been_up))
        self.sound = True

    # -- moving -------------------------------------------------------------------------------------------

    @rule(distance=NEAR)
    def step(self, distance: int) -> None:
        """A few revisions up or down."""
        self._go(distance)

    @rule(distance=FAR)
    def travel(self, distance: int) -> None:
        """Any number of revisions up or down."""
        self._go(distance)

    def _go(self, distance: int) -> None:
        place = catalogue.place(self.walk.model.revision) + distance
        target = catalogue.REVISIONS[min(max(place, 0), len(catalogue.REVISIONS) - 1)]
        with self._sound_after():
            if target != self.walk.model.revision:
                self.walk.go(target)

    # -- writing ------------------------------------------------------------------------------------------

    @precondition(lambda self: self.walk.model.revision != catalogue.LEGACY)
    @rule(data=st.data(), times=st.integers(1, 5))
    def add_new(self, data: st.DataObject, times: int) -> None:
        """Rows for tables that Phase 2 made."""
        self._add(data, NEW, times)

    @rule(data=st.data(), times=st.integers(1, 3))
    def add_old(self, data: st.DataObject, times: int) -> None:
        """Rows for Phase 1 tables, with the columns that Phase 2 added or without."""
        self._add(data, OLD, times)

    @precondition(lambda self: self.walk.model.revision != catalogue.LEGACY)
    @rule(data=st.data(), times=st.integers(1, 5))
    def change_new(self, data: st.DataObject, times: int) -> None:
        """Rows of tables that Phase 2 made, changed or deleted."""
        self._change(data, NEW, times)

    @rule(data=st.data(), times=st.integers(1, 3))
    def change_old(self, data: st.DataObject, times: int) -> None:
        """Rows of Phase 1 tables, changed or deleted."""
        self._change(data, OLD, times)

    @rule(data=st.data(), table=st.sampled_from(PARENTS))
    def delete_parent(self, data: st.DataObject, table: str) -> None:
        """A row others refer to, live or in the archive."""
        keys = self.walk.model.keys(table)
        with self._sound_after():
            if keys:
                self.walk.delete(table, data.draw(st.sampled_from(keys), "key"))

    @rule(data=st.data())
    def save_owners(self, data: st.DataObject) -> None:
        """The portal's way of saving the owners of a product, the same ones or others."""
        if not (products := self.walk.model.keys(PRODUCTS)):
            return
        (product,) = data.draw(st.sampled_from(products), "product")
        same = [str(owner) for owner in self.walk.model.linked(str(product))]
        everybody = [key[0] for key in self.walk.model.keys("product_owners")]
        owners = data.draw(
            st.just(same) | st.permutations(same) | st.lists(st.sampled_from([*everybody, None]), max_size=3),
            "owners",
        )
        with self._sound_after():
            self.walk.save_owners(str(product), list(owners))

    @precondition(lambda self: self.walk.model.owned)
    @rule(data=st.data(), loose=st.integers(0, 9))
    def write_document(self, data: st.DataObject, loose: int) -> None:
        """The ownership document of a product; now and then one that phase 5 refuses."""
        if not (products := self.walk.model.keys(PRODUCTS)):
            return
        key = data.draw(st.sampled_from(products), "product")
        make = rows.loose_document if loose == 0 else rows.document
        with self._sound_after():
            self.walk.update(PRODUCTS, key, {"ownership_details": make(data.draw, self._owners())})

    @precondition(lambda self: "migration_control" in self.walk.model.live)
    @rule(data=st.data(), setting=st.sampled_from(sorted(SETTINGS)))
    def switch(self, data: st.DataObject, setting: str) -> None:
        """A setting, encryption among them."""
        with self._sound_after():
            self.walk.update(
                "migration_control", (setting,), {"value": data.draw(st.sampled_from(SETTINGS[setting]))}
            )

    # -- the end ------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """What was written is somewhere, and the schema is what this revision should be."""
        with self.stack:
            if self.sound:
                self.sound = False
                self.tally.finish(self.walk, climb=self.climb)

    # -- inner works --------------------------------------------------------------------------------------

    def _sound_after(self) -> _Sound:
        return _Sound(self)

    def _table(self, data: st.DataObject, tables: tuple[str, ...]) -> str:
        return str(
            data.draw(st.sampled_from([name for name in tables if name in self.walk.model.live]), "table")
        )

    def _add(self, data: st.DataObject, tables: tuple[str, ...], times: int) -> None:
        with self._sound_after():
            for _ in range(times):
                table = self._table(data, tables)
                if (given := choose(data.draw, self.walk.model, table, required=True)) is not None:
                    self.walk.insert(table, given)

    def _change(self, data: st.DataObject, tables: tuple[str, ...], times: int) -> None:
        with self._sound_after():
            for _ in range(times):
                table = self._table(data, tables)
                if not (keys := self.walk.model.keys(table)):
                    continue
                key = data.draw(st.sampled_from(keys), "key")
                # The gates ask for the settings: none is deleted.
                if data.draw(st.integers(0, 3), "delete at 3") == 3 and table != "migration_control":
                    self.walk.delete(table, key)
                elif given := choose(data.draw, self.walk.model, table, required=False):
                    self.walk.update(table, key, given)

    def _owners(self) -> list[int]:
        return [int(key[0] or 0) for key in self.walk.model.keys("product_owners")]


class _Sound:
    """A step ends with a comparison; one that fails leaves the walk unsound, and its end is not looked at."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker

    def __enter__(self) -> None:
        self.walker.sound = False

    def __exit__(self, kind: Any, *rest: Any) -> None:
        if kind is None:
            self.walker.walk.check()
            self.walker.sound = True

"""What a rehearsal finds wrong, and the tables in which something may change without being wrong."""

from __future__ import annotations

from dataclasses import dataclass

# A run of the migration tells in these what it does, so rows are added; those that were there stay as they are.
TOLD = frozenset({"migration_log", "migration_benchmarks", "performance_baselines", "summary_refresh_log"})
# A queue of what has to be computed again: no value of anybody's.
QUEUES = frozenset({"summary_dirty"})
# One row that the gates write.
PHASE = ("migration_control", "setting", "current_phase")


@dataclass(frozen=True)
class Difference:
    """``when``: after which movement it was found (down or up); ``kind``: schema, rows, value, lost, quarantine,
    sequence, count, cover or stopped; ``object``: table, table.column or catalogue object."""

    when: str
    kind: str
    object: str
    message: str
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f" (key {', '.join(self.keys)})" if self.keys else ""
        return f"after going {self.when}: {self.object}: {self.message}{named}"

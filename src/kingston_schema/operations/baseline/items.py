"""Baselines on disk: where they are kept, what each holds."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ...settings import state_folder


@dataclass(frozen=True)
class Measure:
    """One query.  Milliseconds as the server measured them; ``noise``: how far apart the medians of the rounds were."""

    query: str
    runs: int
    rows: int
    median_ms: float
    p95_ms: float
    noise_ms: float
    buffers: int
    plan: str


@dataclass(frozen=True)
class Baseline:
    """One recording of every query that could be asked."""

    name: str
    database: str
    schema: str
    revision: str | None
    server: str
    products: int
    recorded_at: datetime
    measures: tuple[Measure, ...]


def home() -> Path:
    """Where baselines are kept: KINGSTON_BASELINES, else ``.kingston/baselines``; they survive every rollback."""
    return Path(os.environ.get("KINGSTON_BASELINES") or state_folder() / "baselines")


def path_of(name: str) -> Path:
    """The file of the baseline ``name``."""
    return home() / f"{name}.json"


def keep(made: Baseline) -> None:
    """Write it down, at once or not at all."""
    home().mkdir(parents=True, exist_ok=True)
    path = path_of(made.name)
    path.with_suffix(".new").write_text(
        json.dumps(asdict(made), indent=1, default=str) + "\n", encoding="utf-8"
    )
    path.with_suffix(".new").replace(path)


def listing() -> tuple[Baseline, ...]:
    """Every baseline that is kept, newest first."""
    found = [_read(path) for path in home().glob("*.json")] if home().is_dir() else []
    return tuple(sorted(found, key=lambda b: b.recorded_at, reverse=True))


def _read(path: Path) -> Baseline:
    held = json.loads(path.read_text(encoding="utf-8"))
    return Baseline(
        **{
            **held,
            "recorded_at": datetime.fromisoformat(held["recorded_at"]),
            "measures": tuple(Measure(**m) for m in held["measures"]),
        }
    )

"""The whole way up and down while the portal is in use: seconds and longest waits per revision, memory of the client."""

from __future__ import annotations

from typing import Any

from . import probes, runs
from .databases import Databases
from .figures import median, spread


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """``alembic upgrade head`` and ``alembic downgrade legacy`` with a writer and a reader at work throughout."""
    ups: list[tuple[runs.Ran, probes.Heard]] = []
    downs: list[tuple[runs.Ran, probes.Heard]] = []
    for number in range(2 if products > 100_000 else 3):
        with databases.copy(databases.seeded(products)) as url:
            idle = probes.idle(url, 10.0)
            ups.append(_listened(url, "upgrade", "head"))
            if number == 0:
                databases.keep_head(products, url)
            downs.append(_listened(url, "downgrade", "legacy"))
    return {
        "idle": idle,
        "up": _described(ups),
        "down": _described(downs),
        "memory_mb": round(max(ran.memory_mb for ran, _ in ups + downs), 1),
        "failures": sum(len(heard.failures) for _, heard in ups + downs),
    }


def _listened(url: str, *arguments: str) -> tuple[runs.Ran, probes.Heard]:
    with probes.listening(url) as heard:
        ran = runs.alembic(url, *arguments)
    return ran, heard


def _described(found: list[tuple[runs.Ran, probes.Heard]]) -> dict[str, Any]:
    revisions = {}
    for at, (name, *_) in enumerate(found[0][0].revisions):
        waits = [heard.waits(ran.revisions[at][2], ran.revisions[at][3]) for ran, heard in found]
        revisions[name] = {
            "median_s": round(median([ran.revisions[at][1] for ran, _ in found]), 3),
            **{
                f"{role}_most_ms": round(max(w[role]["most_ms"] for w in waits if role in w), 1)
                for role in probes.STATEMENTS
                if any(role in w for w in waits)
            },
        }
    return {**spread([ran.seconds for ran, _ in found]), "revisions": revisions}

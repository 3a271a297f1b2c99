"""``kingston verify rollback --all``: every revision rehearsed down and up again, every value accounted for."""

from __future__ import annotations

from typing import Any

from kingston_schema.operations.verify import rollback

from .databases import Databases, clients


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Seconds of one rehearsal of everything, and of its slowest rollback; raises RuntimeError when values differ."""
    with databases.empty() as url:
        planned = rollback.plan(url, every=True, clients=clients(products), products=products)
        report = rollback.run(url, planned)
    if not report.equal:
        found = [
            f"{outcome.revision} to {outcome.below}: {difference}"
            for outcome in report.outcomes
            for difference in outcome.differences
        ]
        raise RuntimeError(f"verify rollback --all at {products} products: " + "; ".join(found[:5]))
    slowest = max(report.outcomes, key=lambda outcome: outcome.seconds)
    return {
        "seconds": report.seconds,
        "rollbacks": len(report.outcomes),
        "columns": sum(outcome.columns for outcome in report.outcomes),
        "slowest": slowest.revision,
        "slowest_to": slowest.below,
        "slowest_s": slowest.seconds,
    }

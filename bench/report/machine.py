"""The machine that measured, and what else it did."""

from __future__ import annotations

from typing import Any

from ..figures import median
from ..targets import Subjects

# Share of the processors that other work may take before the page says that figures are not to be trusted.
QUIET = 0.1


def described(machine: dict[str, Any]) -> str:
    """Server, processor, memory and settings."""
    settings = ", ".join(f"`{name} = {value}`" for name, value in machine["settings"].items())
    return (
        f"PostgreSQL {machine['postgresql']} and Python {machine['python']} on {machine['cores']} cores"
        f" ({machine['processor']}) with {machine['memory_gb']} GB, {machine['system']}; {settings}.\n"
    )


def others(subjects: Subjects) -> str:
    """What else the machine did, seen while nothing of ours ran."""
    measured = [figures for sizes in subjects.values() for figures in sizes.values()]
    days = sorted({figures["measured"] for figures in measured})
    shares = [share for figures in measured for share in figures.get("others", ())]
    if not shares:
        return "What else the machine did is not known.\n"
    when = " to ".join(sorted({days[0], days[-1]}))
    took = " to ".join(dict.fromkeys(f"{share:.0%}" for share in (min(shares), max(shares))))
    busy = f"Measured on {when}. In a second before and after each part, when nothing of ours ran, other work took {took} of the"
    busy += f" processors (median {median(shares):.0%})."
    if median(shares) > QUIET:
        busy += (
            " **The machine was busy: seconds and longest waits are many times those of a quiet one, and what is missed below"
            " may be due to that. Only ratios say something.**"
        )
    return busy + "\n"

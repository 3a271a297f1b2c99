"""One planted difference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plant:
    """``sql`` makes the difference in the schema of garden.sql; ``message`` is the one line that tells of it.

    ``attribute`` of the object that differs; empty for an object that is missing, in addition or renamed.
    ``local``: belongs to the installation, so a comparison with a revision does not see it.
    ``mends``: the line "next" is SQL that takes the difference away.  ``since``: the first server version that has it.
    """

    name: str
    attribute: str
    sql: str
    message: str
    mends: bool = True
    local: bool = False
    since: int = 15

"""``-x allow=CHECK:reason``: the checks that may be allowed, and the reasons given for them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from .gate import parse_checks

# Asked for by an operation, not by a gate.
_OTHERS = ("catalogue", "drop_legacy", "stamp")


def known(history: Path) -> list[str]:
    """Every check of every gate in the revisions of the folder ``history``, and what operations ask for; sorted."""
    gates = sorted(history.glob("sql/gate_*/*.sql"))
    checks = {check.name for path in gates for check in parse_checks(path.read_text(encoding="utf-8"))}
    return sorted(checks | set(_OTHERS))


def parse(values: Sequence[str], history: Path) -> dict[str, str]:
    """``["CHECK:reason"]`` → {check: reason}; raises UsageError without a reason or for a check nobody knows."""
    allowed = {}
    for value in values:
        check, _, reason = (part.strip() for part in value.partition(":"))
        if check and check not in (names := known(history)):
            near = difflib.get_close_matches(check, names, n=1)
            raise UsageError(
                f'no gate has a check "{check}"' + (f"; did you mean {near[0]}?" if near else ""),
                fix=f"-x allow=CHECK:reason, where CHECK is one of {', '.join(names)}",
                obj=check,
            )
        if not check or not reason:
            raise UsageError(
                f'"{value}" gives no reason',
                fix=f"-x allow=CHECK:reason, for example -x allow={check or 'dangling_portfolios'}:agreed-with-the-data-team",
            )
        allowed[check] = reason
    return allowed

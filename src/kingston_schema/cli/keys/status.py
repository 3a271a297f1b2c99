"""kingston keys status"""

from __future__ import annotations

from typing import Any

from ...errors import EXIT_FOUND
from ...operations.keys import state
from ...operations.keys import status as operation
from ..driver import Call, verb
from ..render import Finding, Result, facts, moment, table


@verb
def status(call: Call) -> Result:
    """Show key versions, their state, whether the ring holds them, and how many values each locks."""
    return shown(call)


def shown(call: Call) -> Result:
    """What ``kingston keys`` and ``kingston keys status`` say."""
    report = operation.run(call.database(), call.portal)
    view = keys(report.state)
    if report.uses:
        rows = [(u.purpose, u.version, u.place, f"{u.values:,}") for u in report.uses]
        view += ["", table(("purpose", "version", "values in", "values"), rows, right=(3,))]
    findings: tuple[Finding, ...] = ()
    if report.trouble:
        findings = (Finding("key_ring", report.state.ring, report.trouble, _next(report.state)),)
        view += ["", f"key_ring: {report.trouble}", f"  next: {findings[0].fix}"]
    return Result(report, view, findings, EXIT_FOUND if findings else 0)


def _next(report: state.Report) -> str:
    if not any(k.status != "not registered" for k in report.keys):
        return "kingston keys init"
    return "name the key file and ring of this portal; docs/howto/encrypt_sensitive_fields.md"


def keys(report: state.Report) -> list[Any]:
    """Where the keys are, and one line for each version."""
    view: list[Any] = [facts([("master key", report.master), ("key ring", report.ring)])]
    if not report.keys:
        return [*view, "", "no keys"]
    rows = [
        (k.purpose, k.version, k.status, k.ring, k.check, moment(k.created_at), moment(k.activated_at))
        for k in report.keys
    ]
    headings = ("purpose", "version", "state", "in the ring", "check value", "made", "active since")
    return [*view, "", table(headings, rows, right=(1,))]

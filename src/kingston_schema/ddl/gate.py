"""``op.gate``: named checks that a phase must pass before its gate revision is recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..errors import GateFailed, UsageError
from ..wording import count
from .events import Told
from .registry import operation
from .sqltext import context_schemas, emit, frozen, literal, outside_transaction, render, run_of

_FIELD = re.compile(r"^-- (check|severity|look):\s*(.*)$")
SEVERITIES = ("critical", "critical in production", "warning")


@dataclass(frozen=True)
class Check:
    """One named check: ``query`` returns one row (ok boolean, found text)."""

    name: str
    severity: str
    look: str
    query: str


def parse_checks(text: str) -> list[Check]:
    """The checks of a gate file, in their order; raises UsageError where the file is not well formed."""
    checks: list[dict[str, str]] = []
    for line in text.splitlines()[1:]:
        found = _FIELD.match(line)
        if found and found.group(1) == "check":
            checks.append({"check": found.group(2).strip(), "severity": "", "look": "", "query": ""})
        elif found and checks:
            checks[-1][found.group(1)] = (checks[-1][found.group(1)] + " " + found.group(2).strip()).strip()
        elif checks and not line.lstrip().startswith("--"):
            checks[-1]["query"] += line + "\n"
    for item in checks:
        if item["severity"] not in SEVERITIES or not item["query"].strip():
            raise UsageError(f'gate check "{item["check"]}" needs a severity of {SEVERITIES} and a query')
    return [
        Check(c["check"], c["severity"], c["look"], c["query"].strip().rstrip(";").rstrip()) for c in checks
    ]


@operation
def gate(operations: Any, phase: str, version: str) -> None:
    """Run the checks of ``alembic/sql/gate_<phase>/<version>.sql`` and record each result.

    Every failing critical check is listed in one message (GateFailed, exit code 3).  Results are
    written on a second connection online, so that they survive the rollback.  A check can be
    overridden with ``-x allow=<check>:<reason>``; the reason is recorded.

    Online, what the revision made before the gate is committed first, and what the checks measured is
    committed before a refusal: the queries to look closer need it.  The revision is not recorded all the
    same; going up repeats it, going down takes it out.  A script has no message to hold such queries.
    """
    checks = parse_checks(frozen(operations, f"gate_{phase}", version).text)
    run = run_of(operations)
    if operations.get_context().as_sql:
        allowed = run.allowed if run is not None else {}
        for check in checks:
            emit(operations, _offline(phase, check, allowed.get(check.name)))
    else:
        _online(operations, phase, checks, run)
    emit(operations, _enter_phase(phase))


def _commit(operations: Any) -> None:
    with outside_transaction(operations):
        pass


def _online(operations: Any, phase: str, checks: list[Check], run: Any) -> None:
    _commit(operations)
    # Gates take no lock that anybody waits for; what they wait for is a refresh of summaries that somebody is at.
    emit(operations, "SELECT set_config('lock_timeout', '60s', true)")
    new = emit(operations, "SELECT @control@.origin() = 'new'").scalar()
    failures = []
    outcomes: dict[str, list[str]] = {}
    for check in checks:
        look = render(check.look, context_schemas(operations))
        row = emit(operations, f"SELECT q.ok, q.found FROM (\n{check.query}\n) AS q").first()
        ok, found = bool(row and row[0]), str(row[1]) if row else "the check returned no row"
        critical = check.severity == "critical" or (check.severity == "critical in production" and not new)
        reason = run.allowed.get(check.name)
        outcome = "passed" if ok else "allowed" if reason else "failed" if critical else "warning"
        run.records.check(phase, check, outcome, found, reason)
        outcomes.setdefault(outcome, []).append(check.name)
        if outcome == "failed":
            failures.append(f"  {check.name}: {found}" + (f"\n    look: {look}" if look else ""))
        elif outcome != "passed":
            said = found + (f" ({reason})" if reason else "")
            run.reporter.finding(Told(f"gate_{outcome}", f"{phase} {check.name}", said, look))
    run.records.gate(phase, "failed" if failures else "passed", _summary(outcomes))
    if failures:
        _commit(operations)
        refused = count(len(failures), "critical check")
        raise GateFailed(
            f"the gate of {phase} refuses: {refused} of {len(checks)} failed\n" + "\n".join(failures),
            fix=f"repair what was found and run the same command again, or -x allow={failures[0].split(':')[0].strip()}:reason",
            obj=phase,
        )


def _summary(outcomes: dict[str, list[str]]) -> str:
    """``17 passed; 1 allowed: half_links``; what did not simply pass is named."""
    return "; ".join(
        f"{len(names)} {outcome}" + ("" if outcome == "passed" else f": {', '.join(names)}")
        for outcome, names in outcomes.items()
    )


def _offline(phase: str, check: Check, reason: str | None) -> str:
    """The same check for a script: recorded, and an exception where it fails and is critical."""
    critical = {
        "critical": "true",
        "critical in production": "@control@.origin() <> 'new'",
        "warning": "false",
    }[check.severity]
    return f"""DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
{check.query}
  ) AS q;
  PERFORM @control@.record_gate({literal(phase)}, {literal(check.name)}, {literal(check.severity)},
    coalesce(v_ok, false), {critical}, v_found, {literal(reason) if reason else "NULL"});
END $kingston$"""


def _enter_phase(phase: str) -> str:
    return (
        "UPDATE migration_control SET value = "
        f"{literal(phase)}, updated_at = clock_timestamp() WHERE setting = 'current_phase'"
    )

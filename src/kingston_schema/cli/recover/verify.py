"""kingston recover verify"""

from __future__ import annotations

from typing import Any

from ...errors import EXIT_FOUND
from ...operations.recover import verify as operation
from ..driver import Call, verb
from ..render import Finding, Result


@verb
def verify(call: Call) -> Result:
    """Judge a recovery: data, references, business rules, performance; exit code 1 when one is not right."""
    report = operation.run(call.database(), call.portal)
    view: list[Any] = []
    findings = []
    for judgement in report.judgements:
        state = judgement.note or (f"{len(judgement.wrong)} wrong" if judgement.wrong else "right")
        view.append(f"{judgement.area}: {state} ({judgement.asked} asked)")
        view += [f"  {text}" for text in judgement.wrong[:20]]
        area = judgement.area.split(":")[0]
        findings += [Finding(area.replace(" ", "_"), "", text, "kingston audit show") for text in judgement.wrong]
    return Result(report, view, tuple(findings), EXIT_FOUND if findings else 0)

"""kingston stop"""

from __future__ import annotations

from ..errors import UsageError
from ..operations import stop as operation
from .driver import Call, verb
from .render import Result


@verb
def stop(call: Call) -> Result:
    """Stop the embedded PostgreSQL; its data stays."""
    if call.url:
        raise UsageError("stop stops the embedded PostgreSQL; --url names another one", fix="kingston stop")
    report = operation.run()
    said = "stopped" if report.stopped else "was not running"
    return Result(report, [f"the embedded PostgreSQL {said}; its data stays in {report.data}"])

"""kingston up"""

from __future__ import annotations

from ..errors import UsageError
from ..operations import up as operation
from ..settings import environment_url
from .driver import Call, verb
from .render import Result, facts


@verb
def up(call: Call) -> Result:
    """Start the embedded PostgreSQL under .kingston/ and create its database; harmless when it runs."""
    if call.url:
        raise UsageError("up starts the embedded PostgreSQL; --url names another one", fix="kingston up")
    report = operation.run()
    if environment_url():
        call.say("DATABASE_URL is set: the other commands use that database, not the embedded one")
    state = "started" if report.started else "runs already"
    made = " (created)" if report.created else ""
    view = facts(
        [
            ("server", f"PostgreSQL {report.version}, {state}"),
            ("database", f"{report.database}{made}"),
            ("data", report.data),
            ("url", report.url),
            ("next", "kingston status"),
        ]
    )
    return Result(report, [view])

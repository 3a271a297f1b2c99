"""Plain Alembic in this process, with the revision files read once: what alembic.command does, a third faster."""

from __future__ import annotations

from typing import Any

from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from kingston_schema.ddl.events import SilentReporter
from portals import alembic_config


class Mover:
    """Moves databases from one revision to another."""

    def __init__(self) -> None:
        self.script = ScriptDirectory.from_config(alembic_config("postgresql://"))
        # What depends on the speed of this machine is not what the walks are about.
        self.allow = ["benchmarks_within_tolerance:timing", "connections_critical:timing"]

    def go(self, url: str, revision: str, *, down: bool) -> None:
        """``alembic upgrade`` or ``downgrade``; errors are raised."""
        config = alembic_config(url, allow=self.allow)
        config.attributes["reporter"] = SilentReporter()

        def upgrade(now: Any, context: Any) -> Any:
            return self.script._upgrade_revs(revision, now)

        def downgrade(now: Any, context: Any) -> Any:
            return self.script._downgrade_revs(revision, now)

        with EnvironmentContext(
            config, self.script, fn=downgrade if down else upgrade, destination_rev=revision
        ):
            self.script.run_env()

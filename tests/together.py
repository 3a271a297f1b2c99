"""Which test files run on one worker, because what they prepare is dear or because two of it would disturb each other.

pytest-xdist's own mark for this, ``xdist_group``, is without effect on pytest 9.2: it writes the group into the id of
each test after collecting, where pytest no longer looks.  The scheduler below reads it from the file's name instead.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/promises/test_online.py": "one migration under load, not two at a time",
    "tests/promises/test_legacy_bears.py": "one walk over all revisions",
    "tests/promises/test_legacy_untouched.py": "one walk over all revisions",
    "tests/promises/test_roles.py": "logins for the four roles",
    "tests/revisions/test_pre_migration_roles.py": "logins for the four roles",
    "tests/window/test_rehearsal.py": "one durable server",
    "tests/window/test_runbook.py": "one durable server",
}


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Each test for itself to whichever worker is free, but those of TOGETHER to one."""

    def _split_scope(self, nodeid: str) -> str:
        """The unit of work a test belongs to."""
        return TOGETHER.get(nodeid.split("::")[0], nodeid)

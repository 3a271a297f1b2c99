"""Logins that are members of one role of the portal each, for a test; no other test has logins of these names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from psycopg import sql

from portals import Portal

ROLES = ("portal_app", "portal_readonly", "portal_auditor", "portal_migrator")


class Logins:
    """``logins["portal_app"]`` is the name of a login that is a member of that role and of nothing else."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._names = {role: f"{role[7:]}_of_{portal.one('SELECT current_database()')}" for role in ROLES}
        for role, name in self._names.items():
            portal.run(sql.SQL("CREATE ROLE {} LOGIN IN ROLE {}").format(sql.Identifier(name), sql.Identifier(role)))

    def __getitem__(self, role: str) -> str:
        return self._names[role]

    def portal_of(self, role: str) -> Portal:
        """The same database, for that login."""
        return Portal(self.portal.url.replace("//postgres@", f"//{self[role]}@", 1))

    def remove(self) -> None:
        """Take the logins out of the server; what they own goes to postgres first."""
        for name in self._names.values():
            self.portal.run(
                sql.SQL("REASSIGN OWNED BY {0} TO postgres; DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name))
            )


@contextlib.contextmanager
def logins(portal: Portal) -> Iterator[Logins]:
    """Four logins for ``portal``, gone at the end."""
    made = Logins(portal)
    try:
        yield made
    finally:
        portal.close()
        portal._open.clear()
        made.remove()

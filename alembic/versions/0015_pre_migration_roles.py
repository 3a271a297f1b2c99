"""Roles: portal_app, portal_readonly, portal_auditor, portal_migrator, each with the least it needs

Phase:      pre_migration
Does:       makes the four group roles where the server has none of that name (no login, no special power) and gives them
            their rights on the Phase 1 objects and on the bookkeeping; each later revision adds those on what it makes.
            Logins are made members by an administrator: GRANT portal_app TO …
Locks:      those of a reader, for milliseconds: a grant blocks nobody
Refuses if: a role of one of the four names is a superuser, or may create roles or databases, replicate or bypass row
            security.  A migrating role that may not create roles goes on without, with a warning
Down:       exactly the rights that were given; nothing is archived.  The roles stay (another portal may use them), and
            so does what portal_migrator has on the bookkeeping
"""

from __future__ import annotations

from alembic import op

revision = "pre_migration_roles"
down_revision = "pre_migration_control"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.make_roles()


def downgrade() -> None:
    op.take_back_rights()

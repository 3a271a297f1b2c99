"""Kingston's Portal from Phase 1 to Phase 2 and back: models, revisions and operations for PostgreSQL."""

from __future__ import annotations

# First of all: Alembic loads our plugin (ddl) while it is being imported, and the plugin needs our errors,
# which derive from Alembic's.  Entering through Alembic is the order that works.
import alembic as _alembic  # noqa: F401

__version__ = "0.1.0"

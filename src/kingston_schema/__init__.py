"""Kingston's Portal from Phase 1 to Phase 2 and back: models, revisions and operations for PostgreSQL."""

from __future__ import annotations

__version__ = "0.1.0"

"""Alembic's environment: everything it does stands in kingston_schema.ddl.environment."""

from __future__ import annotations

from kingston_schema.ddl.environment import main

main()

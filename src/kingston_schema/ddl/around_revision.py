"""SQL that stands around the operations of a revision, in a run and in a script made with ``--sql``."""

from __future__ import annotations

from .journal import phase_of


def settings(revision: str, direction: str, run: str) -> str:
    """Before the first operation: the control functions write down what they do under these names."""
    return (
        f"SET kingston.revision = '{revision}';\nSET kingston.direction = '{direction}';\n"
        f"SET kingston.run = '{run}'"
    )


def leave_phase(lower: str) -> str:
    """After a downgrade to ``lower``: current_phase says where the database is now."""
    return (
        "DO $kingston$ BEGIN\n  IF to_regclass('@schema@.migration_control') IS NOT NULL THEN\n"
        f"    UPDATE @schema@.migration_control SET value = '{phase_of(lower)}', updated_at = clock_timestamp()\n"
        f"      WHERE setting = 'current_phase' AND value <> '{phase_of(lower)}';\n  END IF;\nEND $kingston$;"
    )

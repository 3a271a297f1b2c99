"""What the portal knows of its checkpoints: table rollback_checkpoints, from pre_migration_control on."""

from __future__ import annotations

import hashlib
import json

import psycopg

from ..backup.manifest import Manifest
from ..ddl.journal import phase_of
from ..settings import Schemas


def record_checkpoint(
    connection: psycopg.Connection, names: Schemas, held: Manifest, location: str | None, failure: str = ""
) -> bool:
    """Write what is true of a checkpoint now; ``location`` None: its files are gone.

    False where the portal has no such table yet (below pre_migration_control).
    """
    row = connection.execute(
        "SELECT to_regclass(format('%%I.rollback_checkpoints', %s::text)) IS NOT NULL", (names.application,)
    ).fetchone()
    if not (row and row[0]):
        return False
    state = "expired" if location is None else "invalid" if failure else "valid" if held.proven else "pending"
    hashed = {name: [c.rows, c.checksum] for name, c in sorted(held.contents.items())}
    connection.execute(
        "INSERT INTO rollback_checkpoints AS r (checkpoint_name, phase, tables_affected, backup_location,"
        " backup_size_bytes, data_integrity_hash, created_at, is_active, validated_at, validation_status)"
        " VALUES (%(name)s, %(phase)s, %(tables)s, %(location)s, %(bytes)s, %(hash)s, %(at)s, %(active)s, %(proven)s, %(state)s)"
        " ON CONFLICT (checkpoint_name) DO UPDATE SET backup_location = EXCLUDED.backup_location,"
        " is_active = EXCLUDED.is_active, validated_at = EXCLUDED.validated_at,"
        " validation_status = EXCLUDED.validation_status",
        {
            "name": held.name,
            "phase": phase_of(held.revision or "base"),
            "tables": sorted(held.contents),
            "location": location,
            "bytes": held.bytes,
            "hash": hashlib.sha256(json.dumps(hashed).encode()).hexdigest(),
            "at": held.created_at,
            "active": location is not None,
            "proven": held.proven.at if held.proven else None,
            "state": state,
        },
    )
    return True

"""The ledger of uses, table encryption_audit_log: a line is committed before a value is handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from .access import Access
from .fields import Field

GRANTED, FAILED, REFUSED, DECOY = "granted", "failed", "refused", "decoy"


@dataclass(frozen=True)
class Line:
    """One row of a use; ``key_version`` None for a value that stood there in plain."""

    row: int
    key_version: int | None
    outcome: str


def write(
    connection: psycopg.Connection[Any], said: Access, field: Field, lines: Sequence[Line], operation: str = "decrypt"
) -> None:  # fmt: skip
    """Write the lines in one statement on an autocommit connection: when this returns they are committed."""
    connection.execute(
        "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, client_ip,"
        " user_agent, purpose, correlation_id, key_version, outcome)"
        " SELECT %s, l.row, %s, %s, %s, %s::inet, %s, %s, %s, l.version, l.outcome"
        " FROM unnest(%s::bigint[], %s::integer[], %s::text[]) AS l (row, version, outcome)",
        (
            field.table,
            field.name,
            operation,
            said.actor,
            said.client_ip,
            said.user_agent,
            said.purpose,
            said.correlation_id,
            [line.row for line in lines],
            [line.key_version for line in lines],
            [line.outcome for line in lines],
        ),
    )


def more_than(connection: psycopg.Connection[Any], actor: str, limit: int, seconds: float) -> bool:
    """Whether ``actor`` met more than ``limit`` values in the last ``seconds``, in whatever process; reads ``limit`` + 1 lines.

    Raises psycopg's InsufficientPrivilege where the role may not read the ledger.
    """
    row = connection.execute(
        "SELECT count(*) FROM (SELECT FROM encryption_audit_log WHERE accessed_by = %s AND operation = 'decrypt'"
        " AND access_time > clock_timestamp() - %s * interval '1 second' LIMIT %s) AS met",
        (actor, seconds, limit + 1),
    ).fetchone()
    assert row is not None
    return int(row[0]) > limit

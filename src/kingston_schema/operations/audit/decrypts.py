"""Who read which secrets, for what purpose, and what of it needs a look: table encryption_audit_log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from ... import db
from ...errors import RefusedError
from ...settings import schemas

VOLUME = 100
WINDOW_MINUTES = 10
LIMIT = 50


@dataclass(frozen=True)
class Use:
    """Uses of one field by one actor for one purpose under one correlation id; ``rows``: different rows."""

    actor: str
    db_role: str
    purpose: str | None
    correlation_id: str | None
    operation: str
    table: str
    column: str
    outcome: str
    rows: int
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Volume:
    """The most values one actor read within the window, and when the window that held them ended."""

    actor: str
    values: int
    at: datetime


@dataclass(frozen=True)
class Report:
    """``volumes``: actors over the limit; ``groups``: how many uses match, of which ``uses`` are the latest."""

    schema: str
    limit_values: int
    window_minutes: int
    groups: int
    uses: tuple[Use, ...]
    volumes: tuple[Volume, ...]
    failed: int
    decoys: int


WANTED = (
    " FROM encryption_audit_log AS l WHERE (%(actor)s::text IS NULL OR l.accessed_by = %(actor)s)"
    " AND (%(table)s::text IS NULL OR l.table_name = %(table)s) AND (%(row)s::bigint IS NULL OR l.record_id = %(row)s)"
    " AND (%(since)s::timestamptz IS NULL OR l.access_time >= %(since)s)"
)
USES = (
    "SELECT accessed_by AS actor, db_role, purpose, correlation_id, operation, table_name AS table,"
    ' field_name AS "column", outcome, count(DISTINCT record_id) AS rows, count(*) AS times,'
    " min(access_time) AS first_at, max(access_time) AS last_at"
    f"{WANTED} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
)
VOLUMES = (
    "SELECT DISTINCT ON (actor) actor, values, at FROM (SELECT l.accessed_by AS actor, count(*) OVER (PARTITION BY"
    " l.accessed_by ORDER BY l.access_time RANGE BETWEEN %(window)s * interval '1 minute' PRECEDING AND CURRENT ROW) AS values,"
    f" l.access_time AS at{WANTED} AND l.operation = 'decrypt') AS counted"
    " WHERE values > %(volume)s ORDER BY actor, values DESC, at"
)
ALARMS = (
    "SELECT count(*) FILTER (WHERE outcome = 'failed'), count(*) FILTER (WHERE outcome = 'decoy')" + WANTED
)


def run(
    url: str, schema: str | None = None, *, actor: str | None = None, table: str | None = None,
    row: int | None = None, since: datetime | None = None, volume: int = VOLUME,
    window: int = WINDOW_MINUTES, limit: int = LIMIT,
) -> Report:  # fmt: skip
    """Read the ledger: uses, newest first, and actors who read more than ``volume`` values in ``window`` minutes.

    Raises RefusedError below revision phase_2_field_encryption.
    """
    names = schemas(schema)
    given = {"actor": actor, "table": table, "row": row, "since": since, "volume": volume, "window": window}
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        _require_ledger(connection, names.application)
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor = connection.cursor(row_factory=class_row(Use))
            uses = cursor.execute(USES.encode(), given).fetchall()
            volumes = (
                connection.cursor(row_factory=class_row(Volume)).execute(VOLUMES.encode(), given).fetchall()
            )
            alarms = connection.execute(ALARMS.encode(), given).fetchone()
    assert alarms is not None
    uses.sort(key=lambda use: use.last_at, reverse=True)
    return Report(
        names.application,
        volume,
        window,
        len(uses),
        tuple(uses[:limit]),
        tuple(volumes),
        alarms[0],
        alarms[1],
    )


def _require_ledger(connection: psycopg.Connection, schema: str) -> None:
    found = connection.execute(
        "SELECT to_regclass(format('%%I.encryption_audit_log', %s::text)) IS NOT NULL", (schema,)
    ).fetchone()
    if not (found and found[0]):
        raise RefusedError(
            f"schema {schema} has no ledger of decrypts: revision phase_2_field_encryption makes it",
            fix="kingston upgrade phase_2; what a rollback archived: kingston archive show encryption_audit_log",
        )

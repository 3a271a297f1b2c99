"""Settings of the two sessions of a run, whatever its role or its database say: nothing may wait without an end.

Scripts made with ``--sql`` set SESSION, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from .attempts import ATTEMPT
from .heartbeat import longest_silence

# The session that does the work.
SESSION = {
    "lock_timeout": ATTEMPT,
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "10min",
    "client_connection_check_interval": "500ms",
}

# The second connection: locks, journal, heartbeat.  Its commits are asynchronous (kingston_schema.ddl.journal).
SIDE = {
    "lock_timeout": "2s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    "client_connection_check_interval": "500ms",
    "synchronous_commit": "off",
}


def work() -> dict[str, str]:
    """Beside SESSION: no limit that would end a migration in the middle, and an end to a client that is gone.

    A client that is gone without a word (a pulled cable) holds its locks until the server notices; the kernel takes two
    hours for that.  The settings of TCP bring it to half a minute.  Idle in a transaction a client is only while it waits
    for its second connection.
    """
    return {
        "transaction_timeout": "0",
        "idle_session_timeout": "0",
        "idle_in_transaction_session_timeout": f"{longest_silence() * 1000:.0f}ms",
        "tcp_keepalives_idle": "10s",
        "tcp_keepalives_interval": "5s",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "25s",
    }


def prepare(connection: psycopg.Connection[Any], settings: Mapping[str, str]) -> None:
    """Apply ``settings``; one that this server does not know is left out."""
    given = Jsonb(dict(settings))
    connection.execute(
        "SELECT set_config(s.name, %s::jsonb ->> s.name, false) FROM pg_settings AS s WHERE %s::jsonb ? s.name",
        (given, given),
    )

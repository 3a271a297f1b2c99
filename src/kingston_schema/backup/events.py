"""The event log through a restore: what happened since the checkpoint was made is not forgotten."""

from __future__ import annotations

from typing import Any

import psycopg

from ..ddl import event_log
from ..ddl.sqltext import render
from ..settings import Schemas


def carry(live: psycopg.Connection[Any], restored: psycopg.Connection[Any], names: Schemas) -> bool:
    """Append to the restored log what the live one has beyond it.

    False, and nothing is done, where the live log does not go on from the restored one: another database's.
    """
    if event_log.missing(live, names):
        return True
    if event_log.missing(restored, names):
        event_log.install(restored, names)
    table = render("@control@.event_log", names)
    last = restored.execute(f"SELECT id, hash FROM {table} ORDER BY id DESC LIMIT 1".encode()).fetchone()
    if (
        last
        and live.execute(f"SELECT hash FROM {table} WHERE id = %s".encode(), last[:1]).fetchone() != last[1:]
    ):
        return False
    beyond = f"COPY (SELECT * FROM {table} WHERE id > {last[0] if last else 0} ORDER BY id) TO STDOUT"
    with (
        live.cursor().copy(beyond.encode()) as source,
        restored.cursor().copy(f"COPY {table} FROM STDIN".encode()) as target,
    ):
        for data in source:
            target.write(data)
    return True

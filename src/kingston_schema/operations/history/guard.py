"""What guards the log: the trigger that refuses changes, and the functions that compute the hashes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg

from ...ddl.event_log import texts
from ...ddl.events import Told
from ...ddl.sqltext import quote, render
from ...settings import Schemas

_BODY = re.compile(r"AS \$function\$(.*?)\$function\$", re.DOTALL)
_FUNCTIONS = {"event_hash": "event_hash", "log_event": "log_event", "event_log_guard": "refuse_event_rewrite"}
# ROW 1, BEFORE 2, DELETE 8, UPDATE 16, TRUNCATE 32: a statement trigger before the three of them.
_REFUSES = 2 + 8 + 16 + 32


def look(connection: psycopg.Connection[Any], names: Schemas) -> Iterator[Told]:
    """What was switched off or exchanged; nothing where all of it is as this package made it."""
    row = connection.execute(
        "SELECT t.tgenabled, t.tgtype::int, p.proname FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid"
        " WHERE t.tgrelid = to_regclass(%s) AND t.tgname = 'event_log_append_only'",
        (f"{quote(names.control)}.event_log",),
    ).fetchone()
    if row != ("A", _REFUSES, "refuse_event_rewrite"):
        state = "is missing" if row is None else "is switched off" if row[0] != "A" else "was exchanged"
        yield Told("guard", "event_log_append_only", f"the trigger that refuses changes of the log {state}",
                   f"ALTER TABLE {names.control}.event_log ENABLE ALWAYS TRIGGER event_log_append_only")  # fmt: skip
    for name, function in _FUNCTIONS.items():
        found = _BODY.search(render(texts()[name], names))
        source = connection.execute(
            "SELECT p.prosrc FROM pg_proc AS p WHERE p.proname = %s AND p.pronamespace = to_regnamespace(%s)",
            (function, quote(names.control)),
        ).fetchall()
        if found is None or source != [(found.group(1),)]:
            yield Told("guard", function, f"function {function} is not as this version makes it",
                       "make it anew from the file of that name in sql/control, then verify again")  # fmt: skip

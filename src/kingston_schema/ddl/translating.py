"""Errors of the server during a run, as ours."""

from __future__ import annotations

import psycopg
from sqlalchemy.exc import DBAPIError

from .. import db
from ..errors import BusyError, OutcomeUnknown, RefusedError


def translated(error: BaseException, url: str, silence: str = "") -> BaseException:
    """Server errors as ours: what, why, next; anything unexpected stays what it is.

    ``silence``: why the heartbeat cut the connections, when it did.
    """
    error = db.underlying(error)
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.Error):
        return error
    if silence:
        return OutcomeUnknown(
            f"{silence}; the connections to database {db.describe(url)} were cut",
            fix="see that the server runs and can be reached, then run the same command again: it finds out what was done",
        )
    said = [part for part in (original.diag.message_primary, original.diag.message_detail) if part]
    hint = original.diag.message_hint or "run the same command again"
    if original.sqlstate in ("KS003", "23514"):  # our own refusals, and rows that break a rule
        return RefusedError("\n  ".join(said), fix=hint)
    if original.sqlstate in ("55P03", "KS004"):
        # The server's own message names neither what it waited for nor where; the lines below it do.
        if len(said) == 1 and original.diag.context:
            said.append("while: " + original.diag.context.splitlines()[0])
        elif len(said) == 1 and isinstance(error, DBAPIError) and error.statement:
            said.append("while: " + " ".join(error.statement.split())[:120])
        return BusyError("\n  ".join(said), fix=hint)
    return db.translate(original, url) or error

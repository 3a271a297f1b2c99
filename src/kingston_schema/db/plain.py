"""Errors of the server in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from ..errors import (
    BusyError,
    DamagedError,
    DiskFull,
    KingstonError,
    OutcomeUnknown,
    RefusedError,
    UnreachableError,
)
from .which import describe


@contextmanager
def plain_errors(url: str) -> Iterator[None]:
    """Turn database errors inside the block into ours."""
    try:
        yield
    except (psycopg.Error, sa.exc.SQLAlchemyError) as error:
        cause = underlying(error)
        if isinstance(cause, (KeyboardInterrupt, KingstonError)):
            raise cause from error
        known = translate(cause, url)
        if known is None:
            raise
        raise known from error


def underlying(error: BaseException) -> BaseException:
    """What really happened.

    Leaving Alembic's autocommit block after the connection was cut (an interrupt does that, too) raises
    PendingRollbackError, which hides the error or the KeyboardInterrupt behind it.
    """
    seen: BaseException | None = error
    while isinstance(seen, sa.exc.InvalidRequestError):
        seen = seen.__cause__ or seen.__context__
    return seen or error


def translate(error: BaseException, url: str) -> KingstonError | None:
    """The error of ours that a database error amounts to; None for one we do not expect."""
    if isinstance(error, sa.exc.DBAPIError) and isinstance(error.orig, BaseException):
        error = error.orig
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    said = " ".join(str(error).split())
    where = describe(url)
    if state == "53100" or error.diag.message_hint == "Check free disk space.":
        return DiskFull(
            f"database {where}: the disk of the server is full: {said}; nothing is lost",
            fix="make room there, then run the same command again",
        )
    if state in ("XX001", "XX002"):
        return DamagedError(
            f"database {where}: the server finds its data damaged: {said}",
            fix="stop writing; kingston checkpoint list names proven backups, and amcheck tells what else is damaged",
        )
    if state in ("55P03", "57014", "40P01", "40001"):
        return BusyError(f"database {where}: {said}", fix="run the same command again; it is safe")
    if state == "42501":
        return RefusedError(
            f"database {where}: missing privilege: {said}",
            fix="connect as the owner of the portal's schema, or have the privilege granted",
        )
    if state == "25006":
        return RefusedError(f"database {where} is read-only: {said}", fix="connect to the primary server")
    if isinstance(error, psycopg.OperationalError) and (not state or state in ("57P01", "57P02")):
        if state or _was_connected(error):
            return OutcomeUnknown(
                f"the connection to database {where} was lost: {said}",
                fix="kingston status shows what was done",
            )
        return UnreachableError(f"database {where} cannot be reached: {said}", fix=_reach(said))
    if state[:2] in ("08", "28", "3D", "53") or state == "57P03":
        return UnreachableError(f"database {where}: {said}", fix=_reach(said))
    return None


def _was_connected(error: psycopg.Error) -> bool:
    said = str(error)
    return (
        "server closed the connection" in said or "connection is lost" in said or "terminating conn" in said
    )


def _reach(said: str) -> str:
    if "does not exist" in said and "database" in said:
        return "create the database, or correct the name in the URL"
    if "authentication failed" in said or "no password" in said or "role" in said:
        return "correct user or password in the URL (or ~/.pgpass)"
    return "check that the server runs and that host and port are right: pg_isready -d <url>"

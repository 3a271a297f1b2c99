"""``op.create_index_online`` and ``op.drop_index_online``: concurrently, journaled, never a blind IF NOT EXISTS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import RefusedError
from .registry import operation
from .sqltext import emit, literal, outside_transaction, quote

BUILDING = "__building"


@operation
def create_index_online(
    operations: Any,
    name: str,
    table: str,
    keys: Sequence[str],
    *,
    unique: bool = False,
    using: str = "btree",
    where: str | None = None,
    include: Sequence[str] = (),
) -> None:
    """Build index ``name`` without blocking writers and publish it by rename.

    ``keys`` are SQL fragments (a column, ``"updated_at DESC"``, a bracketed expression).  The index is
    built under a temporary name that the journal knows; an invalid leftover of a crash is dropped and
    built again; a valid index of that name that is not ours is refused, never taken for ours.
    """
    statement = (
        f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {quote(_building(name))} ON {quote(table)}"
        f" USING {using} ({', '.join(keys)})"
        + (f" INCLUDE ({', '.join(quote(column) for column in include)})" if include else "")
        + (f" WHERE {where}" if where else "")
    )
    with outside_transaction(operations):
        if _already_published(operations, name, table):
            return
        emit(operations, f"DROP INDEX CONCURRENTLY IF EXISTS {quote(_building(name))}")
        emit(
            operations,
            f"SELECT @control@.index_intended({literal(name)}, {literal(table)}, {literal(statement)})",
        )
        emit(operations, "SET lock_timeout = 0")  # waiting for old snapshots blocks nobody
        emit(operations, statement)
        emit(operations, f"SELECT @control@.index_published({literal(name)}, {literal(_building(name))})")
        emit(
            operations, "RESET lock_timeout" if operations.get_context().as_sql else _lock_timeout(operations)
        )


@operation
def drop_index_online(operations: Any, name: str) -> None:
    """Drop index ``name`` concurrently and forget it in the journal."""
    with outside_transaction(operations):
        emit(operations, f"DROP INDEX CONCURRENTLY IF EXISTS {quote(name)}")
        emit(operations, f"SELECT @control@.index_dropped({literal(name)})")


def _building(name: str) -> str:
    return name[: 63 - len(BUILDING)] + BUILDING


def _lock_timeout(operations: Any) -> str:
    from .run import LOCK_TIMEOUT

    return f"SET lock_timeout = '{LOCK_TIMEOUT}'"


def _already_published(operations: Any, name: str, table: str) -> bool:
    """Online only: whether the index is there, valid, and the journal knows it as ours."""
    if operations.get_context().as_sql:
        return False
    state = emit(operations, f"SELECT @control@.index_state({literal(name)}, {literal(table)})").scalar()
    if state == "foreign":
        raise RefusedError(
            f'an index "{name}" exists already and was not made by this package',
            fix=f"compare it, then: DROP INDEX CONCURRENTLY {quote(name)}; and run the same command again",
            obj=name,
        )
    return bool(state == "published")

"""``op.create_index_online`` and ``op.drop_index_online``: concurrently, journaled, never a blind IF NOT EXISTS."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import RefusedError
from .attempts import ATTEMPT, SCRIPT, announced
from .registry import operation
from .sqltext import context_schemas, emit, literal, outside_transaction, quote, run_of

BUILDING = "__building"
_PATIENT = (
    "SELECT set_config('lock_timeout',"
    " coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false)"
)


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

    The build waits for transactions that are older than it, which blocks nobody: at most
    ``kingston.snapshot_wait_seconds`` (600) for each, and they are named meanwhile.  Then BusyError.
    """
    half = building(name)
    statement = (
        f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {quote(half)} ON {quote(table)}"
        f" USING {using} ({', '.join(keys)})"
        + (f" INCLUDE ({', '.join(quote(column) for column in include)})" if include else "")
        + (f" WHERE {where}" if where else "")
    )
    with outside_transaction(operations):
        state = _state(operations, name, table, half, statement)
        if state == "published":
            return
        if state != "built":
            intended = f"{literal(name)}, {literal(table)}, {literal(statement)}"
            with _waiting(operations, f"building {name}"):
                if state == "leftover":
                    _drop(operations, name)
                _drop(operations, half)
                emit(operations, f"SELECT @control@.index_intended({intended})")
                emit(operations, statement, once=True)
        emit(operations, f"SELECT @control@.index_published({literal(name)}, {literal(half)})")


@operation
def drop_index_online(operations: Any, name: str) -> None:
    """Drop index ``name`` concurrently and forget it in the journal; waits as a build does."""
    with outside_transaction(operations):
        with _waiting(operations, f"dropping {name}"):
            _drop(operations, name)
        emit(operations, f"SELECT @control@.index_dropped({literal(name)})")


def _drop(operations: Any, name: str) -> None:
    emit(operations, f"DROP INDEX CONCURRENTLY IF EXISTS {quote(name)}", once=True)


@contextlib.contextmanager
def _waiting(operations: Any, what: str) -> Iterator[None]:
    """Wait for old transactions as long as the setting allows; afterwards lock attempts are short again."""
    context = operations.get_context()
    emit(operations, _PATIENT)
    if context.as_sql:
        yield
    else:
        with announced(run_of(operations), context.connection, context_schemas(operations).control, what):
            yield
    emit(operations, f"SET lock_timeout = '{SCRIPT if context.as_sql else ATTEMPT}'")


def building(name: str) -> str:
    """The temporary name of index ``name`` while it is built."""
    return name[: 63 - len(BUILDING)] + BUILDING


def _state(operations: Any, name: str, table: str, half: str, statement: str) -> str:
    """Online only: what there is of the index; see sql/control/index_state.sql."""
    if operations.get_context().as_sql:
        return "absent"
    arguments = ", ".join(literal(value) for value in (name, table, half, statement))
    state = emit(operations, f"SELECT @control@.index_state({arguments})").scalar()
    if state == "foreign":
        raise RefusedError(
            f'an index "{name}" exists already and was not made by this package',
            fix=f"compare it, then: DROP INDEX CONCURRENTLY {quote(name)}; and run the same command again",
            obj=name,
        )
    return str(state)

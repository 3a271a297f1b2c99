"""``op.run_sql`` and ``op.drop_sql``: functions, triggers, views and seeds from their frozen texts."""

from __future__ import annotations

from typing import Any

from .locks import short_transaction, take_locks
from .registry import operation
from .sqltext import SqlObject, emit, frozen, literal, quote

# Objects made before the control schema exists have nowhere to keep their grants.
_FIRST_WITH_CONTROL = "0010"


def _kept(operations: Any, name: str, version: str) -> list[str]:
    """What the journal keeps: with the kind, the table and the names, so that it can be looked for afterwards."""
    item = frozen(operations, name, version)
    return [name, version, item.kind.removesuffix("s"), item.table, *item.names]


@operation(describe=_kept)
def run_sql(operations: Any, name: str, version: str) -> None:
    """Run ``alembic/sql/<name>/<version>.sql``; a grant kept when the object was last dropped comes back."""
    item = frozen(operations, name, version)
    if item.kind in ("trigger", "triggers"):
        with short_transaction(operations):
            take_locks(operations, [item.table], "SHARE ROW EXCLUSIVE")
            emit(operations, item.text, once=True)
        return
    emit(operations, item.text)
    if version > _FIRST_WITH_CONTROL and item.kind in _GRANTABLE:
        emit(operations, f"SELECT @control@.give_back_grants({literal(item.kind)}, {literal(item.identity)})")


@operation(describe=_kept)
def drop_sql(operations: Any, name: str, version: str) -> None:
    """Drop what ``alembic/sql/<name>/<version>.sql`` made; its grants are kept for the way up."""
    item = frozen(operations, name, version)
    if item.kind in _GRANTABLE and version > _FIRST_WITH_CONTROL:
        emit(operations, f"SELECT @control@.keep_grants({literal(item.kind)}, {literal(item.identity)})")
    if item.kind in ("trigger", "triggers"):
        with short_transaction(operations):
            take_locks(operations, [item.table])
            emit(operations, drop_statement(item), once=True)
    elif item.kind == "view" and version > _FIRST_WITH_CONTROL:
        with short_transaction(operations):
            emit(operations, f"SELECT @control@.drop_view({literal(item.identity)})", once=True)
    else:
        emit(operations, drop_statement(item))


_GRANTABLE = ("function", "procedure", "view", "materialized view")


def drop_statement(item: SqlObject) -> str:
    """The statement that undoes a header; IF EXISTS, so that a repeated downgrade goes on."""
    if item.kind in ("trigger", "triggers"):
        table = quote(item.table)
        return "\n".join(f"DROP TRIGGER IF EXISTS {quote(name)} ON {table};" for name in item.names)
    return f"DROP {item.kind.upper()} IF EXISTS {item.identity};"

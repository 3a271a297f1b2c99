"""What happens at a flush and at a bulk insert: ids are drawn first, then values are sealed for their row."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from ..errors import SecretRefused
from . import registry
from .keyring import ENCRYPTION
from .types import VAULT, Pending, Secret, secrets_of

DRAW = "SELECT nextval(pg_get_serial_sequence(:table, :key)) FROM generate_series(1, :number)"


def attach(vault: Any, sessions: Any) -> None:
    """Give sessions a vault; a second one takes the place of the first."""
    if isinstance(sessions, sessionmaker):
        known = VAULT in (sessions.kw.get("info") or {})
        sessions.configure(info={**(sessions.kw.get("info") or {}), VAULT: vault})
    elif isinstance(sessions, Session):
        known = VAULT in sessions.info
        sessions.info[VAULT] = vault
    else:
        raise TypeError("attach() takes a sessionmaker or a Session")
    if not known:
        event.listen(sessions, "before_flush", seal_pending)
        event.listen(sessions, "do_orm_execute", seal_bulk)


def seal_pending(session: Session, context: Any, instances: Any) -> None:
    """Before a flush: every pending value of every row becomes ciphertext bound to the row's id."""
    waiting = [
        (row, secret)
        for row in (*session.new, *session.dirty)
        for secret in secrets_of(type(row))
        if isinstance(row.__dict__.get(secret.stored), Pending)
    ]
    if not waiting:
        return
    vault = session.info[VAULT]
    key = _begin(session, vault, type(waiting[0][0]))
    _draw_ids(session, [row for row, _ in waiting])
    for row, secret in waiting:
        plain = row.__dict__[secret.stored].plain
        made = secret.columns(vault.sealed(secret.field, getattr(row, secret.field.key), plain, key))
        if secret.stored not in made:  # in plain, by permission: nothing is left to encrypt
            made |= {name: None for name in (secret.stored, secret.field.index) if name}
        for name, value in made.items():
            setattr(row, name, value)


def seal_bulk(state: ORMExecuteState) -> Any:
    """``session.execute(insert(Model), [{…}, …])``, and update: the sensitive keys of each dictionary are sealed."""
    mapper = state.bind_mapper
    if mapper is None or not (state.is_insert or state.is_update):
        return None
    secrets = secrets_of(mapper.class_)
    given = state.parameters
    rows: list[dict[str, Any]] = [given] if isinstance(given, dict) else list(given or ())  # type: ignore[arg-type]
    if not secrets or not any(secret.name in row for row in rows for secret in secrets):
        return None
    vault = state.session.info[VAULT]
    key = _begin(state.session, vault, mapper.class_)
    name = secrets[0].field.key
    missing = [row for row in rows if row.get(name) is None]
    if missing and (state.is_update or secrets[0].field.key != "id"):
        raise SecretRefused(f"a sensitive value is bound to its row: every dictionary needs {name}")
    drawn = iter(_drawn(state.session, mapper.class_, secrets[0], len(missing)))
    state.parameters = [
        _sealed_row({**row, name: row.get(name) or next(drawn)}, secrets, vault, key) for row in rows
    ]
    return state.invoke_statement()


def _sealed_row(row: dict[str, Any], secrets: list[Secret], vault: Any, key: Any) -> dict[str, Any]:
    for secret in secrets:
        if secret.name in row:
            plain = row.pop(secret.name)
            row[secret.stored] = None
            if plain is not None:
                sealed = vault.sealed(secret.field, row[secret.field.key], secret.checked(plain), key)
                row |= secret.columns(sealed)
    return row


def _begin(session: Session, vault: Any, model: type) -> Any:
    """Share the fence until the transaction ends, then look which key is active; in this order no write is late."""
    session.connection(bind_arguments={"mapper": sa.inspect(model)}).execute(sa.text(registry.SHARED))
    vault.refresh()
    return vault.active(ENCRYPTION)


def _draw_ids(session: Session, rows: list[Any]) -> None:
    """Give new rows their ids, one statement per table; the secrets of a client group take its group's."""
    unborn: dict[type, dict[int, Any]] = {}
    for row in rows:
        (secret, *_) = secrets_of(type(row))
        if getattr(row, secret.field.key) is not None:
            continue
        target = row if secret.field.key == "id" else row.client_group
        if target is None:
            raise SecretRefused(f"a row of {secret.field.table} needs its client group before its secrets")
        if target.id is None:
            unborn.setdefault(type(target), {})[id(target)] = target
    for model, found in unborn.items():
        ids = _next(session, model, len(found))
        for target, number in zip(found.values(), ids, strict=True):
            target.id = number
    for row in rows:
        (secret, *_) = secrets_of(type(row))
        if getattr(row, secret.field.key) is None:
            setattr(row, secret.field.key, row.client_group.id)


def _drawn(session: Session, model: type, secret: Secret, number: int) -> list[int]:
    return _next(session, model, number) if number else []


def _next(session: Session, model: type, number: int) -> list[int]:
    mapper: Any = sa.inspect(model)
    given = {"table": mapper.local_table.name, "key": "id", "number": number}
    connection = session.connection(bind_arguments={"mapper": mapper})
    return [row[0] for row in connection.execute(sa.text(DRAW), given)]

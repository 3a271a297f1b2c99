"""Plain values in Python, ciphertext in SQL: the column type and the properties that the models use."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session
from sqlalchemy.types import TypeDecorator

from ..errors import SecretRefused
from .envelope import is_envelope
from .fields import Field

VAULT = "kingston vault"
NUMBER = re.compile(r"\+?[0-9 ().-]{7,25}")


class Pending:
    """A plain value that waits for the flush, where its row's id is known.  Never printed, never bound."""

    __slots__ = ("plain",)

    def __init__(self, plain: str) -> None:
        self.plain = plain

    def __repr__(self) -> str:
        return "<hidden>"


class Allowed(str):
    """A plain value that the vault lets through: encryption is off, or the column is the portal's own."""

    __slots__ = ()


class Ciphertext(TypeDecorator[Any]):
    """Text that is sent only as ciphertext: any other value is refused before there is a statement to send."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """NULL, the empty text, envelopes and what the vault allowed; raises SecretRefused for all else."""
        if value is None or isinstance(value, Allowed):
            return value
        if isinstance(value, str) and (value == "" or is_envelope(value)):
            return value
        raise SecretRefused(
            "a sensitive value would have been sent in plain: this session has no vault, or the statement goes round it",
            fix="open_vault(url).attach(sessionmaker); see docs/howto/encrypt_sensitive_fields.md",
        )


class Secret:
    """A property with the plain value of one encrypted column; on the class it is the column, with its ciphertext."""

    def __init__(self, field: Field, stored: str) -> None:
        self.field = field
        self.stored = stored

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        SECRETS.setdefault(owner, []).append(self)

    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return getattr(owner, self.stored)
        value = getattr(row, self.stored)
        if isinstance(value, Pending):
            return value.plain
        return value if not value else self.revealed(row, value)

    def __set__(self, row: Any, value: str | None) -> None:
        setattr(row, self.stored, None if value is None else Pending(self.checked(value)))

    def checked(self, value: Any) -> str:
        """The value, if it can be one; no message repeats it."""
        if not isinstance(value, str):
            raise SecretRefused(f"{self.field.label} takes a text, not {type(value).__name__}")
        return value

    def revealed(self, row: Any, stored: str) -> str:
        """What the vault of the row's session makes of it."""
        identity = sa.inspect(row).identity
        session = object_session(row)
        if session is None or identity is None:
            raise SecretRefused(f"{self.field.label} is read in a session only: this row belongs to none")
        return vault_of(session).reveal(self.field, [(identity[0], stored)])[0]

    def columns(self, values: dict[str, str | None]) -> dict[str, Any]:
        """What the vault returned, by attribute of the model."""
        return {
            self.stored if name == self.field.column else name: Allowed(text)
            if name == self.field.column and text is not None and not is_envelope(text)
            else text
            for name, text in values.items()
        }


class PhoneSecret(Secret):
    """The number of a telephone: masked in its own column, encrypted beside it, found through the blind index."""

    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return NumberSearch(owner, self)
        if getattr(row, self.stored) is None and row.phone_number:
            return self.revealed(row, row.phone_number)
        return super().__get__(row, owner)

    def checked(self, value: Any) -> str:
        """Raises SecretRefused for a text that validate_phone_number would not take."""
        digits = len(re.sub(r"[^0-9]", "", value)) if isinstance(value, str) else 0
        if not isinstance(value, str) or not NUMBER.fullmatch(value) or not 7 <= digits <= 15:
            raise SecretRefused(
                "that is no telephone number: an optional +, digits with separators, 7 to 15 digits in 25 characters"
            )
        return value

    def __set__(self, row: Any, value: str | None) -> None:
        super().__set__(row, self.checked(value))


class NumberSearch:
    """``ProductOwnerPhone.number`` in a query."""

    def __init__(self, owner: Any, secret: PhoneSecret) -> None:
        self._index = getattr(owner, str(secret.field.index))

    def equals(self, session: Session, number: str) -> sa.ColumnElement[bool]:
        """The condition that a row has this number, in whatever writing; the statement carries blind indexes only.

        Numbers that are not encrypted yet are not found.
        """
        return self._index.in_(vault_of(session).indexes(number))  # type: ignore[no-any-return]


SECRETS: dict[type, list[Secret]] = {}


def secrets_of(model: type) -> list[Secret]:
    """The sensitive properties of a model."""
    return [secret for base in model.__mro__ for secret in SECRETS.get(base, ())]


def vault_of(session: Any) -> Any:
    """The vault attached to a session; raises SecretRefused when there is none."""
    vault = session.info.get(VAULT)
    if vault is None:
        raise SecretRefused(
            "this session has no vault", fix="open_vault(url).attach(sessionmaker) before the session is made"
        )
    return vault

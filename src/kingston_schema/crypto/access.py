"""Who reads secrets, and why: said once around the work, written to the ledger with every value."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ..errors import SecretRefused


@dataclass(frozen=True)
class Access:
    """``actor`` as the application knows them (at most 100 characters), ``purpose`` in words."""

    actor: str
    purpose: str
    correlation_id: str
    client_ip: str | None = None
    user_agent: str | None = None


_current: ContextVar[Access | None] = ContextVar("kingston_access", default=None)


@contextmanager
def access(
    actor: str, purpose: str, correlation_id: str = "", *, client_ip: str | None = None, user_agent: str | None = None
) -> Iterator[Access]:  # fmt: skip
    """Inside the block secrets can be read, by ``actor`` for ``purpose``; each thread and task says its own.

    Without a correlation id one is made.  Raises SecretRefused for an empty actor or purpose.
    """
    if not actor.strip() or not purpose.strip():
        raise SecretRefused(
            "reading a secret needs an actor and a purpose", fix='with access(actor="r.jones", purpose="annual review"):'
        )  # fmt: skip
    said = Access(actor.strip()[:100], purpose, correlation_id or str(uuid.uuid4()), client_ip, user_agent)
    token = _current.set(said)
    try:
        yield said
    finally:
        _current.reset(token)


def current() -> Access:
    """Who reads now.  Raises SecretRefused outside an access() block."""
    said = _current.get()
    if said is None:
        raise SecretRefused(
            "nobody said who reads this secret and why",
            fix='with access(actor="r.jones", purpose="annual review"):',
        )
    return said

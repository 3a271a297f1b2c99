"""Connecting: which database is meant, engines and connections with our settings, errors in plain words.

No password is ever printed: messages name host, port and database only.
"""

from .connecting import connect, engine, require_version
from .plain import plain_errors, translate, underlying
from .which import describe, parse, resolve_url

__all__ = [
    "connect",
    "describe",
    "engine",
    "parse",
    "plain_errors",
    "require_version",
    "resolve_url",
    "translate",
    "underlying",
]

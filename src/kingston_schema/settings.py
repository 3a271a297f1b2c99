"""Where things are: the database URL, the application schema and its two bookkeeping schemas.

Nothing here connects to anything.  Order of precedence for the URL: explicit (``--url``, ``-x url=``),
then ``DATABASE_URL``, then the embedded PostgreSQL under ``.kingston/``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError

DEFAULT_SCHEMA = "public"
MINIMUM_SERVER = 150000
# A PostgreSQL identifier has at most 63 bytes; the longest suffix below is "_kingston_archive".
_SCHEMA = re.compile(r"[a-z_][a-z0-9_$]{0,44}\Z")
_SCHEMES = re.compile(r"\A(?:postgres|postgresql)(?:\+psycopg)?://")


@dataclass(frozen=True)
class Schemas:
    """The application schema and the two schemas of our own beside it."""

    application: str = DEFAULT_SCHEMA

    @property
    def control(self) -> str:
        """Bookkeeping that survives every downgrade (ledger, archive register, journal)."""
        return "kingston" if self.application == DEFAULT_SCHEMA else f"{self.application}_kingston"

    @property
    def option(self) -> str:
        """What a command line needs to mean this portal; empty for the default."""
        return "" if self.application == DEFAULT_SCHEMA else f" --schema {self.application}"

    @property
    def archive(self) -> str:
        """Where tables and values rest that a downgrade took out of the application schema."""
        return f"{self.control}_archive"


def schemas(name: str | None = None) -> Schemas:
    """The schemas of portal ``name`` (default ``public``).

    Raises UsageError for a name that is not a plain lower-case identifier of at most 45 characters.
    """
    chosen = name or os.environ.get("KINGSTON_SCHEMA") or DEFAULT_SCHEMA
    if not _SCHEMA.match(chosen) or chosen.startswith("pg_"):
        raise UsageError(
            f'"{chosen}" cannot be the schema of a portal: a lower-case identifier of at most 45 characters is needed',
            fix="alembic -x schema=firm_a …",
        )
    return Schemas(chosen)


def normalise_url(url: str) -> str:
    """``postgres://…`` and ``postgresql://…`` as SQLAlchemy's ``postgresql+psycopg://…``.

    Raises UsageError for any other scheme; the message never repeats the URL (it may hold a password).
    """
    if not _SCHEMES.match(url):
        scheme = url.split(":", 1)[0] if ":" in url else ""
        raise UsageError(
            f'the database URL has the scheme "{scheme}"; only postgresql:// (or postgres://) is understood',
            fix="export DATABASE_URL=postgresql://user@host/dbname",
        )
    return _SCHEMES.sub("postgresql+psycopg://", url)


def libpq_url(url: str) -> str:
    """The same URL as libpq and psycopg want it: ``postgresql://…``."""
    return _SCHEMES.sub("postgresql://", normalise_url(url))


def environment_url() -> str | None:
    """DATABASE_URL, normalised; None when it is not set."""
    value = os.environ.get("DATABASE_URL", "").strip()
    return normalise_url(value) if value else None


def checkout() -> Path | None:
    """The folder with ``alembic.ini`` that this package was installed from; None for an installed wheel."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "alembic.ini").is_file() and (folder / "alembic" / "env.py").is_file():
            return folder
    return None


def history_folder() -> Path:
    """Where the revisions stand: ``alembic/`` of the checkout, or the copy that the wheel carries."""
    found = checkout()
    return found / "alembic" if found else Path(__file__).resolve().parent / "_history"


def state_folder() -> Path:
    """``.kingston/`` of the checkout (of the current folder, for an installed wheel): the embedded server's data."""
    return Path(os.environ.get("KINGSTON_HOME") or (checkout() or Path.cwd()) / ".kingston")

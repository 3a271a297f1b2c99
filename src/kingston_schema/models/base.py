"""What every model stands on: ``Base``, its ``metadata``, and the columns that all Phase 1 tables share.

There is no naming convention: every constraint and index carries its literal name, because production has
them already and one foreign-key name fills PostgreSQL's 63 characters.  No schema is named either: tables
are found through the search path, so that several portals can live in one database.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, inspect, text
from sqlalchemy.orm import DeclarativeBase, mapped_column


class Base(DeclarativeBase):
    """Base of all models."""

    def __repr__(self) -> str:
        """Class and primary key only: nothing sensitive ends up in a log."""
        identity = inspect(self).identity or ("(not saved)",)
        return f"<{type(self).__name__} {', '.join(map(str, identity))}>"


metadata = Base.metadata

# Generated *by default*: the portal's bulk insert reserves ids from the sequence and writes them itself.
LegacyId = Annotated[int, mapped_column(BigInteger, Identity(always=False))]

# The start of the transaction that wrote the row.
CreatedAt = Annotated[dt.datetime, mapped_column(DateTime(timezone=True), server_default=text("now()"))]

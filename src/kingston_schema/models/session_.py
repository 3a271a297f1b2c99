"""Login sessions of the portal (not SQLAlchemy's, hence the names)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .profile import Profile


class UserSession(Base):
    """A login session; the portal makes the key (a UUID as text)."""

    __tablename__ = "session"
    __table_args__ = (
        PrimaryKeyConstraint("session_id", name="session_pkey"),
        Index("idx_session_expires_at", "expires_at"),
        Index("idx_session_profiles_id", "profiles_id"),
    )

    session_id: Mapped[str] = mapped_column(Text)
    profiles_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("profiles.id", name="session_profiles_id_fkey", ondelete="CASCADE")
    )
    expires_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=text("CURRENT_TIMESTAMP")
    )
    # An ISO time stamp as text, written by the portal.
    last_activity: Mapped[str | None] = mapped_column(Text)

    profile: Mapped[Profile | None] = relationship(back_populates="sessions")

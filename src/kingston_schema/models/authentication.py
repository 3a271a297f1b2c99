"""Password credentials of application users."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .profile import Profile


class Authentication(Base):
    """Credentials of a profile: one row each is expected, nothing enforces it."""

    __tablename__ = "authentication"
    __table_args__ = (
        PrimaryKeyConstraint("auth_id", name="authentication_pkey"),
        Index("idx_authentication_profiles_id", "profiles_id"),
    )

    auth_id: Mapped[LegacyId]
    created_at: Mapped[CreatedAt]
    password_hash: Mapped[str | None] = mapped_column(Text)
    profiles_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("profiles.id", name="authentication_profiles_id_fkey", ondelete="CASCADE")
    )
    # An ISO time stamp as text, written by the portal's login.
    last_login: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=text("CURRENT_TIMESTAMP")
    )

    profile: Mapped[Profile | None] = relationship(back_populates="authentications")

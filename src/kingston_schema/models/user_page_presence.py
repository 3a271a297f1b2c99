"""Who is looking at which page right now."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, LegacyId

if TYPE_CHECKING:
    from .profile import Profile


class UserPagePresence(Base):
    """A user on a page: transient, removed by the portal two minutes after ``last_seen``."""

    __tablename__ = "user_page_presence"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="user_page_presence_pkey"),
        UniqueConstraint("user_id", "page_identifier", name="user_page_presence_user_id_page_identifier_key"),
        Index("idx_user_page_presence_last_seen", "last_seen"),
        Index("idx_user_page_presence_page", "page_identifier"),
        Index("idx_user_page_presence_user_page", "user_id", "page_identifier"),
    )

    id: Mapped[LegacyId]
    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("profiles.id", name="user_page_presence_user_id_fkey", ondelete="CASCADE")
    )
    page_identifier: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
    )
    last_seen: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
    )
    user_info: Mapped[dict[str, Any] | None] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))

    profile: Mapped[Profile] = relationship(back_populates="page_presences")

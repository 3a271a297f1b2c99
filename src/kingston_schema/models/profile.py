"""Application users: advisers and staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .authentication import Authentication
    from .client_group import ClientGroup
    from .session_ import UserSession
    from .user_page_presence import UserPagePresence


class Profile(Base):
    """An application user.  That ``email`` is unique is checked by the portal only."""

    __tablename__ = "profiles"
    __table_args__ = (PrimaryKeyConstraint("id", name="profiles_pkey"),)

    id: Mapped[LegacyId]
    created_at: Mapped[CreatedAt]
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    profile_picture_url: Mapped[str | None] = mapped_column(
        Text, server_default=text("'/images/Companylogo2.png'::text")
    )
    preferred_client_view: Mapped[str | None] = mapped_column(Text, server_default=text("'list'::text"))
    preferred_landing_page: Mapped[str | None] = mapped_column(Text, server_default=text("'/'::text"))

    authentications: Mapped[list[Authentication]] = relationship(
        back_populates="profile", cascade="all, delete-orphan", passive_deletes=True
    )
    sessions: Mapped[list[UserSession]] = relationship(
        back_populates="profile", cascade="all, delete-orphan", passive_deletes=True
    )
    page_presences: Mapped[list[UserPagePresence]] = relationship(
        back_populates="profile", cascade="all, delete-orphan", passive_deletes=True
    )
    advised_client_groups: Mapped[list[ClientGroup]] = relationship(
        primaryjoin="foreign(ClientGroup.advisor_id) == Profile.id", viewonly=True
    )

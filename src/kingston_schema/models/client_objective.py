"""What a client group wants to reach (revision phase_2_objectives_actions)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .client_group import ClientGroup
    from .profile import Profile


class ClientObjective(Base):
    """An objective with priority 1 (highest) to 5 and progress in per cent; achieved means 100."""

    __tablename__ = "client_objectives"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="client_objectives_pkey"),
        sa.CheckConstraint("length(btrim(title)) > 0", name="title_not_empty"),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name="client_objectives_priority_check"),
        sa.CheckConstraint(
            "status IN ('active', 'achieved', 'modified', 'cancelled')", name="client_objectives_status_check"
        ),
        sa.CheckConstraint(
            "progress_percentage BETWEEN 0 AND 100", name="client_objectives_progress_percentage_check"
        ),
        sa.CheckConstraint("status <> 'achieved' OR progress_percentage = 100", name="achieved_is_complete"),
        sa.Index(
            "idx_client_objectives_client_group",
            "client_group_id",
            postgresql_include=["status", "updated_at"],
        ),
        sa.Index(
            "idx_client_objectives_status",
            "client_group_id",
            "target_date",
            postgresql_where=sa.text("status = 'active'"),
        ),
        sa.Index(
            "idx_client_objectives_priority",
            "priority",
            "target_date",
            postgresql_where=sa.text("status = 'active'"),
        ),
        sa.Index(
            "idx_client_objectives_target_date", "target_date", postgresql_where=sa.text("status = 'active'")
        ),
        {"comment": "What a client group wants to reach; the steps towards it are client_actions"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("client_groups.id", name="fk_client_objectives_client_group", ondelete="CASCADE"),
    )
    title: Mapped[str] = mapped_column(sa.String(255))
    description: Mapped[str | None] = mapped_column(sa.Text)
    target_date: Mapped[dt.date | None] = mapped_column(sa.Date)
    priority: Mapped[int | None] = mapped_column(sa.Integer, comment="1 (highest) to 5")
    status: Mapped[str] = mapped_column(sa.String(20), server_default=sa.text("'active'"))
    progress_percentage: Mapped[int] = mapped_column(sa.Integer, server_default=sa.text("0"))
    created_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )
    created_by: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("profiles.id", name="fk_client_objectives_creator", ondelete="RESTRICT")
    )

    client_group: Mapped[ClientGroup] = relationship(back_populates="objectives")
    creator: Mapped[Profile] = relationship()

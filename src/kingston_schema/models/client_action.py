"""Things to do for a client group (revision phase_2_objectives_actions)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .client_group import ClientGroup
    from .profile import Profile


class ClientAction(Base):
    """Something the advisor or the client has to do.

    ``status`` goes from outstanding to completed or cancelled and back to outstanding when reopened
    (validate_action_state_transition).  ``completed_at`` is there exactly when it is completed; the
    database sets and clears it when the status changes.
    """

    __tablename__ = "client_actions"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="client_actions_pkey"),
        sa.CheckConstraint("length(btrim(action_name)) > 0", name="action_name_not_empty"),
        sa.CheckConstraint("owner IN ('advisor', 'client')", name="client_actions_owner_check"),
        sa.CheckConstraint(
            "status IN ('outstanding', 'completed', 'cancelled')", name="client_actions_status_check"
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)", name="completed_status_logic"
        ),
        sa.Index(
            "idx_client_actions_client_group",
            "client_group_id",
            postgresql_include=["status", "active", "updated_at"],
        ),
        sa.Index(
            "idx_client_actions_status",
            "client_group_id",
            "target_date",
            postgresql_where=sa.text("status = 'outstanding'"),
        ),
        sa.Index(
            "idx_client_actions_owner",
            "owner",
            "target_date",
            postgresql_where=sa.text("status = 'outstanding'"),
        ),
        sa.Index("idx_client_actions_active", "client_group_id", postgresql_where=sa.text("NOT active")),
        sa.Index(
            "idx_client_actions_target_date",
            "target_date",
            postgresql_where=sa.text("status = 'outstanding'"),
        ),
        {"comment": "Things to do for a client group, by the advisor or by the client"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("client_groups.id", name="fk_client_actions_client_group", ondelete="CASCADE"),
    )
    action_name: Mapped[str] = mapped_column(sa.String(255))
    description: Mapped[str | None] = mapped_column(sa.Text)
    owner: Mapped[str] = mapped_column(sa.String(20), comment="Who has to act: advisor or client")
    status: Mapped[str] = mapped_column(sa.String(20), server_default=sa.text("'outstanding'"))
    active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.text("true"))
    target_date: Mapped[dt.date | None] = mapped_column(sa.Date)
    completed_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_onupdate=sa.FetchedValue()
    )
    created_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )
    created_by: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("profiles.id", name="fk_client_actions_creator", ondelete="RESTRICT")
    )

    client_group: Mapped[ClientGroup] = relationship(back_populates="actions")
    creator: Mapped[Profile] = relationship()

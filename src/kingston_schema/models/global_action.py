"""Actions for all client groups at once (revision phase_2_objectives_actions)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .client_group import ClientGroup
    from .profile import Profile


class GlobalAction(Base):
    """Something to do for every client group; new ones only while global_actions_enabled is true.

    A group without a row in ``states`` is outstanding (view global_action_status).
    """

    __tablename__ = "global_actions"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="global_actions_pkey"),
        sa.CheckConstraint("length(btrim(action_name)) > 0", name="global_action_name_not_empty"),
        sa.CheckConstraint("owner IN ('advisor', 'client')", name="global_actions_owner_check"),
        {"comment": "Things to do for every client group; how far each group is: global_action_states"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    action_name: Mapped[str] = mapped_column(sa.String(255))
    description: Mapped[str | None] = mapped_column(sa.Text)
    owner: Mapped[str] = mapped_column(
        sa.String(20), server_default=sa.text("'advisor'"), comment="Who has to act: advisor or client"
    )
    active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.text("true"))
    target_date: Mapped[dt.date | None] = mapped_column(sa.Date)
    created_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )
    created_by: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("profiles.id", name="fk_global_actions_creator", ondelete="RESTRICT")
    )

    states: Mapped[list[GlobalActionState]] = relationship(
        back_populates="global_action", cascade="all, delete-orphan", passive_deletes=True
    )
    creator: Mapped[Profile] = relationship()


class GlobalActionState(Base):
    """How far one client group is with one global action; rules as for ``ClientAction``."""

    __tablename__ = "global_action_states"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="global_action_states_pkey"),
        sa.UniqueConstraint("global_action_id", "client_group_id", name="unique_global_action_state"),
        sa.CheckConstraint(
            "status IN ('outstanding', 'completed', 'cancelled')", name="global_action_states_status_check"
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)", name="completed_status_logic"
        ),
        sa.Index("idx_global_action_states_client_group", "client_group_id"),
        {"comment": "How far a client group is with a global action; no row means outstanding"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    global_action_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("global_actions.id", name="fk_global_action_states_action", ondelete="CASCADE"),
    )
    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("client_groups.id", name="fk_global_action_states_client_group", ondelete="CASCADE"),
    )
    last_edited_by: Mapped[int | None] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("profiles.id", name="fk_global_action_states_editor", ondelete="RESTRICT"),
    )
    status: Mapped[str] = mapped_column(sa.String(20), server_default=sa.text("'outstanding'"))
    completed_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_onupdate=sa.FetchedValue()
    )
    created_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )

    global_action: Mapped[GlobalAction] = relationship(back_populates="states")
    client_group: Mapped[ClientGroup] = relationship(back_populates="global_action_states")
    editor: Mapped[Profile | None] = relationship()

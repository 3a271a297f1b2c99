"""Net worth of a client group as it was (revision phase_2_networth)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .client_group import ClientGroup
    from .profile import Profile


class NetworthStatement(Base):
    """An immutable statement; take one with ``make_networth_statement(client_group_id, created_by, name)``.

    The totals are the sums of the amounts listed in ``snapshot_data``, to the penny.  It is never changed
    and goes only with its client group; the database refuses anything else.
    """

    __tablename__ = "networth_statements"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="networth_statements_pkey"),
        sa.CheckConstraint(
            "jsonb_typeof(snapshot_data) = 'object' AND snapshot_data ?&"
            " ARRAY['snapshot_timestamp', 'managed_products', 'unmanaged_products', 'information_items']",
            name="valid_snapshot_data",
        ),
        sa.CheckConstraint(
            "total_assets >= 0 AND total_liabilities >= 0"
            " AND total_assets <> 'NaN' AND total_liabilities <> 'NaN'",
            name="valid_totals",
        ),
        sa.Index("idx_networth_statements_client_group", "client_group_id", sa.text("created_at DESC")),
        sa.Index("idx_networth_statements_created_at", sa.text("created_at DESC")),
        sa.Index("idx_networth_statements_net_worth", sa.text("net_worth DESC")),
        sa.Index("idx_networth_statements_snapshot_gin", "snapshot_data", postgresql_using="gin"),
        {"comment": "Net worth of a client group as it was; immutable, goes only with the client group"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("client_groups.id", name="fk_networth_statements_client_group", ondelete="CASCADE"),
    )
    statement_name: Mapped[str | None] = mapped_column(sa.String(255))
    created_by: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("profiles.id", name="fk_networth_statements_creator", ondelete="RESTRICT"),
    )
    created_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    snapshot_data: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="Every part that was counted")
    total_assets: Mapped[Decimal] = mapped_column(sa.Numeric(15, 2), server_default=sa.text("0"))
    total_liabilities: Mapped[Decimal] = mapped_column(sa.Numeric(15, 2), server_default=sa.text("0"))
    net_worth: Mapped[Decimal | None] = mapped_column(
        sa.Numeric(15, 2), sa.Computed("total_assets - total_liabilities", persisted=True)
    )

    client_group: Mapped[ClientGroup] = relationship(back_populates="networth_statements")
    creator: Mapped[Profile] = relationship()

"""Ledger of the money that moves in and out of holdings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Numeric, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .portfolio_fund import PortfolioFund
    from .product import ClientProduct


class HoldingActivityLog(Base):
    """A movement of money, in pounds and unsigned: ``activity_type`` gives the direction.

    ``activity_timestamp`` is midnight UTC of the day.  This is a ledger of money; no audit is written here.
    """

    __tablename__ = "holding_activity_log"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="holding_activity_log_pkey"),
        Index("idx_holding_activity_log_portfolio_fund_id", "portfolio_fund_id"),
        Index("idx_holding_activity_log_product_id", "product_id"),
        Index("idx_holding_activity_log_timestamp", "activity_timestamp"),
    )

    id: Mapped[LegacyId]
    product_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("client_products.id", name="holding_activity_log_product_id_fkey", ondelete="CASCADE"),
    )
    portfolio_fund_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "portfolio_funds.id", name="holding_activity_log_portfolio_fund_id_fkey", ondelete="CASCADE"
        ),
    )
    activity_type: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    activity_timestamp: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
    )
    created_at: Mapped[CreatedAt]

    product: Mapped[ClientProduct | None] = relationship(back_populates="activities")
    holding: Mapped[PortfolioFund | None] = relationship(back_populates="activities")

"""Holdings (a fund inside a portfolio) with the history of their values and returns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .available_fund import AvailableFund
    from .holding_activity_log import HoldingActivityLog
    from .portfolio import Portfolio


class PortfolioFund(Base):
    """A holding; the same fund may be held twice in one portfolio.  Weights are per cent, money is pounds."""

    __tablename__ = "portfolio_funds"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="portfolio_funds_pkey"),
        Index("idx_portfolio_funds_portfolio_id", "portfolio_id"),
        Index("idx_portfolio_funds_status", "status"),
    )

    id: Mapped[LegacyId]
    portfolio_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("portfolios.id", name="portfolio_funds_portfolio_id_fkey", ondelete="CASCADE"),
    )
    available_funds_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("available_funds.id", name="portfolio_funds_available_funds_id_fkey")
    )
    target_weighting: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    amount_invested: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    start_date: Mapped[dt.date | None] = mapped_column(Date)
    end_date: Mapped[dt.date | None] = mapped_column(Date)
    status: Mapped[str | None] = mapped_column(Text, server_default=text("'active'::text"))
    created_at: Mapped[CreatedAt]

    portfolio: Mapped[Portfolio | None] = relationship(back_populates="holdings")
    fund: Mapped[AvailableFund | None] = relationship(back_populates="holdings")
    valuations: Mapped[list[PortfolioFundValuation]] = relationship(
        back_populates="holding", cascade="all, delete-orphan", passive_deletes=True
    )
    irr_values: Mapped[list[PortfolioFundIrrValue]] = relationship(
        back_populates="holding", cascade="all, delete-orphan", passive_deletes=True
    )
    activities: Mapped[list[HoldingActivityLog]] = relationship(
        back_populates="holding", cascade="all, delete-orphan", passive_deletes=True
    )


class PortfolioFundValuation(Base):
    """Value of a holding on a day, in pounds; one row a day is expected, nothing enforces it."""

    __tablename__ = "portfolio_fund_valuations"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="portfolio_fund_valuations_pkey"),
        Index("idx_portfolio_fund_valuations_date", "valuation_date"),
        Index("idx_portfolio_fund_valuations_fund_id", "portfolio_fund_id"),
    )

    id: Mapped[LegacyId]
    portfolio_fund_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "portfolio_funds.id",
            name="portfolio_fund_valuations_portfolio_fund_id_fkey",
            ondelete="CASCADE",
        ),
    )
    valuation_date: Mapped[dt.date | None] = mapped_column(Date)
    valuation: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    created_at: Mapped[CreatedAt]

    holding: Mapped[PortfolioFund | None] = relationship(back_populates="valuations")


class PortfolioFundIrrValue(Base):
    """Internal rate of return of a holding on a day.

    ``fund_id`` names a *holding* (portfolio_funds), not a fund of the catalogue; ``fund_valuation_id`` names
    the valuation it was computed from, without a foreign key.
    """

    __tablename__ = "portfolio_fund_irr_values"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="portfolio_fund_irr_values_pkey"),
        Index("idx_portfolio_fund_irr_values_date", "date"),
        Index("idx_portfolio_fund_irr_values_fund_id", "fund_id"),
    )

    id: Mapped[LegacyId]
    fund_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("portfolio_funds.id", name="portfolio_fund_irr_values_fund_id_fkey", ondelete="CASCADE"),
    )
    date: Mapped[dt.date | None] = mapped_column(Date)
    irr_result: Mapped[Decimal | None] = mapped_column(Numeric(8, 4))
    created_at: Mapped[CreatedAt]
    fund_valuation_id: Mapped[int | None] = mapped_column(BigInteger)

    holding: Mapped[PortfolioFund | None] = relationship(back_populates="irr_values")
    fund_valuation: Mapped[PortfolioFundValuation | None] = relationship(
        primaryjoin="foreign(PortfolioFundIrrValue.fund_valuation_id) == PortfolioFundValuation.id",
        viewonly=True,
    )

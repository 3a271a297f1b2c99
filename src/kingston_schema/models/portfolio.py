"""Client portfolios with the history of their values and returns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Numeric, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .available_portfolio import TemplatePortfolioGeneration
    from .portfolio_fund import PortfolioFund
    from .product import ClientProduct


class Portfolio(Base):
    """A client portfolio, usually made from a generation of a template; several products may share it."""

    __tablename__ = "portfolios"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="portfolios_pkey"),
        Index("idx_portfolios_status", "status"),
        Index("idx_portfolios_template_generation_id", "template_generation_id"),
    )

    id: Mapped[LegacyId]
    portfolio_name: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text, server_default=text("'active'::text"))
    start_date: Mapped[dt.date | None] = mapped_column(Date)
    end_date: Mapped[dt.date | None] = mapped_column(Date)
    template_generation_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("template_portfolio_generations.id", name="portfolios_template_generation_id_fkey"),
    )
    created_at: Mapped[CreatedAt]

    template_generation: Mapped[TemplatePortfolioGeneration | None] = relationship(
        back_populates="portfolios"
    )
    # A portfolio with products cannot be deleted: the database says so, the ORM changes no product for it.
    products: Mapped[list[ClientProduct]] = relationship(back_populates="portfolio", passive_deletes="all")
    holdings: Mapped[list[PortfolioFund]] = relationship(
        back_populates="portfolio", cascade="all, delete-orphan", passive_deletes=True
    )
    valuations: Mapped[list[PortfolioValuation]] = relationship(
        back_populates="portfolio", cascade="all, delete-orphan", passive_deletes=True
    )
    irr_values: Mapped[list[PortfolioIrrValue]] = relationship(
        back_populates="portfolio", cascade="all, delete-orphan", passive_deletes=True
    )


class PortfolioValuation(Base):
    """Total value of a portfolio on a day, in pounds; one row a day is expected, nothing enforces it."""

    __tablename__ = "portfolio_valuations"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="portfolio_valuations_pkey"),
        Index("idx_portfolio_valuations_date", "valuation_date"),
        Index("idx_portfolio_valuations_portfolio_id", "portfolio_id"),
    )

    id: Mapped[LegacyId]
    portfolio_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("portfolios.id", name="portfolio_valuations_portfolio_id_fkey", ondelete="CASCADE"),
    )
    valuation_date: Mapped[dt.date | None] = mapped_column(Date)
    valuation: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    created_at: Mapped[CreatedAt]

    portfolio: Mapped[Portfolio | None] = relationship(back_populates="valuations")


class PortfolioIrrValue(Base):
    """Internal rate of return of a portfolio on a day.

    ``portfolio_valuation_id`` names the valuation it was computed from, without a foreign key; many old
    rows have none.
    """

    __tablename__ = "portfolio_irr_values"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="portfolio_irr_values_pkey"),
        Index("idx_portfolio_irr_values_date", "date"),
        Index("idx_portfolio_irr_values_portfolio_id", "portfolio_id"),
    )

    id: Mapped[LegacyId]
    portfolio_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("portfolios.id", name="portfolio_irr_values_portfolio_id_fkey", ondelete="CASCADE"),
    )
    date: Mapped[dt.date | None] = mapped_column(Date)
    irr_result: Mapped[Decimal | None] = mapped_column(Numeric(8, 4))
    created_at: Mapped[CreatedAt]
    portfolio_valuation_id: Mapped[int | None] = mapped_column(BigInteger)

    portfolio: Mapped[Portfolio | None] = relationship(back_populates="irr_values")
    portfolio_valuation: Mapped[PortfolioValuation | None] = relationship(
        primaryjoin="foreign(PortfolioIrrValue.portfolio_valuation_id) == PortfolioValuation.id",
        viewonly=True,
    )

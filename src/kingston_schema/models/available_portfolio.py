"""Portfolio templates, their generations (versions), and the target funds of each generation."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, Numeric, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .available_fund import AvailableFund
    from .portfolio import Portfolio


class AvailablePortfolio(Base):
    """A portfolio template: a name under which generations are made."""

    __tablename__ = "available_portfolios"
    __table_args__ = (PrimaryKeyConstraint("id", name="available_portfolios_pkey"),)

    id: Mapped[LegacyId]
    created_at: Mapped[CreatedAt]
    name: Mapped[str | None] = mapped_column(Text)

    generations: Mapped[list[TemplatePortfolioGeneration]] = relationship(
        back_populates="template", cascade="all, delete-orphan", passive_deletes=True
    )


class TemplatePortfolioGeneration(Base):
    """One version of a template; expected statuses are active, draft and archived.

    ``version_number`` is no longer written, and nothing maintains ``updated_at``.
    """

    __tablename__ = "template_portfolio_generations"
    __table_args__ = (PrimaryKeyConstraint("id", name="template_portfolio_generations_pkey"),)

    id: Mapped[LegacyId]
    available_portfolio_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "available_portfolios.id",
            name="template_portfolio_generations_available_portfolio_id_fkey",
            ondelete="CASCADE",
        ),
    )
    version_number: Mapped[int | None] = mapped_column(Integer)
    generation_name: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text, server_default=text("'active'::text"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=text("CURRENT_TIMESTAMP")
    )

    template: Mapped[AvailablePortfolio | None] = relationship(back_populates="generations")
    target_funds: Mapped[list[AvailablePortfolioFund]] = relationship(
        back_populates="generation", cascade="all, delete-orphan", passive_deletes=True
    )
    # A generation in use cannot be deleted: the database says so, the ORM changes no portfolio for it.
    portfolios: Mapped[list[Portfolio]] = relationship(
        back_populates="template_generation", passive_deletes="all"
    )


class AvailablePortfolioFund(Base):
    """A fund of a generation and its target weight in per cent, 0 to 100."""

    __tablename__ = "available_portfolio_funds"
    __table_args__ = (PrimaryKeyConstraint("id", name="available_portfolio_funds_pkey"),)

    id: Mapped[LegacyId]
    template_portfolio_generation_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "template_portfolio_generations.id",
            name="available_portfolio_funds_template_portfolio_generation_id_fkey",
            ondelete="CASCADE",
        ),
    )
    fund_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("available_funds.id", name="available_portfolio_funds_fund_id_fkey", ondelete="CASCADE"),
    )
    target_weighting: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    created_at: Mapped[CreatedAt]

    generation: Mapped[TemplatePortfolioGeneration | None] = relationship(back_populates="target_funds")
    fund: Mapped[AvailableFund | None] = relationship(back_populates="template_targets")

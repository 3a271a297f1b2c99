"""Catalogue of investment funds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Index, Numeric, PrimaryKeyConstraint, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .available_portfolio import AvailablePortfolioFund
    from .portfolio_fund import PortfolioFund


class AvailableFund(Base):
    """A fund that may be held.

    ``risk_factor`` 1 to 7 is enforced by the portal only, ``fund_cost`` is in per cent, and the same ISIN may
    occur more than once.  The portal needs one fund named Cash with the ISIN N/A.
    """

    __tablename__ = "available_funds"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="available_funds_pkey"),
        Index("idx_available_funds_isin", "isin_number"),
        Index("idx_available_funds_status", "status"),
    )

    id: Mapped[LegacyId]
    fund_name: Mapped[str | None] = mapped_column(String(60))
    isin_number: Mapped[str | None] = mapped_column(Text)
    risk_factor: Mapped[int | None] = mapped_column(SmallInteger)
    fund_cost: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    status: Mapped[str | None] = mapped_column(Text, server_default=text("'active'::text"))
    created_at: Mapped[CreatedAt]

    # A fund that is held cannot be deleted: the database says so, the ORM changes no holding for it.
    holdings: Mapped[list[PortfolioFund]] = relationship(back_populates="fund", passive_deletes="all")
    template_targets: Mapped[list[AvailablePortfolioFund]] = relationship(
        back_populates="fund", cascade="all", passive_deletes=True
    )

"""Products a client group holds elsewhere (revision phase_2_client_information)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .available_provider import AvailableProvider
    from .client_group import ClientGroup
    from .profile import Profile


class ClientUnmanagedProduct(Base):
    """A product the firm does not manage but counts: value, date of the value, owners' shares.

    ``status`` goes from active to sold, transferred, matured or cancelled; an end recorded by mistake goes
    to cancelled and from there back to active (validate_unmanaged_product_transition).  ``valuation_date``
    may not lie in the future when it is written.  ``ownership_details`` is ``{}`` while nobody knows.
    """

    __tablename__ = "client_unmanaged_products"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="client_unmanaged_products_pkey"),
        sa.CheckConstraint("length(btrim(product_name)) > 0", name="product_name_not_empty"),
        sa.CheckConstraint(
            "product_type IN ('GIAs', 'Stocks_and_Shares_ISAs', 'Cash_ISAs', 'Bank_Accounts', 'Pensions',"
            " 'Offshore_Bonds', 'Onshore_Bonds', 'Individual_Shares', 'Property', 'Others')",
            name="client_unmanaged_products_product_type_check",
        ),
        sa.CheckConstraint(
            "latest_valuation >= 0 AND latest_valuation <> 'NaN'",
            name="client_unmanaged_products_latest_valuation_check",
        ),
        sa.CheckConstraint(
            "status IN ('active', 'sold', 'transferred', 'matured', 'cancelled')",
            name="client_unmanaged_products_status_check",
        ),
        sa.CheckConstraint("validate_ownership_details(ownership_details)", name="valid_ownership_details"),
        sa.CheckConstraint(
            "validate_ownership_percentages_precise(ownership_details)",
            name="valid_ownership_percentages_precise",
        ),
        sa.Index(
            "idx_unmanaged_products_client_group",
            "client_group_id",
            postgresql_include=["status", "latest_valuation", "updated_at"],
        ),
        sa.Index("idx_unmanaged_products_provider", "provider_id"),
        sa.Index("idx_unmanaged_products_type", "product_type"),
        sa.Index("idx_unmanaged_products_status", "status", postgresql_where=sa.text("status <> 'active'")),
        sa.Index("idx_unmanaged_products_valuation_date", sa.text("valuation_date DESC")),
        sa.Index("idx_unmanaged_products_ownership_gin", "ownership_details", postgresql_using="gin"),
        sa.Index(
            "idx_unmanaged_products_association_type", sa.text("(ownership_details ->> 'association_type')")
        ),
        {"comment": "Products of a client group that the firm does not manage"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("client_groups.id", name="fk_unmanaged_products_client_group", ondelete="CASCADE"),
    )
    product_name: Mapped[str] = mapped_column(sa.String(255))
    product_type: Mapped[str] = mapped_column(sa.String(50))
    provider_id: Mapped[int | None] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("available_providers.id", name="fk_unmanaged_products_provider", ondelete="SET NULL"),
    )
    latest_valuation: Mapped[Decimal | None] = mapped_column(
        sa.Numeric(15, 2), comment="Amount of money on valuation_date"
    )
    valuation_date: Mapped[dt.date] = mapped_column(sa.Date, server_default=sa.text("CURRENT_DATE"))
    ownership_details: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=sa.text("'{}'::jsonb"), comment="Owners and their shares; {} when unknown"
    )
    status: Mapped[str] = mapped_column(sa.String(50), server_default=sa.text("'active'"))
    notes: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )
    last_edited_by: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("profiles.id", name="fk_unmanaged_products_editor", ondelete="RESTRICT")
    )

    client_group: Mapped[ClientGroup] = relationship(back_populates="unmanaged_products")
    provider: Mapped[AvailableProvider | None] = relationship(back_populates="unmanaged_products")
    editor: Mapped[Profile] = relationship()

"""Managed products (accounts) of a client group and the links to their owners."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .available_portfolio import TemplatePortfolioGeneration
    from .available_provider import AvailableProvider
    from .client_group import ClientGroup
    from .holding_activity_log import HoldingActivityLog
    from .ownership import OwnershipMemory
    from .portfolio import Portfolio
    from .product_owner import ProductOwner
    from .provider_switch_log import ProviderSwitchLog

NO_OWNERSHIP = """'{"association_type": "individual", "note": "no_previous_ownership"}'::jsonb"""

# The rules on ownership_details (revision phase_5_constraints), checked in the order of their names.
_KIND = "ownership_details ->> 'association_type'"
_OWNER_KEY = '@.key like_regex "^[0-9]+$"'
_OWNERSHIP_RULES = {
    "product_ownership_share_is_number": "NOT jsonb_path_exists(ownership_details,"
    f" '$.keyvalue() ? ({_OWNER_KEY} && @.value.type() != \"number\")', '{{}}', true)",
    "product_ownership_share_not_negative": "NOT jsonb_path_exists(ownership_details,"
    f" '$.keyvalue() ? ({_OWNER_KEY} && @.value < 0)', '{{}}', true)",
    "product_ownership_has_owners": f"CASE {_KIND} WHEN 'tenants_in_common'"
    f" THEN jsonb_path_exists(ownership_details, '$.keyvalue() ? ({_OWNER_KEY})', '{{}}', true)"
    " WHEN 'joint_ownership'"
    " THEN coalesce(jsonb_path_exists(ownership_details, 'strict $.joint_owners[1]', '{}', true), false)"
    " ELSE true END",
    "valid_product_ownership_details": f"jsonb_typeof(ownership_details) = 'object' AND coalesce({_KIND}, '')"
    " IN ('individual', 'tenants_in_common', 'joint_ownership')",
    "valid_product_ownership_details_precise": "validate_ownership_percentages_precise(ownership_details)",
}


class ClientProduct(Base):
    """A financial product of a client group.

    ``client_id`` is the client group.  Several products may share one portfolio, and a product may have
    none.  The three fees are text holding a number (null: no fee): amounts of money a year, and per cent
    of the portfolio's value a year.  ``ownership_details`` holds the owners' shares in per cent and is
    kept in step with ``owner_links``.
    """

    __tablename__ = "client_products"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="client_products_pkey"),
        Index("idx_client_products_client_id", "client_id"),
        Index("idx_client_products_portfolio_id", "portfolio_id"),
        Index("idx_client_products_provider_id", "provider_id"),
        Index("idx_client_products_status", "status"),
        Index("idx_client_products_ownership_gin", "ownership_details", postgresql_using="gin"),
        Index("idx_client_products_association_type", text("(ownership_details ->> 'association_type')")),
        *(CheckConstraint(rule, name=name) for name, rule in _OWNERSHIP_RULES.items()),
    )

    id: Mapped[LegacyId]
    client_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("client_groups.id", name="client_products_client_id_fkey", ondelete="CASCADE")
    )
    product_name: Mapped[str | None] = mapped_column(Text)
    product_type: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text, server_default=text("'active'::text"))
    start_date: Mapped[dt.date | None] = mapped_column(Date)
    end_date: Mapped[dt.date | None] = mapped_column(Date)
    provider_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("available_providers.id", name="client_products_provider_id_fkey")
    )
    portfolio_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("portfolios.id", name="client_products_portfolio_id_fkey")
    )
    plan_number: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    notes: Mapped[str | None] = mapped_column(Text)
    # The generation of a template, without a foreign key.
    template_generation_id: Mapped[int | None] = mapped_column(BigInteger)
    fixed_fee_direct: Mapped[str | None] = mapped_column(Text)
    fixed_fee_facilitated: Mapped[str | None] = mapped_column(Text)
    percentage_fee_facilitated: Mapped[str | None] = mapped_column(Text)

    # Phase 3.
    ownership_details: Mapped[dict[str, Any]] = mapped_column(
        JSONB,
        server_default=text(NO_OWNERSHIP),
        comment="Owners and their shares in per cent; follows the links",
    )

    client_group: Mapped[ClientGroup | None] = relationship(back_populates="products")
    provider: Mapped[AvailableProvider | None] = relationship(back_populates="products")
    portfolio: Mapped[Portfolio | None] = relationship(back_populates="products")
    template_generation: Mapped[TemplatePortfolioGeneration | None] = relationship(
        primaryjoin="foreign(ClientProduct.template_generation_id) == TemplatePortfolioGeneration.id",
        viewonly=True,
    )
    owner_links: Mapped[list[ProductOwnerProduct]] = relationship(
        back_populates="product", cascade="all, delete-orphan", passive_deletes=True
    )
    product_owners: Mapped[list[ProductOwner]] = relationship(
        secondary="product_owner_products", back_populates="products", viewonly=True
    )
    activities: Mapped[list[HoldingActivityLog]] = relationship(
        back_populates="product", cascade="all", passive_deletes=True
    )
    provider_switches: Mapped[list[ProviderSwitchLog]] = relationship(
        back_populates="product", cascade="all, delete-orphan", passive_deletes=True
    )
    ownership_memories: Mapped[list[OwnershipMemory]] = relationship(
        back_populates="product", cascade="all, delete-orphan", passive_deletes=True
    )


class ProductOwnerProduct(Base):
    """Link between a person and a product; repeated and half-null rows are legal, and there is no share."""

    __tablename__ = "product_owner_products"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="product_owner_products_pkey"),
        Index("idx_product_owner_products_product", "product_id", postgresql_include=["product_owner_id"]),
    )

    id: Mapped[LegacyId]
    product_owner_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "product_owners.id", name="product_owner_products_product_owner_id_fkey", ondelete="CASCADE"
        ),
    )
    product_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("client_products.id", name="product_owner_products_product_id_fkey", ondelete="CASCADE"),
    )
    created_at: Mapped[CreatedAt]

    product_owner: Mapped[ProductOwner | None] = relationship(back_populates="product_links")
    product: Mapped[ClientProduct | None] = relationship(back_populates="owner_links")

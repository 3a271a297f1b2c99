"""How quickly assets turn into money (revision phase_2_liquidity)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .client_group import ClientGroup


class AssetLiquidityConfig(Base):
    """Default rank of an asset, 1 (at once) to 10; a row without subtype stands for the whole type."""

    __tablename__ = "asset_liquidity_config"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="asset_liquidity_config_pkey"),
        sa.UniqueConstraint(
            "asset_type", "asset_subtype", name="unique_asset_liquidity", postgresql_nulls_not_distinct=True
        ),
        sa.CheckConstraint(
            "default_liquidity_rank BETWEEN 1 AND 10",
            name="asset_liquidity_config_default_liquidity_rank_check",
        ),
        {"comment": "Default liquidity rank of each type and subtype of asset"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    asset_type: Mapped[str] = mapped_column(sa.String(100))
    asset_subtype: Mapped[str | None] = mapped_column(sa.String(100), comment="Null: the type as a whole")
    default_liquidity_rank: Mapped[int] = mapped_column(sa.Integer, comment="1 (at once) to 10")
    liquidity_description: Mapped[str | None] = mapped_column(sa.Text)
    business_days_to_liquidate: Mapped[int | None] = mapped_column(
        sa.Integer, comment="Calendar days in the system defaults, whatever the name says"
    )
    is_system_default: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.text("true"))
    created_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )


class ClientLiquidityCustomization(Base):
    """A client group's own rank of an asset; counts while liquidity_rankings_enabled is true."""

    __tablename__ = "client_liquidity_customization"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="client_liquidity_customization_pkey"),
        sa.UniqueConstraint(
            "client_group_id",
            "asset_type",
            "asset_subtype",
            name="unique_client_asset_customization",
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint(
            "custom_liquidity_rank BETWEEN 1 AND 10",
            name="client_liquidity_customization_custom_liquidity_rank_check",
        ),
        {"comment": "Liquidity ranks that a client group sets for itself"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey(
            "client_groups.id",
            name="client_liquidity_customization_client_group_id_fkey",
            ondelete="CASCADE",
        ),
    )
    asset_type: Mapped[str] = mapped_column(sa.String(100))
    asset_subtype: Mapped[str | None] = mapped_column(sa.String(100), comment="Null: the type as a whole")
    custom_liquidity_rank: Mapped[int] = mapped_column(sa.Integer, comment="1 (at once) to 10")
    reason_for_customization: Mapped[str | None] = mapped_column(sa.Text)
    approved_by: Mapped[str] = mapped_column(
        sa.String(100),
        server_default=sa.text(
            "COALESCE(NULLIF(current_setting('app.current_user_id', true), ''), CURRENT_USER)"
        ),
        comment="Id of the approving profile (app.current_user_id); else the database role",
    )
    created_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )

    client_group: Mapped[ClientGroup] = relationship(back_populates="liquidity_customizations")


class ProductTypeLiquidity(Base):
    """The asset that a product type, or a category of information items, stands for."""

    __tablename__ = "product_type_liquidity"
    __table_args__ = (
        sa.PrimaryKeyConstraint("product_type", name="product_type_liquidity_pkey"),
        {"comment": "The asset type and subtype that a product type counts as"},
    )

    product_type: Mapped[str] = mapped_column(
        sa.String(100), comment="Type of a managed or unmanaged product, or category of an information item"
    )
    asset_type: Mapped[str] = mapped_column(sa.String(100))
    asset_subtype: Mapped[str | None] = mapped_column(sa.String(100), comment="Null: the type as a whole")
    created_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )

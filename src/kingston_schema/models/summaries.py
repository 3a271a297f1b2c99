"""The three summaries, their marks and their log (revision phase_6_summaries).

Applications read them; ``refresh_dirty_summaries()`` and the other refresh functions write them.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .client_group import ClientGroup
    from .product_owner import ProductOwner

Count = Annotated[int, mapped_column(sa.BigInteger)]
Money = Annotated[Decimal, mapped_column(sa.Numeric(20, 2))]
Share = Annotated[Decimal, mapped_column(sa.Numeric(22, 6))]
Moment = Annotated[dt.datetime, mapped_column(sa.DateTime(timezone=True))]
MaybeMoment = Annotated[dt.datetime | None, mapped_column(sa.DateTime(timezone=True))]
MaybeText = Annotated[str | None, mapped_column(sa.Text)]

# Names have no limit and an index row has: lists go by the first 250 characters, then by id.
NAME, ACTIVITY = "left(coalesce(group_name, ''), 250)", "coalesce(last_activity, '-infinity'::timestamptz)"


def _group_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_group_id"], ["client_groups.id"], name=f"fk_{table}_client_group", ondelete="CASCADE"
    )


class ClientCompleteSummary(Base):
    """One row per active client group: products, values, items, actions, objectives, statements (C-050)."""

    __tablename__ = "client_complete_summary"
    __table_args__ = (
        sa.PrimaryKeyConstraint("client_group_id", name="idx_client_complete_summary_id"),
        _group_key("client_complete_summary"),
        sa.Index("idx_client_complete_summary_total_value", sa.text("total_client_value DESC")),
        {"comment": "One row per active client group; refreshed, never written by hand"},
    )

    client_group_id: Mapped[int] = mapped_column(sa.BigInteger, autoincrement=False)
    client_name: Mapped[MaybeText]
    client_type: Mapped[MaybeText]
    status: Mapped[MaybeText]
    managed_product_count: Mapped[int] = mapped_column(sa.BigInteger, comment="active products")
    total_managed_value: Mapped[Decimal] = mapped_column(
        sa.Numeric(20, 2), comment="latest valuations; a shared portfolio counts once"
    )
    unmanaged_product_count: Mapped[int] = mapped_column(sa.BigInteger, comment="active unmanaged products")
    total_unmanaged_value: Mapped[Money]
    information_item_count: Mapped[Count]
    asset_item_count: Mapped[int] = mapped_column(sa.BigInteger, comment="items of type assets_liabilities")
    total_actions: Mapped[Count]
    outstanding_actions: Mapped[Count]
    total_objectives: Mapped[Count]
    active_objectives: Mapped[Count]
    total_client_value: Mapped[Decimal] = mapped_column(
        sa.Numeric(20, 2), comment="managed and unmanaged value"
    )
    networth_statement_count: Mapped[Count]
    last_networth_statement: Mapped[MaybeMoment]
    last_updated: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="latest change of anything of the client; NULL: none"
    )

    client_group: Mapped[ClientGroup] = relationship(viewonly=True)


class ClientOwnershipSummary(Base):
    """What each member of an active client group owns of it, in number and value (C-051)."""

    __tablename__ = "client_ownership_summary"
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "client_group_id", "product_owner_id", name="idx_client_ownership_summary_client_group"
        ),
        _group_key("client_ownership_summary"),
        sa.ForeignKeyConstraint(
            ["product_owner_id"],
            ["product_owners.id"],
            name="fk_client_ownership_summary_product_owner",
            ondelete="CASCADE",
        ),
        sa.Index("idx_client_ownership_summary_product_owner", "product_owner_id"),
        {"comment": "What each owner owns in each active client group; refreshed, never written by hand"},
    )

    client_group_id: Mapped[Count]
    product_owner_id: Mapped[Count]
    owner_name: Mapped[str] = mapped_column(sa.Text)
    managed_products_owned: Mapped[Count]
    managed_ownership_value: Mapped[Decimal] = mapped_column(
        sa.Numeric(22, 6), comment="valuation times share, not rounded to the penny"
    )
    unmanaged_products_owned: Mapped[Count]
    unmanaged_ownership_value: Mapped[Share]
    information_items_owned: Mapped[Count]

    client_group: Mapped[ClientGroup] = relationship(viewonly=True)
    product_owner: Mapped[ProductOwner] = relationship(viewonly=True)


class ClientDenseSummary(Base):
    """One row per client group for long lists; ``get_client_dense_page()`` pages through it (C-079)."""

    __tablename__ = "client_dense_summary"
    __table_args__ = (
        sa.PrimaryKeyConstraint("client_group_id", name="client_dense_summary_pkey"),
        _group_key("client_dense_summary"),
        *(
            sa.Index(f"idx_client_dense_summary_{name}", *(sa.text(key) for key in keys))
            for name, *keys in (
                ("name", NAME, "client_group_id"),
                ("total_value", "total_active_value", "client_group_id"),
                ("products", "total_products", "client_group_id"),
                ("activity", ACTIVITY, "client_group_id"),
                ("complexity_name", "complexity_indicator", NAME, "client_group_id"),
                ("complexity_value", "complexity_indicator", "total_active_value", "client_group_id"),
                ("complexity", "complexity_indicator", "total_products", "client_group_id"),
                ("complexity_activity", "complexity_indicator", ACTIVITY, "client_group_id"),
            )
        ),
        {"comment": "One row per client group for information-dense lists; refreshed, never written by hand"},
    )

    client_group_id: Mapped[int] = mapped_column(sa.BigInteger, autoincrement=False)
    group_name: Mapped[MaybeText]
    description: Mapped[str | None] = mapped_column(
        sa.Text, comment="client groups have no description: always NULL"
    )
    total_products: Mapped[Count]
    active_products: Mapped[Count]
    total_active_value: Mapped[Money]
    ownership_records: Mapped[Count]
    max_owners_per_product: Mapped[Count]
    asset_items: Mapped[Count]
    liability_items: Mapped[Count]
    income_items: Mapped[Count]
    active_actions: Mapped[Count]
    active_objectives: Mapped[Count]
    last_activity: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="NULL when there is none"
    )
    complexity_indicator: Mapped[str] = mapped_column(
        sa.Text, comment="by number of products: over 50, over 20"
    )

    client_group: Mapped[ClientGroup] = relationship(viewonly=True)


class SummaryDirty(Base):
    """A mark: this client group changed since its summaries were refreshed.  Appended by triggers."""

    __tablename__ = "summary_dirty"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="summary_dirty_pkey"),
        {"comment": "Client groups that changed since their summaries were refreshed; appended by triggers"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    client_group_id: Mapped[Count]
    marked_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )


class SummaryRefresh(Base):
    """One refresh of one summary: when, for how many client groups, how many rows it changed."""

    __tablename__ = "summary_refresh_log"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="summary_refresh_log_pkey"),
        sa.Index("idx_summary_refresh_log_finished", "summary_name", sa.text("finished_at DESC")),
        {"comment": "When each summary was refreshed, how long it took and how much it changed"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    summary_name: Mapped[str] = mapped_column(sa.Text)
    client_groups: Mapped[int | None] = mapped_column(
        sa.Integer, comment="how many were asked for; NULL for all"
    )
    rows_changed: Mapped[Count]
    started_at: Mapped[Moment]
    finished_at: Mapped[Moment]

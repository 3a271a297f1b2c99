"""History of provider changes of a product."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, ForeignKey, PrimaryKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .available_provider import AvailableProvider
    from .product import ClientProduct


class ProviderSwitchLog(Base):
    """One change of a product's provider.  While it names a provider, that provider cannot be deleted."""

    __tablename__ = "provider_switch_log"
    __table_args__ = (PrimaryKeyConstraint("id", name="provider_switch_log_pkey"),)

    id: Mapped[LegacyId]
    client_product_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "client_products.id", name="provider_switch_log_client_product_id_fkey", ondelete="CASCADE"
        ),
    )
    previous_provider_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("available_providers.id", name="provider_switch_log_previous_provider_id_fkey"),
    )
    new_provider_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("available_providers.id", name="provider_switch_log_new_provider_id_fkey"),
    )
    switch_date: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    description: Mapped[str | None] = mapped_column(Text)

    product: Mapped[ClientProduct | None] = relationship(back_populates="provider_switches")
    previous_provider: Mapped[AvailableProvider | None] = relationship(foreign_keys=[previous_provider_id])
    new_provider: Mapped[AvailableProvider | None] = relationship(foreign_keys=[new_provider_id])

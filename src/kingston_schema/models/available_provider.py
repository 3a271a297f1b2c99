"""Catalogue of product providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .client_unmanaged_product import ClientUnmanagedProduct
    from .product import ClientProduct


class AvailableProvider(Base):
    """A provider.  ``theme_color`` is a hex colour; that it is unique is checked by the portal only."""

    __tablename__ = "available_providers"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="available_providers_pkey"),
        Index("idx_available_providers_status", "status"),
    )

    id: Mapped[LegacyId]
    name: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=text("'active'::text"))
    created_at: Mapped[CreatedAt]
    theme_color: Mapped[str | None] = mapped_column(Text)

    # A provider with products cannot be deleted: the database says so, the ORM changes no product for it.
    products: Mapped[list[ClientProduct]] = relationship(back_populates="provider", passive_deletes="all")
    # Unmanaged products stay and lose their provider (ON DELETE SET NULL).
    unmanaged_products: Mapped[list[ClientUnmanagedProduct]] = relationship(
        back_populates="provider", passive_deletes=True
    )

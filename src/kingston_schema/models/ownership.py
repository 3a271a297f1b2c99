"""What is remembered and recorded about ownership (revisions phase_3_ownership and phase_5_audit)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .product import ClientProduct


class OwnershipMemory(Base):
    """An edited ownership document, kept when links changed the owner set of its product.

    It comes back when the product has exactly these owners again: the portal saves owners by deleting all
    links and inserting them one by one.  Written by ``rebuild_ownership()`` only.
    """

    __tablename__ = "ownership_memory"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="ownership_memory_pkey"),
        sa.Index("idx_ownership_memory_product", "product_id"),
        {"comment": "Edited ownership documents by product and owner set, for when these owners come back"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    product_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("client_products.id", name="fk_ownership_memory_product", ondelete="CASCADE")
    )
    owner_ids: Mapped[list[int]] = mapped_column(ARRAY(sa.BigInteger), comment="Owner set, ascending")
    ownership_details: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="The document as somebody left it")
    saved_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )

    product: Mapped[ClientProduct] = relationship(back_populates="ownership_memories")


class OwnershipAudit(Base):
    """One change of the ownership of a product, before and after.  Append-only, in the order of ``id``.

    ``subject_table`` says which products ``subject_id`` counts: managed and unmanaged ones have ids of
    their own.  ``cause`` is ``links`` when the document only followed a change of links.
    """

    __tablename__ = "ownership_audit_log"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="ownership_audit_log_pkey"),
        sa.CheckConstraint(
            "subject_table IN ('client_products', 'client_unmanaged_products')",
            name="ownership_audit_log_subject_check",
        ),
        sa.CheckConstraint("cause IN ('document', 'links')", name="ownership_audit_log_cause_check"),
        sa.CheckConstraint('before IS DISTINCT FROM "after"', name="ownership_audit_log_real_change"),
        sa.Index("idx_ownership_audit_subject", "subject_table", "subject_id", sa.text("at DESC")),
        sa.Index("idx_ownership_audit_client_group", "client_group_id", sa.text("at DESC")),
        {"comment": "Changes of ownership, before and after; append-only, without keys to what it speaks of"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    subject_table: Mapped[str] = mapped_column(sa.String(63), comment="Logical name of the product's table")
    subject_id: Mapped[int] = mapped_column(
        sa.BigInteger, comment="Product; no foreign key: it outlives the product"
    )
    client_group_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB, comment="ownership_details as it was")
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB, comment="ownership_details as it became")
    cause: Mapped[str] = mapped_column(
        sa.String(10), comment="document: it was written; links: it followed the links"
    )
    actor: Mapped[str] = mapped_column(sa.String(100), comment="app.current_user_id, else the role")
    db_role: Mapped[str] = mapped_column(
        sa.String(63), server_default=sa.text("SESSION_USER"), comment="Login role"
    )
    correlation_id: Mapped[str | None] = mapped_column(sa.Text, comment="app.correlation_id")
    reason: Mapped[str | None] = mapped_column(sa.Text, comment="app.justification")
    transaction_id: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )

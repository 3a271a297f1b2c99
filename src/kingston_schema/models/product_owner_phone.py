"""Telephone numbers of people, and where migrated ones came from (revision phase_2_owner_phones)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..crypto import fields
from ..crypto.types import Ciphertext, PhoneSecret
from .base import Base, CreatedAt

if TYPE_CHECKING:
    from .product_owner import ProductOwner


class ProductOwnerPhone(Base):
    """One number.  At most one of an owner is primary; type ``other`` needs a label.

    While no encryption key is active ``phone_number`` is the number itself.  Once one is, it holds the
    mask (``mask_phone_number``) and ``phone_number_encrypted`` the number; the database refuses any
    other combination.  ``number`` is the plain number in a session with a vault (``kingston_schema.crypto``).
    """

    __tablename__ = "product_owner_phones"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="product_owner_phones_pkey"),
        sa.CheckConstraint(
            "phone_type IN ('mobile', 'house_phone', 'work', 'other')",
            name="product_owner_phones_phone_type_check",
        ),
        sa.CheckConstraint(
            "(phone_number ~ '^\\+?[0-9 ().-]{7,25}$' OR phone_number ~ '^\\+?[X ().-]+([0-9][ ().-]*){3}$')"
            " AND length(regexp_replace(phone_number, '[^0-9X]', '', 'g')) BETWEEN 7 AND 15",
            name="chk_phone_format",
        ),
        sa.CheckConstraint("length(btrim(phone_number)) >= 7", name="phone_number_not_empty"),
        sa.CheckConstraint(
            "phone_type <> 'other' OR (label IS NOT NULL AND btrim(label) <> '')",
            name="chk_other_requires_label",
        ),
        sa.CheckConstraint("extension ~ '^[0-9]{1,10}$'", name="chk_phone_extension"),
        sa.CheckConstraint(
            "is_field_envelope(phone_number_encrypted)", name="chk_phone_encrypted_is_envelope"
        ),
        sa.CheckConstraint(
            "phone_number_encrypted IS NULL OR phone_number LIKE '%X%'",
            name="chk_phone_masked_when_encrypted",
        ),
        sa.CheckConstraint(
            "phone_number_index IS NULL OR (phone_number_encrypted IS NOT NULL"
            " AND phone_number_index ~ '^bidx:1:[1-9][0-9]{0,4}:[0-9a-f]{32}$')",
            name="chk_phone_index_format",
        ),
        sa.Index(
            "idx_product_owner_phones_primary",
            "product_owner_id",
            unique=True,
            postgresql_where=sa.text("is_primary"),
        ),
        sa.Index("idx_product_owner_phones_owner_id", "product_owner_id"),
        sa.Index("idx_product_owner_phones_type", "phone_type"),
        sa.Index("idx_product_owner_phones_updated_at", sa.text("updated_at DESC")),
        sa.Index(
            "idx_product_owner_phones_index",
            "phone_number_index",
            postgresql_where=sa.text("phone_number_index IS NOT NULL"),
        ),
        {"comment": "Telephone numbers of product owners; at most one of an owner is primary"},
    )

    # By default: the ciphertext of a number is bound to its id, which is therefore drawn first.
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=False))
    product_owner_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("product_owners.id", name="fk_phone_product_owner", ondelete="CASCADE")
    )
    phone_type: Mapped[str] = mapped_column(sa.String(20))
    phone_number: Mapped[str] = mapped_column(
        sa.String(25), comment="The number, or the mask of an encrypted one"
    )
    label: Mapped[str | None] = mapped_column(sa.String(50), comment="Required for other")
    is_primary: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.text("false"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )
    updated_by: Mapped[str | None] = mapped_column(sa.String(100), server_onupdate=sa.FetchedValue())
    extension: Mapped[str | None] = mapped_column(sa.String(10))
    source_column: Mapped[str | None] = mapped_column(
        sa.String(63), comment="Column of product_owners it was migrated from"
    )
    phone_number_encrypted: Mapped[str | None] = mapped_column(
        Ciphertext, comment="The number as ciphertext; phone_number then holds its mask"
    )
    phone_number_index: Mapped[str | None] = mapped_column(
        sa.Text, comment="Keyed blind index for equality search: bidx:1:<key version>:<hex>"
    )
    number = PhoneSecret(fields.PHONE, "phone_number_encrypted")

    product_owner: Mapped[ProductOwner] = relationship(back_populates="phones")


class ProductOwnerPhoneReject(Base):
    """A text in a telephone column that is no number, or a number that a newer source value replaced."""

    __tablename__ = "product_owner_phone_rejects"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="product_owner_phone_rejects_pkey"),
        sa.Index("idx_product_owner_phone_rejects_owner_id", "product_owner_id"),
        sa.Index(
            "idx_product_owner_phone_rejects_open",
            "rejected_at",
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
        {
            "comment": "Texts in telephone columns that could not be migrated as a number,"
            " and numbers a newer value replaced"
        },
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    product_owner_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("product_owners.id", name="fk_phone_reject_product_owner", ondelete="CASCADE"),
    )
    source_column: Mapped[str] = mapped_column(sa.String(63))
    source_text: Mapped[str] = mapped_column(sa.Text, comment="What stands in the source, as it stands there")
    reason: Mapped[str] = mapped_column(sa.Text)
    rejected_at: Mapped[CreatedAt]
    resolved_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="Empty: somebody still has to look at it"
    )
    resolved_by: Mapped[str | None] = mapped_column(sa.String(100))
    resolution: Mapped[str | None] = mapped_column(sa.Text)

    product_owner: Mapped[ProductOwner] = relationship(back_populates="phone_rejects")


class ProductOwnerPhoneSource(Base):
    """What was read from a telephone column of ``product_owners``, and what became of its numbers.

    The memory of the migration: a text that stands here is not migrated again, a changed one is.
    """

    __tablename__ = "product_owner_phone_sources"
    __table_args__ = (
        sa.PrimaryKeyConstraint("product_owner_id", "source_column", name="product_owner_phone_sources_pkey"),
        sa.CheckConstraint(
            "numbers_found > 0 AND numbers_found = migrated + rejected + duplicates",
            name="chk_phone_source_adds_up",
        ),
        {
            "comment": "Telephone texts already read from product_owners,"
            " so that none is migrated twice and a changed one is"
        },
    )

    product_owner_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("product_owners.id", name="fk_phone_source_product_owner", ondelete="CASCADE"),
    )
    source_column: Mapped[str] = mapped_column(sa.String(63))
    source_text: Mapped[str] = mapped_column(sa.Text)
    numbers_found: Mapped[int] = mapped_column(sa.Integer)
    migrated: Mapped[int] = mapped_column(sa.Integer)
    rejected: Mapped[int] = mapped_column(sa.Integer)
    duplicates: Mapped[int] = mapped_column(sa.Integer)
    read_at: Mapped[CreatedAt]

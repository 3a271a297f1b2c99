"""People who own products."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FetchedValue,
    Index,
    PrimaryKeyConstraint,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..crypto import fields
from ..crypto.types import Ciphertext, Secret
from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .client_group import ClientGroup, ClientGroupProductOwner
    from .product import ClientProduct, ProductOwnerProduct
    from .product_owner_phone import ProductOwnerPhone, ProductOwnerPhoneReject


class ProductOwner(Base):
    """A person.  Old rows may have every name null or empty; ``display_name`` is what the portal shows.

    ``security_words`` and ``notes`` are plain values in a session with a vault (``kingston_schema.crypto``).
    """

    __tablename__ = "product_owners"
    # The rules of the three dates look at the clock, so they are triggers (check_product_owner_dates).
    __table_args__ = (
        PrimaryKeyConstraint("id", name="product_owners_pkey"),
        Index("idx_product_owners_inception_date", "inception_date"),
        Index(
            "idx_product_owners_next_meeting",
            "next_meeting_date",
            postgresql_where=text("next_meeting_date IS NOT NULL"),
        ),
        Index("idx_product_owners_updated_at", text("updated_at DESC")),
    )

    id: Mapped[LegacyId]
    created_at: Mapped[CreatedAt]
    status: Mapped[str | None] = mapped_column(Text, server_default=text("'active'::text"))
    firstname: Mapped[str | None] = mapped_column(Text, server_default=text("''::text"))
    surname: Mapped[str | None] = mapped_column(Text)
    known_as: Mapped[str | None] = mapped_column(Text)

    # Phase 2 (revision phase_2_product_owners).
    stored_security_words: Mapped[str | None] = mapped_column(
        "security_words", Ciphertext, comment="Sensitive: an encrypted envelope wherever encryption is on"
    )
    security_words = Secret(fields.SECURITY_WORDS, "stored_security_words")
    stored_notes: Mapped[str | None] = mapped_column(
        "notes", Ciphertext, comment="Sensitive: an encrypted envelope wherever encryption is on"
    )
    notes = Secret(fields.NOTES, "stored_notes")
    next_meeting_date: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True), comment="In the future when it is written"
    )
    date_signed_tc: Mapped[dt.date | None] = mapped_column(
        Date, comment="Day the terms and conditions were signed"
    )
    last_fee_agreement_date: Mapped[dt.date | None] = mapped_column(Date)
    inception_date: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=text("now()"), comment="Start of the relationship"
    )
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        DateTime(timezone=True),
        server_default=text("now()"),
        server_onupdate=FetchedValue(),
        comment="Last real change; empty: none since Phase 2",
    )
    # No default (errata E-202): a trigger writes the actor.
    updated_by: Mapped[str | None] = mapped_column(
        String(100),
        server_onupdate=FetchedValue(),
        comment="Who made the last change: app.current_user_id or the role",
    )

    group_links: Mapped[list[ClientGroupProductOwner]] = relationship(
        back_populates="product_owner", cascade="all, delete-orphan", passive_deletes=True
    )
    client_groups: Mapped[list[ClientGroup]] = relationship(
        secondary="client_group_product_owners", back_populates="product_owners", viewonly=True
    )
    product_links: Mapped[list[ProductOwnerProduct]] = relationship(
        back_populates="product_owner", cascade="all, delete-orphan", passive_deletes=True
    )
    products: Mapped[list[ClientProduct]] = relationship(
        secondary="product_owner_products", back_populates="product_owners", viewonly=True
    )
    phones: Mapped[list[ProductOwnerPhone]] = relationship(
        back_populates="product_owner", cascade="all, delete-orphan", passive_deletes=True
    )
    phone_rejects: Mapped[list[ProductOwnerPhoneReject]] = relationship(
        back_populates="product_owner", cascade="all, delete-orphan", passive_deletes=True
    )

    @hybrid_property
    def display_name(self) -> str:
        """The name the portal shows: ``known_as``, else first name and surname around one blank.

        Never null: an empty ``known_as`` wins over the names, and nobody's name is a single blank.
        """
        if self.known_as is not None:
            return self.known_as
        return f"{self.firstname or ''} {self.surname or ''}"

    @display_name.inplace.expression
    @classmethod
    def _display_name_expression(cls) -> ColumnElement[str]:
        return func.coalesce(cls.known_as, func.concat(cls.firstname, " ", cls.surname))

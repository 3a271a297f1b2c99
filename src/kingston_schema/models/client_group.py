"""Client groups (families, businesses, trusts) and the people who belong to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, CreatedAt, LegacyId

if TYPE_CHECKING:
    from .client_action import ClientAction
    from .client_information_item import ClientInformationItem
    from .client_objective import ClientObjective
    from .client_unmanaged_product import ClientUnmanagedProduct
    from .encryption import ClientGroupSecret
    from .global_action import GlobalActionState
    from .liquidity import ClientLiquidityCustomization
    from .networth_statement import NetworthStatement
    from .product import ClientProduct
    from .product_owner import ProductOwner
    from .profile import Profile


class ClientGroup(Base):
    """A client of the firm.

    ``advisor`` is free text of old; ``advisor_id`` names a profile, without a foreign key.  Expected
    statuses are active, dormant and inactive, types Family, Business and Trust; nothing enforces them.
    """

    __tablename__ = "client_groups"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="client_groups_pkey"),
        Index("idx_client_groups_advisor", "advisor"),
        Index("idx_client_groups_status", "status"),
    )

    id: Mapped[LegacyId]
    advisor: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text, server_default=text("'active'::text"))
    created_at: Mapped[CreatedAt]
    name: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str | None] = mapped_column(Text, server_default=text("'Family'::text"))
    advisor_id: Mapped[int | None] = mapped_column(BigInteger)

    products: Mapped[list[ClientProduct]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    owner_links: Mapped[list[ClientGroupProductOwner]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    product_owners: Mapped[list[ProductOwner]] = relationship(
        secondary="client_group_product_owners", back_populates="client_groups", viewonly=True
    )
    advisor_profile: Mapped[Profile | None] = relationship(
        primaryjoin="foreign(ClientGroup.advisor_id) == Profile.id", viewonly=True
    )

    information_items: Mapped[list[ClientInformationItem]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    unmanaged_products: Mapped[list[ClientUnmanagedProduct]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    objectives: Mapped[list[ClientObjective]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    actions: Mapped[list[ClientAction]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    global_action_states: Mapped[list[GlobalActionState]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    # Statements are immutable and go only with their group, so only the database may delete them.
    networth_statements: Mapped[list[NetworthStatement]] = relationship(
        back_populates="client_group", passive_deletes="all"
    )
    liquidity_customizations: Mapped[list[ClientLiquidityCustomization]] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )
    secrets: Mapped[ClientGroupSecret | None] = relationship(
        back_populates="client_group", cascade="all, delete-orphan", passive_deletes=True
    )


class ClientGroupProductOwner(Base):
    """Membership of a person in a client group; repeated and half-null rows are legal."""

    __tablename__ = "client_group_product_owners"
    __table_args__ = (PrimaryKeyConstraint("id", name="client_group_product_owners_pkey"),)

    id: Mapped[LegacyId]
    client_group_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "client_groups.id",
            name="client_group_product_owners_client_group_id_fkey",
            ondelete="CASCADE",
        ),
    )
    product_owner_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(
            "product_owners.id",
            name="client_group_product_owners_product_owner_id_fkey",
            ondelete="CASCADE",
        ),
    )
    created_at: Mapped[CreatedAt]

    client_group: Mapped[ClientGroup | None] = relationship(back_populates="owner_links")
    product_owner: Mapped[ProductOwner | None] = relationship(back_populates="group_links")

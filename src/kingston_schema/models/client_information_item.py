"""What is known about a client group beyond people and products (revision phase_2_client_information)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .client_group import ClientGroup
    from .profile import Profile

# Only JSON numbers are indexed, so no document is refused by its index (errata E-006, E-061).  Written as
# PostgreSQL prints it, line breaks included, because that is what "alembic check" compares.
_VALUATION = (
    "(\nCASE\n    WHEN jsonb_typeof(data_content -> 'latest_valuation'::text) = 'number'::text"
    " THEN (data_content ->> 'latest_valuation'::text)::numeric\n    ELSE NULL::numeric\nEND)"
)


class ClientInformationItem(Base):
    """One item of information: its type, a free category, and a JSON object.

    basic_detail, income_expenditure and vulnerability_health name their people in ``product_owners``
    (array of owner ids), assets_liabilities and protection in ``associated_product_owners`` (ownership
    object).  ``SELECT explain_client_item_data(type, data)`` says what a type asks for.  ``version`` is
    counted by the database: a flush that finds another version raises StaleDataError.
    """

    __tablename__ = "client_information_items"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="client_information_items_pkey"),
        sa.CheckConstraint(
            "item_type IN ('basic_detail', 'income_expenditure', 'assets_liabilities', 'protection',"
            " 'vulnerability_health')",
            name="client_information_items_item_type_check",
        ),
        sa.CheckConstraint("length(btrim(item_category)) > 0", name="item_category_not_empty"),
        sa.CheckConstraint(
            "jsonb_typeof(data_content) = 'object' AND jsonb_key_count(data_content) <= 50"
            " AND octet_length(data_content::text) <= 65536",
            name="valid_data_content",
        ),
        sa.CheckConstraint(
            "validate_product_owner_fields(item_type, data_content)", name="valid_product_owner_field_pattern"
        ),
        sa.CheckConstraint(
            "NOT data_content ? 'associated_product_owners'"
            " OR validate_ownership_percentages(data_content -> 'associated_product_owners')",
            name="valid_item_ownership_percentages",
        ),
        # Phase 5.
        sa.CheckConstraint(
            "validate_client_item_data(item_type, data_content)", name="valid_item_data_structure"
        ),
        sa.Index(
            "idx_client_items_client_group", "client_group_id", postgresql_include=["item_type", "updated_at"]
        ),
        sa.Index("idx_client_items_type", "item_type"),
        sa.Index("idx_client_items_category", "item_category"),
        sa.Index("idx_client_items_updated_at", sa.text("updated_at DESC")),
        sa.Index("idx_client_items_recent", "client_group_id", sa.text("updated_at DESC")),
        sa.Index("idx_client_items_type_client", "client_group_id", "item_type", "item_category"),
        sa.Index("idx_client_items_content_gin", "data_content", postgresql_using="gin"),
        sa.Index(
            "idx_client_items_valuation",
            sa.text(_VALUATION),
            postgresql_where=sa.text("data_content ? 'latest_valuation'"),
        ),
        {"comment": "Information about a client group: details, income, assets, protection, vulnerability"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("client_groups.id", name="fk_client_items_client_group", ondelete="CASCADE"),
    )
    item_type: Mapped[str] = mapped_column(sa.String(50))
    item_category: Mapped[str] = mapped_column(sa.String(100))
    data_content: Mapped[dict[str, Any]] = mapped_column(
        JSONB, comment="JSON object, at most 50 keys and 65536 bytes; what it holds depends on item_type"
    )
    created_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    updated_at: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )
    last_edited_by: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("profiles.id", name="fk_client_items_editor", ondelete="RESTRICT")
    )
    version: Mapped[int] = mapped_column(
        sa.Integer,
        server_default=sa.text("1"),
        server_onupdate=sa.FetchedValue(),
        comment="Counts the changes of the row, for optimistic locking",
    )

    # The trigger counts, so a change made by plain SQL counts as well.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012

    client_group: Mapped[ClientGroup] = relationship(back_populates="information_items")
    editor: Mapped[Profile] = relationship()

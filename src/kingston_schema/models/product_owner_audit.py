"""Compliance log of product owners and their telephone numbers (revision phase_2_audit)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, CreatedAt

SENSITIVE = "field_changed IN ('security_words', 'notes')"


class ProductOwnerAudit(Base):
    """Who created, changed, deleted or looked at an owner or one of their numbers, and why.

    Written by triggers, append-only.  No foreign key: the log outlives the owner.  The two ``…_hash``
    columns say absent, empty or present and never more.  Writing ``security_words`` or ``notes`` needs
    a reason: ``SELECT set_config('app.justification', 'why', true)`` in the same transaction.
    """

    __tablename__ = "product_owners_audit_log"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="product_owners_audit_log_pkey"),
        sa.CheckConstraint(
            "change_type IN ('create', 'update', 'delete', 'view_sensitive')",
            name="product_owners_audit_log_change_type_check",
        ),
        sa.CheckConstraint(
            f"NOT ({SENSITIVE}) OR business_justification IS NOT NULL OR NOT justification_required",
            name="chk_sensitive_justification",
        ),
        sa.CheckConstraint(
            "old_value_hash IN ('absent', 'empty', 'present')"
            " AND new_value_hash IN ('absent', 'empty', 'present')",
            name="chk_audit_tells_no_value",
        ),
        sa.Index("idx_product_owners_audit_owner_id", "product_owner_id"),
        sa.Index("idx_product_owners_audit_changed_at", sa.text("changed_at DESC")),
        sa.Index("idx_product_owners_audit_changed_by", "changed_by"),
        sa.Index("idx_product_owners_audit_field", "field_changed"),
        sa.Index(
            "idx_product_owners_audit_sensitive",
            "changed_at",
            "field_changed",
            postgresql_where=sa.text(SENSITIVE),
        ),
        {
            "comment": "Who created, changed, deleted or looked at a product owner or one of their numbers,"
            " and why; append-only"
        },
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    product_owner_id: Mapped[int] = mapped_column(
        sa.BigInteger, comment="No foreign key: it outlives the owner"
    )
    field_changed: Mapped[str] = mapped_column(
        sa.String(50), comment="A column, record_creation or record_deletion"
    )
    old_value_hash: Mapped[str | None] = mapped_column(
        sa.Text, comment="absent, empty or present; never a hash, which a word list reverses"
    )
    new_value_hash: Mapped[str | None] = mapped_column(
        sa.Text, comment="absent, empty or present; never a hash, which a word list reverses"
    )
    change_type: Mapped[str] = mapped_column(sa.String(20))
    changed_by: Mapped[str] = mapped_column(sa.String(100), comment="app.current_user_id, else the role")
    changed_at: Mapped[CreatedAt]
    ip_address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(
        postgresql.INET, comment="app.client_ip"
    )
    user_agent: Mapped[str | None] = mapped_column(sa.Text, comment="app.user_agent")
    business_justification: Mapped[str | None] = mapped_column(
        sa.Text, comment="app.justification; never made up"
    )
    subject_table: Mapped[str] = mapped_column(sa.String(63), server_default=sa.text("'product_owners'"))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger, comment="Row of subject_table")
    db_role: Mapped[str] = mapped_column(
        sa.String(63), server_default=sa.text("SESSION_USER"), comment="Login role"
    )
    justification_required: Mapped[bool] = mapped_column(
        sa.Boolean,
        server_default=sa.text("true"),
        comment="False where the portal had the column before Phase 2: its application can give no reason",
    )
    correlation_id: Mapped[str | None] = mapped_column(sa.Text, comment="app.correlation_id")

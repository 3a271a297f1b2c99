"""Telephone numbers of product owners, as many as they have

Phase:      phase_2
Does:       product_owner_phones; numbers from columns the portal may have (phone, phone_1 to phone_3) are normalised and
            brought over, what cannot be read as a number goes to product_owner_phone_rejects, and
            product_owner_phone_sources remembers what was read; found = migrated + rejected + duplicates or it stops
Locks:      SHARE ROW EXCLUSIVE on product_owners for three foreign keys, milliseconds; the source columns are only read
Refuses if: a source value can be accounted for neither as migrated nor as rejected
Down:       the three tables, with their rows
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "phase_2_owner_phones"
down_revision = "phase_2_product_owners"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def _owner() -> sa.Column[int]:
    return sa.Column("product_owner_id", sa.BigInteger, nullable=False)


def _time(name: str, comment: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=NOW, comment=comment)


def upgrade() -> None:
    op.restore_table_or(
        "product_owner_phones",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _owner(),
        sa.Column("phone_type", sa.String(20), nullable=False),
        sa.Column("phone_number", sa.String(25), nullable=False, comment="The number, or the mask of an encrypted one"),
        sa.Column("label", sa.String(50), comment="Required for other"),
        sa.Column("is_primary", sa.Boolean, nullable=False, server_default=sa.text("false")),
        _time("created_at"),
        _time("updated_at"),
        sa.Column("updated_by", sa.String(100)),
        sa.Column("extension", sa.String(10)),
        sa.Column("source_column", sa.String(63), comment="Column of product_owners it was migrated from"),
        sa.PrimaryKeyConstraint("id", name="product_owner_phones_pkey"),
        sa.CheckConstraint(
            "phone_type IN ('mobile', 'house_phone', 'work', 'other')", name="product_owner_phones_phone_type_check"
        ),
        # A mask (all digits X but the last three) is what stays readable of a number encrypted higher up.
        sa.CheckConstraint(
            "(phone_number ~ '^\\+?[0-9 ().-]{7,25}$' OR phone_number ~ '^\\+?[X ().-]+([0-9][ ().-]*){3}$')"
            " AND length(regexp_replace(phone_number, '[^0-9X]', '', 'g')) BETWEEN 7 AND 15",
            name="chk_phone_format",
        ),
        sa.CheckConstraint("length(btrim(phone_number)) >= 7", name="phone_number_not_empty"),
        sa.CheckConstraint(
            "phone_type <> 'other' OR (label IS NOT NULL AND btrim(label) <> '')", name="chk_other_requires_label"
        ),
        sa.CheckConstraint("extension ~ '^[0-9]{1,10}$'", name="chk_phone_extension"),
        sa.Index(
            "idx_product_owner_phones_primary", "product_owner_id", unique=True, postgresql_where=sa.text("is_primary")
        ),
        sa.Index("idx_product_owner_phones_owner_id", "product_owner_id"),
        sa.Index("idx_product_owner_phones_type", "phone_type"),
        sa.Index("idx_product_owner_phones_updated_at", sa.text("updated_at DESC")),
        comment="Telephone numbers of product owners; at most one of an owner is primary",
    )
    op.restore_table_or(
        "product_owner_phone_rejects",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _owner(),
        sa.Column("source_column", sa.String(63), nullable=False),
        sa.Column("source_text", sa.Text, nullable=False, comment="What stands in the source, as it stands there"),
        sa.Column("reason", sa.Text, nullable=False),
        _time("rejected_at"),
        sa.Column("resolved_at", sa.DateTime(timezone=True), comment="Empty: somebody still has to look at it"),
        sa.Column("resolved_by", sa.String(100)),
        sa.Column("resolution", sa.Text),
        sa.PrimaryKeyConstraint("id", name="product_owner_phone_rejects_pkey"),
        sa.Index("idx_product_owner_phone_rejects_owner_id", "product_owner_id"),
        sa.Index("idx_product_owner_phone_rejects_open", "rejected_at", postgresql_where=sa.text("resolved_at IS NULL")),
        comment="Texts in telephone columns that could not be migrated as a number, and numbers a newer value replaced",
    )
    op.restore_table_or(
        "product_owner_phone_sources",
        _owner(),
        sa.Column("source_column", sa.String(63), nullable=False),
        sa.Column("source_text", sa.Text, nullable=False),
        sa.Column("numbers_found", sa.Integer, nullable=False),
        sa.Column("migrated", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("duplicates", sa.Integer, nullable=False),
        _time("read_at"),
        sa.PrimaryKeyConstraint("product_owner_id", "source_column", name="product_owner_phone_sources_pkey"),
        sa.CheckConstraint(
            "numbers_found > 0 AND numbers_found = migrated + rejected + duplicates", name="chk_phone_source_adds_up"
        ),
        comment="Telephone texts already read from product_owners, so that none is migrated twice and a changed one is",
    )
    op.add_foreign_key_online("fk_phone_product_owner", "product_owner_phones", "product_owners", ["product_owner_id"])
    op.add_foreign_key_online(
        "fk_phone_reject_product_owner", "product_owner_phone_rejects", "product_owners", ["product_owner_id"]
    )
    op.add_foreign_key_online(
        "fk_phone_source_product_owner", "product_owner_phone_sources", "product_owners", ["product_owner_id"]
    )
    op.run_sql("validate_phone_number", "0210")
    op.run_sql("parse_phone_numbers", "0210")
    op.run_sql("phone_key", "0210")
    op.run_sql("migrate_phone_batch", "0210")
    op.run_sql("migrate_owner_phones", "0210")
    op.backfill("migrate_owner_phones")
    op.run_sql("product_owner_phones_touch", "0210")


def downgrade() -> None:
    op.drop_sql("product_owner_phones_touch", "0210")
    op.drop_sql("migrate_owner_phones", "0210")
    op.drop_sql("migrate_phone_batch", "0210")
    op.drop_sql("phone_key", "0210")
    op.drop_sql("parse_phone_numbers", "0210")
    op.drop_sql("validate_phone_number", "0210")
    op.archive_table("product_owner_phone_sources")
    op.archive_table("product_owner_phone_rejects")
    op.archive_table("product_owner_phones")

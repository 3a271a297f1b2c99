"""Telephone numbers of product owners, as many as they have

Phase:      phase_2
Does:       product_owner_phones; numbers from columns the portal may have (phone, phone_1 to phone_3) are
            normalised and brought over, what cannot be read as one goes to product_owner_phone_rejects, and
            product_owner_phone_sources remembers what was read; found = migrated + rejected + duplicates, or
            it stops
Locks:      SHARE ROW EXCLUSIVE on product_owners for three foreign keys, milliseconds; the source columns are
            only read
Refuses if: a source value can be accounted for neither as migrated nor as rejected
Down:       the three tables, with their rows
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "phase_2_owner_phones"
down_revision = "phase_2_product_owners"
branch_labels = None
depends_on = None

PHONES, REJECTS = "product_owner_phones", "product_owner_phone_rejects"
SOURCES = "product_owner_phone_sources"
KEYS = (("fk_phone_product_owner", PHONES), ("fk_phone_reject_product_owner", REJECTS),
        ("fk_phone_source_product_owner", SOURCES))  # fmt: skip
FUNCTIONS = ("validate_phone_number", "parse_phone_numbers", "phone_key", "migrate_phone_batch",
             "migrate_owner_phones")  # fmt: skip
TYPES = "phone_type IN ('mobile', 'house_phone', 'work', 'other')"
# A mask (all digits X but the last three) is what stays readable of a number encrypted higher up.
FORMAT = (
    "(phone_number ~ '^\\+?[0-9 ().-]{7,25}$' OR phone_number ~ '^\\+?[X ().-]+([0-9][ ().-]*){3}$')"
    " AND length(regexp_replace(phone_number, '[^0-9X]', '', 'g')) BETWEEN 7 AND 15"
)
LABEL = "phone_type <> 'other' OR (label IS NOT NULL AND btrim(label) <> '')"
ADDS_UP = "numbers_found > 0 AND numbers_found = migrated + rejected + duplicates"
PRIMARY, OPEN = sa.text("is_primary"), sa.text("resolved_at IS NULL")
MOMENT = sa.DateTime(timezone=True)
OPEN_COMMENT = "Empty: somebody still has to look at it"


def upgrade() -> None:
    op.restore_table_or(
        PHONES, _id(always=False), _must("product_owner_id", sa.BigInteger), _must("phone_type", sa.String(20)),
        _must("phone_number", sa.String(25), comment="The number, or the mask of an encrypted one"),
        sa.Column("label", sa.String(50), comment="Required for other"),
        _must("is_primary", sa.Boolean, "false"), _must("created_at", MOMENT, "now()"),
        _must("updated_at", MOMENT, "now()"), sa.Column("updated_by", sa.String(100)),
        sa.Column("extension", sa.String(10)),
        sa.Column("source_column", sa.String(63), comment="Column of product_owners it was migrated from"),
        sa.PrimaryKeyConstraint("id", name="product_owner_phones_pkey"),
        sa.CheckConstraint(TYPES, name="product_owner_phones_phone_type_check"),
        sa.CheckConstraint(FORMAT, name="chk_phone_format"),
        sa.CheckConstraint("length(btrim(phone_number)) >= 7", name="phone_number_not_empty"),
        sa.CheckConstraint(LABEL, name="chk_other_requires_label"),
        sa.CheckConstraint("extension ~ '^[0-9]{1,10}$'", name="chk_phone_extension"),
        sa.Index("idx_product_owner_phones_primary", "product_owner_id", unique=True,
                 postgresql_where=PRIMARY),
        sa.Index("idx_product_owner_phones_owner_id", "product_owner_id"),
        sa.Index("idx_product_owner_phones_type", "phone_type"),
        sa.Index("idx_product_owner_phones_updated_at", sa.text("updated_at DESC")),
        comment="Telephone numbers of product owners; at most one of an owner is primary",
    )  # fmt: skip
    op.restore_table_or(
        REJECTS, _id(), _must("product_owner_id", sa.BigInteger), _must("source_column", sa.String(63)),
        _must("source_text", sa.Text, comment="What stands in the source, as it stands there"),
        _must("reason", sa.Text), _must("rejected_at", MOMENT, "now()"),
        sa.Column("resolved_at", MOMENT, comment=OPEN_COMMENT), sa.Column("resolved_by", sa.String(100)),
        sa.Column("resolution", sa.Text),
        sa.PrimaryKeyConstraint("id", name="product_owner_phone_rejects_pkey"),
        sa.Index("idx_product_owner_phone_rejects_owner_id", "product_owner_id"),
        sa.Index("idx_product_owner_phone_rejects_open", "rejected_at", postgresql_where=OPEN),
        comment="Texts in telephone columns that could not be migrated as a number,"
        " and numbers a newer value replaced",
    )  # fmt: skip
    op.restore_table_or(
        SOURCES, _must("product_owner_id", sa.BigInteger), _must("source_column", sa.String(63)),
        _must("source_text", sa.Text), _must("numbers_found", sa.Integer), _must("migrated", sa.Integer),
        _must("rejected", sa.Integer), _must("duplicates", sa.Integer), _must("read_at", MOMENT, "now()"),
        sa.PrimaryKeyConstraint("product_owner_id", "source_column", name="product_owner_phone_sources_pkey"),
        sa.CheckConstraint(ADDS_UP, name="chk_phone_source_adds_up"),
        comment="Telephone texts already read from product_owners,"
        " so that none is migrated twice and a changed one is",
    )  # fmt: skip
    for name, table in KEYS:
        op.add_foreign_key_online(name, table, "product_owners", ["product_owner_id"])
    for name in FUNCTIONS:
        op.run_sql(name, "0210")
    op.backfill("migrate_owner_phones")
    op.run_sql("product_owner_phones_touch", "0210")
    op.grant_roles(PHONES, REJECTS)


def downgrade() -> None:
    with op.lock_tables(PHONES, keys=True):
        op.drop_sql("product_owner_phones_touch", "0210")
        op.archive_table(PHONES)
    for name in reversed(FUNCTIONS):
        op.drop_sql(name, "0210")
    op.archive_table(SOURCES)
    op.archive_table(REJECTS)


def _id(always: bool = True) -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=always), nullable=False)


def _must(name: str, kind: Any, default: str | None = None, comment: str | None = None) -> sa.Column[Any]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, kind, nullable=False, server_default=given, comment=comment)

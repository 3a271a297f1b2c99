"""Product owners: eight columns, their rules, indexes

Phase:      phase_2
Does:       adds security words, notes, next meeting, signing and fee dates, inception date, time and author
            of the last change; inception_date of owners already there becomes created_at; three indexes;
            rules that look at the clock are checked when a value is written, never afterwards
Locks:      ACCESS EXCLUSIVE on product_owners for the columns (catalogue only) and, up to about 12,000 owners
            once more for some 15 ms while inception_date is filled in place; SHARE ROW EXCLUSIVE for the
            triggers; indexes concurrently
Refuses if: an index of one of the three names is there and was not built by this package
Down:       values of the columns that are ours, by owner id; a column the portal had before stays as it is
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "phase_2_product_owners"
down_revision = "phase_1"
branch_labels = None
depends_on = None

TABLE = "product_owners"
ADDED = ("security_words", "notes", "next_meeting_date", "date_signed_tc", "last_fee_agreement_date",
         "inception_date", "updated_at", "updated_by")  # fmt: skip

SENSITIVE = "Sensitive: an encrypted envelope wherever encryption is on"


def upgrade() -> None:
    with op.lock_tables(TABLE):
        # No default yet: it would date every relationship to the day of the migration.
        op.add_columns(
            TABLE,
            sa.Column("security_words", sa.Text, comment=SENSITIVE),
            sa.Column("notes", sa.Text, comment=SENSITIVE),
            sa.Column(
                "next_meeting_date", sa.DateTime(timezone=True), comment="In the future when it is written"
            ),
            sa.Column("date_signed_tc", sa.Date, comment="Day the terms and conditions were signed"),
            sa.Column("last_fee_agreement_date", sa.Date),
            sa.Column("inception_date", sa.DateTime(timezone=True), comment="Start of the relationship"),
            sa.Column(
                "updated_at", sa.DateTime(timezone=True), comment="Last real change; empty: none since Phase 2"
            ),
            sa.Column(
                "updated_by", sa.String(100), comment="Who made the last change: app.current_user_id or the role"
            ),
        )
        op.set_default(TABLE, "inception_date", "now()")
        op.set_default(TABLE, "updated_at", "now()")
    op.restore_columns(TABLE, *ADDED)
    op.run_sql("fill_inception_dates", "0200")
    op.backfill("fill_inception_dates")
    op.create_index_online("idx_product_owners_inception_date", TABLE, ["inception_date"])
    op.create_index_online(
        "idx_product_owners_next_meeting", TABLE, ["next_meeting_date"], where="next_meeting_date IS NOT NULL"
    )
    op.create_index_online("idx_product_owners_updated_at", TABLE, ["updated_at DESC"])
    op.run_sql("touch_updated_at", "0200")
    op.run_sql("touch_product_owner", "0200")
    op.run_sql("product_owners_touch", "0200")
    op.run_sql("check_product_owner_dates", "0200")
    op.run_sql("product_owners_dates", "0200")
    op.grant_roles(*(f"{TABLE}.{column}" for column in ADDED))


def downgrade() -> None:
    # The indexes go by name, not with the columns: a column the portal had before stays.
    op.drop_index_online("idx_product_owners_updated_at")
    op.drop_index_online("idx_product_owners_next_meeting")
    op.drop_index_online("idx_product_owners_inception_date")
    op.copy_columns(TABLE, *ADDED)
    with op.lock_tables(TABLE):
        op.drop_sql("product_owners_dates", "0200")
        op.drop_sql("product_owners_touch", "0200")
        op.archive_columns(TABLE, *ADDED)
    op.drop_sql("check_product_owner_dates", "0200")
    op.drop_sql("touch_product_owner", "0200")
    op.drop_sql("touch_updated_at", "0200")
    op.drop_sql("fill_inception_dates", "0200")

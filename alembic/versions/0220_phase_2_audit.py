"""Audit of product owners and telephone numbers; row history

Phase:      phase_2
Does:       product_owners_audit_log (who changed which field of whom and why, never the value of a secret) and row_history
            (what every row was, one line per changed row, written by statement-level triggers), both append-only and
            without keys to what they speak of; history of owners, telephone numbers, groups, memberships and links
Locks:      SHARE ROW EXCLUSIVE on product_owners, client_groups and the two link tables, one after the other, under the
            lock budget, for their triggers
Refuses if: nothing
Down:       both tables, with their rows
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_2_audit"
down_revision = "phase_2_owner_phones"
branch_labels = None
depends_on = None

FUNCTIONS = ("is_field_envelope", "redacted_value", "record_row_history", "last_change", "last_change_of_client_group",
             "client_address", "value_state", "audit_product_owner_changes", "audit_phone_changes",
             "refuse_rewrite")  # fmt: skip
TRIGGERS = ("row_history_append_only", "product_owners_audit_log_append_only", "audit_product_owners_changes",
            "audit_phones", "history_client_group_product_owners", "history_client_groups", "history_product_owner_phones",
            "history_product_owner_products", "history_product_owners")  # fmt: skip

ROW_ID = "CASE WHEN (jsonb_typeof((row_key -> 'id'::text)) = 'number'::text) THEN ((row_key ->> 'id'::text))::bigint ELSE NULL::bigint END"
SENSITIVE = "field_changed IN ('security_words', 'notes')"


def upgrade() -> None:
    op.restore_table_or(
        "row_history",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("table_name", sa.String(63), nullable=False, comment="Logical name: stays when a table is renamed"),
        sa.Column("row_key", postgresql.JSONB, nullable=False, comment="Primary key; {} for a TRUNCATE as a whole"),
        sa.Column("row_id", sa.BigInteger, sa.Computed(ROW_ID, persisted=True), comment="The key id, where it is one number"),
        sa.Column("client_group_id", sa.BigInteger, comment="Client group of the row, where its table names one"),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column(
            "changes",
            postgresql.JSONB,
            comment="update: {column: [old, new]} of what changed; delete, truncate: the row as it was; insert: nothing",
        ),
        sa.Column("actor", sa.String(100), nullable=False, comment="app.current_user_id as the application said, else the role"),
        sa.Column("db_role", sa.String(63), nullable=False, server_default=sa.text("SESSION_USER"), comment="Login role"),
        sa.Column("correlation_id", sa.Text, comment="app.correlation_id"),
        sa.Column("reason", sa.Text, comment="app.justification"),
        sa.Column("transaction_id", sa.BigInteger, nullable=False),
        sa.Column(
            "occurred_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")
        ),
        sa.PrimaryKeyConstraint("id", name="row_history_pkey"),
        sa.CheckConstraint("action IN ('insert', 'update', 'delete', 'truncate')", name="row_history_action_check"),
        sa.Index("idx_row_history_row", "table_name", "row_id", sa.text("occurred_at DESC")),
        sa.Index(
            "idx_row_history_client_group",
            "client_group_id",
            sa.text("occurred_at DESC"),
            postgresql_where=sa.text("client_group_id IS NOT NULL"),
        ),
        comment="What rows were: append-only, no key to any table, sensitive values only as ciphertext or marker",
    )
    op.restore_table_or(
        "product_owners_audit_log",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("product_owner_id", sa.BigInteger, nullable=False, comment="No foreign key: it outlives the owner"),
        sa.Column("field_changed", sa.String(50), nullable=False, comment="A column, record_creation or record_deletion"),
        sa.Column("old_value_hash", sa.Text, comment="absent, empty or present; never a hash, which a word list reverses"),
        sa.Column("new_value_hash", sa.Text, comment="absent, empty or present; never a hash, which a word list reverses"),
        sa.Column("change_type", sa.String(20), nullable=False),
        sa.Column("changed_by", sa.String(100), nullable=False, comment="app.current_user_id, else the role"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("ip_address", postgresql.INET, comment="app.client_ip"),
        sa.Column("user_agent", sa.Text, comment="app.user_agent"),
        sa.Column("business_justification", sa.Text, comment="app.justification; never made up"),
        sa.Column("subject_table", sa.String(63), nullable=False, server_default=sa.text("'product_owners'")),
        sa.Column("subject_id", sa.BigInteger, nullable=False, comment="Row of subject_table"),
        sa.Column("db_role", sa.String(63), nullable=False, server_default=sa.text("SESSION_USER"), comment="Login role"),
        sa.Column(
            "justification_required",
            sa.Boolean,
            nullable=False,
            server_default=sa.text("true"),
            comment="False where the portal had the column before Phase 2: its application can give no reason",
        ),
        sa.Column("correlation_id", sa.Text, comment="app.correlation_id"),
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
            "old_value_hash IN ('absent', 'empty', 'present') AND new_value_hash IN ('absent', 'empty', 'present')",
            name="chk_audit_tells_no_value",
        ),
        sa.Index("idx_product_owners_audit_owner_id", "product_owner_id"),
        sa.Index("idx_product_owners_audit_changed_at", sa.text("changed_at DESC")),
        sa.Index("idx_product_owners_audit_changed_by", "changed_by"),
        sa.Index("idx_product_owners_audit_field", "field_changed"),
        sa.Index(
            "idx_product_owners_audit_sensitive", "changed_at", "field_changed", postgresql_where=sa.text(SENSITIVE)
        ),
        comment="Who created, changed, deleted or looked at a product owner or one of their numbers, and why; append-only",
    )
    for name in FUNCTIONS + TRIGGERS:
        op.run_sql(name, "0220")


def downgrade() -> None:
    for name in reversed(FUNCTIONS + TRIGGERS):
        op.drop_sql(name, "0220")
    op.archive_table("product_owners_audit_log")
    op.archive_table("row_history")

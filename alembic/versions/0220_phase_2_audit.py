"""Audit of product owners and telephone numbers; row history

Phase:      phase_2
Does:       product_owners_audit_log (who changed which field of whom and why, never the value of a secret)
            and row_history (what rows were, one line per changed row, by statement-level triggers), both
            append-only and without keys to what they speak of, the first fed by the second; history of
            owners, telephone numbers, groups, memberships and links; client_group_last_change; seals of
            the history (kingston audit seal)
Locks:      SHARE ROW EXCLUSIVE on product_owners, client_groups and the two link tables, one after the other,
            under the lock budget, for their triggers
Refuses if: nothing
Down:       both tables, with their rows; the seals stay in the control schema
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_2_audit"
down_revision = "phase_2_owner_phones"
branch_labels = None
depends_on = None

HISTORY, AUDIT = "row_history", "product_owners_audit_log"
# In an order in which each finds what it calls; dropped in reverse.
FUNCTIONS = ("is_field_envelope", "redacted_value", "record_row_history", "last_change", "client_address",
             "value_state", "audit_product_owner_changes", "refuse_rewrite")  # fmt: skip
TRIGGERS = ("history_client_group_product_owners", "history_client_groups", "history_product_owner_phones",
            "history_product_owner_products", "history_product_owners")  # fmt: skip
ROW_ID = ("CASE WHEN (jsonb_typeof((row_key -> 'id'::text)) = 'number'::text)"
          " THEN ((row_key ->> 'id'::text))::bigint ELSE NULL::bigint END")  # fmt: skip
ONE_NUMBER = "The key id, where it is one number"
ACTIONS = "action IN ('insert', 'update', 'delete', 'truncate')"
OF_A_GROUP, RECOVERED = sa.text("client_group_id IS NOT NULL"), sa.text("correlation_id LIKE 'recover %'")
# What a row belonged to before it went or moved, where client_group_id does not say it.
FORMER = sa.text("client_group_id IS NULL AND action IN ('delete', 'truncate') OR action = 'update'"
                 " AND changes ?| ARRAY['client_group_id', 'client_id', 'product_id', 'product_owner_id']")  # fmt: skip
PATHS, RANGES = {"changes": "jsonb_path_ops"}, {"pages_per_range": 16, "autosummarize": "on"}
CHANGES = "update: {column: [old, new]} of what changed; delete, truncate: the row as it was; insert: nothing"
ACTOR = "app.current_user_id as the application said, else the role"
TYPES = "change_type IN ('create', 'update', 'delete', 'view_sensitive')"
SENSITIVE = "field_changed IN ('security_words', 'notes')"
JUSTIFIED = f"NOT ({SENSITIVE}) OR business_justification IS NOT NULL OR NOT justification_required"
STATES = "absent, empty or present; never a hash, which a word list reverses"
TELLS_NOTHING = (
    "old_value_hash IN ('absent', 'empty', 'present') AND new_value_hash IN ('absent', 'empty', 'present')"
)
REQUIRED = "False where the portal had the column before Phase 2: its application can give no reason"
BIG, MOMENT, ROLE = sa.BigInteger, sa.DateTime(timezone=True), sa.String(63)


def upgrade() -> None:
    op.restore_table_or(
        HISTORY, _id(),
        _must("table_name", ROLE, comment="Logical name: stays when a table is renamed"),
        _must("row_key", postgresql.JSONB, comment="Primary key; {} for a TRUNCATE as a whole"),
        sa.Column("row_id", BIG, sa.Computed(ROW_ID, persisted=True), comment=ONE_NUMBER),
        sa.Column("client_group_id", BIG, comment="Client group of the row, where its table names one"),
        _must("action", sa.String(10)), sa.Column("changes", postgresql.JSONB, comment=CHANGES),
        _must("actor", sa.String(100), comment=ACTOR), _must("db_role", ROLE, "SESSION_USER", "Login role"),
        sa.Column("correlation_id", sa.Text, comment="app.correlation_id"),
        sa.Column("reason", sa.Text, comment="app.justification"), _must("transaction_id", BIG),
        _must("occurred_at", MOMENT, "clock_timestamp()"),
        sa.PrimaryKeyConstraint("id", name="row_history_pkey"),
        sa.CheckConstraint(ACTIONS, name="row_history_action_check"),
        sa.Index("idx_row_history_row", "table_name", "row_id", sa.text("occurred_at DESC")),
        sa.Index("idx_row_history_client_group", "client_group_id", sa.text("occurred_at DESC"), postgresql_where=OF_A_GROUP),
        sa.Index("idx_row_history_former", "changes", postgresql_using="gin", postgresql_ops=PATHS, postgresql_where=FORMER),
        sa.Index("idx_row_history_recovery", "correlation_id", postgresql_where=RECOVERED),
        sa.Index("idx_row_history_time", "occurred_at", postgresql_using="brin", postgresql_with=RANGES),
        comment="What rows were: append-only, no key to any table,"
        " sensitive values only as ciphertext or marker",
    )  # fmt: skip
    op.restore_table_or(
        AUDIT, _id(),
        _must("product_owner_id", BIG, comment="No foreign key: it outlives the owner"),
        _must("field_changed", sa.String(50), comment="A column, record_creation or record_deletion"),
        sa.Column("old_value_hash", sa.Text, comment=STATES),
        sa.Column("new_value_hash", sa.Text, comment=STATES),
        _must("change_type", sa.String(20)),
        _must("changed_by", sa.String(100), comment="app.current_user_id, else the role"),
        _must("changed_at", MOMENT, "now()"),
        sa.Column("ip_address", postgresql.INET, comment="app.client_ip"),
        sa.Column("user_agent", sa.Text, comment="app.user_agent"),
        sa.Column("business_justification", sa.Text, comment="app.justification; never made up"),
        _must("subject_table", ROLE, "'product_owners'"),
        _must("subject_id", BIG, comment="Row of subject_table"),
        _must("db_role", ROLE, "SESSION_USER", "Login role"),
        _must("justification_required", sa.Boolean, "true", REQUIRED),
        sa.Column("correlation_id", sa.Text, comment="app.correlation_id"),
        sa.PrimaryKeyConstraint("id", name="product_owners_audit_log_pkey"),
        sa.CheckConstraint(TYPES, name="product_owners_audit_log_change_type_check"),
        sa.CheckConstraint(JUSTIFIED, name="chk_sensitive_justification"),
        sa.CheckConstraint(TELLS_NOTHING, name="chk_audit_tells_no_value"),
        sa.Index("idx_product_owners_audit_owner_id", "product_owner_id"),
        sa.Index("idx_product_owners_audit_changed_at", sa.text("changed_at DESC")),
        sa.Index("idx_product_owners_audit_changed_by", "changed_by"),
        sa.Index("idx_product_owners_audit_field", "field_changed"),
        sa.Index("idx_product_owners_audit_sensitive", "changed_at", "field_changed",
                 postgresql_where=sa.text(SENSITIVE)),
        comment="Who created, changed, deleted or looked at a product owner or one of their numbers, and why;"
        " append-only",
    )  # fmt: skip
    for name in FUNCTIONS:
        op.run_sql(name, "0220")
    op.run_sql("client_group_last_change", "0220")
    op.run_sql("row_history_append_only", "0220")
    op.run_sql("row_history_seal", "0220")
    op.run_sql("product_owners_audit_log_append_only", "0220")
    for name in ("audit_product_owners_changes", *TRIGGERS):
        op.run_sql(name, "0220")
    op.grant_roles(HISTORY, AUDIT, "client_group_last_change", "row_history_seal", *FUNCTIONS)


def downgrade() -> None:
    for name in reversed(TRIGGERS):
        op.drop_sql(name, "0220")
    op.drop_sql("client_group_last_change", "0220")
    op.drop_sql("audit_product_owners_changes", "0220")
    with op.lock_tables(AUDIT):
        op.drop_sql("product_owners_audit_log_append_only", "0220")
        op.archive_table(AUDIT)
    with op.lock_tables(HISTORY):
        op.drop_sql("row_history_append_only", "0220")
        op.archive_table(HISTORY)
    for name in reversed(FUNCTIONS):
        op.drop_sql(name, "0220")


def _id() -> sa.Column[Any]:
    return sa.Column("id", BIG, sa.Identity(always=True), nullable=False)


def _must(name: str, kind: Any, default: str | None = None, comment: str | None = None) -> sa.Column[Any]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, kind, nullable=False, server_default=given, comment=comment)

"""Audit of ownership; row history of products

Phase:      phase_5
Does:       ownership_audit_log: who changed the ownership of which product, from what to what, append-only, never in
            holding_activity_log (E-028, E-029, E-109, E-159, E-193), fed by row_history; row history of client_products (C-046)
Locks:      SHARE ROW EXCLUSIVE on row_history and client_products, one after the other, milliseconds under the lock
            budget, for their triggers
Refuses if: nothing
Down:       ownership_audit_log with its rows; what was written to row_history stays there
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_5_audit"
down_revision = "phase_5_constraints"
branch_labels = None
depends_on = None

AUDIT = "ownership_audit_log"
TRIGGERS = ("audit_products_ownership_changes", "history_client_products")


def upgrade() -> None:
    op.restore_table_or(
        AUDIT,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("subject_table", sa.String(63), nullable=False, comment="Logical name of the product's table"),
        sa.Column("subject_id", sa.BigInteger, nullable=False, comment="Product; no foreign key: it outlives the product"),
        sa.Column("client_group_id", sa.BigInteger),
        sa.Column("before", postgresql.JSONB, comment="ownership_details as it was"),
        sa.Column("after", postgresql.JSONB, comment="ownership_details as it became"),
        sa.Column("cause", sa.String(10), nullable=False, comment="document: it was written; links: it followed the links"),
        sa.Column("actor", sa.String(100), nullable=False, comment="app.current_user_id, else the role"),
        sa.Column("db_role", sa.String(63), nullable=False, server_default=sa.text("SESSION_USER"), comment="Login role"),
        sa.Column("correlation_id", sa.Text, comment="app.correlation_id"),
        sa.Column("reason", sa.Text, comment="app.justification"),
        sa.Column("transaction_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("id", name="ownership_audit_log_pkey"),
        sa.CheckConstraint(
            "subject_table IN ('client_products', 'client_unmanaged_products')", name="ownership_audit_log_subject_check"
        ),
        sa.CheckConstraint("cause IN ('document', 'links')", name="ownership_audit_log_cause_check"),
        sa.CheckConstraint('before IS DISTINCT FROM "after"', name="ownership_audit_log_real_change"),
        sa.Index("idx_ownership_audit_subject", "subject_table", "subject_id", sa.text("at DESC")),
        sa.Index("idx_ownership_audit_client_group", "client_group_id", sa.text("at DESC")),
        comment="Changes of ownership, before and after; append-only, without keys to what it speaks of",
    )
    op.run_sql("ownership_audit_log_append_only", "0510")
    op.run_sql("audit_ownership_changes", "0510")
    for name in TRIGGERS:
        op.run_sql(name, "0510")
    op.grant_roles(AUDIT)


def downgrade() -> None:
    for name in reversed(TRIGGERS):
        op.drop_sql(name, "0510")
    with op.lock_tables(AUDIT):
        op.drop_sql("ownership_audit_log_append_only", "0510")
        op.archive_table(AUDIT)
    op.drop_sql("audit_ownership_changes", "0510")

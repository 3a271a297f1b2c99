"""Control: log, benchmarks, settings, checkpoints, and the schemas that survive a rollback

Phase:      pre_migration
Does:       the control and archive schemas with their toolkit; migration_log, migration_benchmarks,
            migration_control with its nine settings, rollback_checkpoints
Locks:      none on legacy tables
Refuses if: the migrating role may not create a schema
Down:       the four tables move to the archive; the control and archive schemas stay with what they keep
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pre_migration_control"
down_revision = "legacy"
branch_labels = None
depends_on = None

CONTROL_TABLES = ("portal", "ledger", "archive_entry", "kept_grants", "backfill_progress", "index_journal",
                  "gate_result", "journal", "step_journal", "runner", "event_log", "event_log_guard", "given_rights")  # fmt: skip
TOOLKIT = ("origin", "log_movement", "rows_moved", "who_is_in_the_way", "in_attempts", "take_locks", "tied_by_keys",
           "hold_tables", "drop_view", "keep_grants", "give_back_grants", "index_intended", "index_published",
           "index_dropped", "index_state", "record_gate", "settle_steps", "record_run", "record_step",
           "archive_table", "restore_table", "quarantine_rows", "quarantine_orphans", "validate_constraint",
           "add_foreign_key", "refuse_breaking_rows", "add_check", "our_columns", "columns_to_archive", "only_key",
           "column_archive", "column_copy", "forget_copy", "note_changed_row", "begin_copy", "copy_rows",
           "finish_copy", "copy_changed_rows", "copy_columns", "archive_columns", "add_columns", "set_default",
           "restore_columns", "fresh_statistics", "event_hash", "log_event", "role_matrix", "role_rights", "role_statement",
           "role_problems", "grant_roles", "join_owner", "make_roles", "take_back_rights")  # fmt: skip


def upgrade() -> None:
    op.create_control_schema()
    for name in CONTROL_TABLES + TOOLKIT:
        op.run_sql(name, "0010")
    now = sa.text("now()")
    op.restore_table_or(
        "migration_log",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("phase", sa.String(50), nullable=False),
        sa.Column("operation", sa.String(255), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("error_message", sa.Text),
        sa.Column("execution_time_seconds", sa.Numeric(14, 3)),
        sa.Column("rows_affected", sa.BigInteger),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=now),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("run_id", sa.Uuid, comment="One run of the migration; kingston.journal has the same"),
        sa.Column("resolved_at", sa.DateTime(timezone=True), comment="When a failure was dealt with"),
        sa.Column("resolved_by", sa.String(100)),
        sa.PrimaryKeyConstraint("id", name="migration_log_pkey"),
        sa.CheckConstraint(
            "status IN ('started', 'completed', 'failed', 'rolled_back')", name="migration_log_status_check"
        ),
        sa.Index("idx_migration_log_started_at", sa.text("started_at DESC")),
        comment="What the migration did, one row per operation, failures included",
    )
    op.restore_table_or(
        "migration_benchmarks",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("test_name", sa.String(255), nullable=False),
        sa.Column("phase", sa.String(50), nullable=False),
        sa.Column("baseline_ms", sa.Numeric(12, 3)),
        sa.Column("current_ms", sa.Numeric(12, 3)),
        sa.Column("performance_change_percent", sa.Numeric(12, 2)),
        sa.Column("within_tolerance", sa.Boolean),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=now),
        sa.Column("run_id", sa.Uuid, comment="One measurement of all queries; errata E-115"),
        sa.PrimaryKeyConstraint("id", name="migration_benchmarks_pkey"),
        comment="Named queries before and after: medians in milliseconds, measured",
    )
    op.restore_table_or(
        "migration_control",
        sa.Column("setting", sa.String(100), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now),
        sa.PrimaryKeyConstraint("setting", name="migration_control_pkey"),
        comment="Settings of the migration; each has a reader",
    )
    op.run_sql("migration_control", "0010")
    op.restore_table_or(
        "rollback_checkpoints",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("checkpoint_name", sa.String(100), nullable=False),
        sa.Column("phase", sa.String(50), nullable=False),
        sa.Column("tables_affected", postgresql.ARRAY(sa.Text)),
        sa.Column("backup_location", sa.Text),
        sa.Column("backup_size_bytes", sa.BigInteger),
        sa.Column("data_integrity_hash", sa.Text),
        sa.Column("rollback_script", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now),
        sa.Column("is_active", sa.Boolean, server_default=sa.text("true")),
        sa.Column("validated_at", sa.DateTime(timezone=True), comment="When a restore of it was last proven"),
        sa.Column("validation_status", sa.String(20)),
        sa.PrimaryKeyConstraint("id", name="rollback_checkpoints_pkey"),
        sa.UniqueConstraint("checkpoint_name", name="rollback_checkpoints_checkpoint_name_key"),
        sa.CheckConstraint(
            "validation_status IN ('pending', 'valid', 'invalid', 'expired')",
            name="rollback_checkpoints_validation_status_check",
        ),
        comment="Backups that a rollback can rest on, and whether restoring them was proven",
    )


def downgrade() -> None:
    # One transaction to the end: the record that the revision is gone goes with what it made.
    with op.lock_tables("rollback_checkpoints", "migration_control", "migration_benchmarks", "migration_log", commit=False):
        op.archive_table("rollback_checkpoints")
        op.archive_table("migration_control")
        op.archive_table("migration_benchmarks")
        op.archive_table("migration_log")

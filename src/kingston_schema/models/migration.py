"""The migration's own tables: log, benchmarks, settings, checkpoints (revision pre_migration_control)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class MigrationLog(Base):
    """One operation of the migration, failures included (C-001)."""

    __tablename__ = "migration_log"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="migration_log_pkey"),
        sa.CheckConstraint(
            "status IN ('started', 'completed', 'failed', 'rolled_back')", name="migration_log_status_check"
        ),
        sa.Index("idx_migration_log_started_at", sa.text("started_at DESC")),
        {"comment": "What the migration did, one row per operation, failures included"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    phase: Mapped[str] = mapped_column(sa.String(50))
    operation: Mapped[str] = mapped_column(sa.String(255))
    status: Mapped[str] = mapped_column(sa.String(20))
    error_message: Mapped[str | None] = mapped_column(sa.Text)
    execution_time_seconds: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 3))
    rows_affected: Mapped[int | None] = mapped_column(sa.BigInteger)
    started_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    completed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    run_id: Mapped[UUID | None] = mapped_column(
        sa.Uuid, comment="One run of the migration; kingston.journal has the same"
    )
    resolved_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="When a failure was dealt with"
    )
    resolved_by: Mapped[str | None] = mapped_column(sa.String(100))


class MigrationBenchmark(Base):
    """A named query, measured: baseline and now, in milliseconds (C-002)."""

    __tablename__ = "migration_benchmarks"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="migration_benchmarks_pkey"),
        {"comment": "Named queries before and after: medians in milliseconds, measured"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    test_name: Mapped[str] = mapped_column(sa.String(255))
    phase: Mapped[str] = mapped_column(sa.String(50))
    baseline_ms: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 3))
    current_ms: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 3))
    performance_change_percent: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 2))
    within_tolerance: Mapped[bool | None] = mapped_column(sa.Boolean)
    recorded_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    run_id: Mapped[UUID | None] = mapped_column(
        sa.Uuid, comment="One measurement of all queries; errata E-115"
    )


class MigrationControl(Base):
    """A setting of the migration and its value (C-003)."""

    __tablename__ = "migration_control"
    __table_args__ = (
        sa.PrimaryKeyConstraint("setting", name="migration_control_pkey"),
        {"comment": "Settings of the migration; each has a reader"},
    )

    setting: Mapped[str] = mapped_column(sa.String(100))
    value: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str | None] = mapped_column(sa.Text)
    updated_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )


class RollbackCheckpoint(Base):
    """A backup that a rollback can rest on (C-076)."""

    __tablename__ = "rollback_checkpoints"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="rollback_checkpoints_pkey"),
        sa.UniqueConstraint("checkpoint_name", name="rollback_checkpoints_checkpoint_name_key"),
        sa.CheckConstraint(
            "validation_status IN ('pending', 'valid', 'invalid', 'expired')",
            name="rollback_checkpoints_validation_status_check",
        ),
        {"comment": "Backups that a rollback can rest on, and whether restoring them was proven"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    checkpoint_name: Mapped[str] = mapped_column(sa.String(100))
    phase: Mapped[str] = mapped_column(sa.String(50))
    tables_affected: Mapped[list[str] | None] = mapped_column(postgresql.ARRAY(sa.Text))
    backup_location: Mapped[str | None] = mapped_column(sa.Text)
    backup_size_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    data_integrity_hash: Mapped[str | None] = mapped_column(sa.Text)
    rollback_script: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()")
    )
    is_active: Mapped[bool | None] = mapped_column(sa.Boolean, server_default=sa.text("true"))
    validated_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="When a restore of it was last proven"
    )
    validation_status: Mapped[str | None] = mapped_column(sa.String(20))

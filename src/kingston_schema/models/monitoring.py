"""Measured speed, monitoring runs and sign-offs (revisions phase_1 and phase_6_monitoring)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

Id = Annotated[int, mapped_column(sa.BigInteger, sa.Identity(always=True))]
Milliseconds = Annotated[Decimal, mapped_column(sa.Numeric(12, 3))]


class PerformanceBaseline(Base):
    """One measurement of a named query: medians and percentiles of many runs, and its noise (C-092)."""

    __tablename__ = "performance_baselines"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="performance_baselines_pkey"),
        sa.UniqueConstraint("query_name", "run_id", name="performance_baselines_query_name_run_id_key"),
        sa.CheckConstraint("samples > 0", name="performance_baselines_samples_check"),
        {"comment": "Measured speed of named queries, one row per query and run; compared by later gates"},
    )

    id: Mapped[Id]
    query_name: Mapped[str] = mapped_column(sa.String(255))
    run_id: Mapped[UUID] = mapped_column(sa.Uuid, comment="one call of record_baselines")
    phase: Mapped[str] = mapped_column(sa.String(50))
    samples: Mapped[int] = mapped_column(sa.Integer)
    median_ms: Mapped[Milliseconds]
    p95_ms: Mapped[Milliseconds]
    min_ms: Mapped[Milliseconds]
    max_ms: Mapped[Milliseconds]
    avg_ms: Mapped[Milliseconds]
    noise_ms: Mapped[Decimal] = mapped_column(
        sa.Numeric(12, 3), comment="the same query against itself: differences of that size mean nothing"
    )
    plan_shape: Mapped[str] = mapped_column(
        sa.Text, comment="fingerprint of node types, joins, tables, indexes"
    )
    buffers: Mapped[int] = mapped_column(sa.BigInteger, comment="shared buffers hit or read by one run")
    rows_returned: Mapped[int] = mapped_column(sa.BigInteger)
    recorded_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )


class MonitoringSchedule(Base):
    """A kind of monitoring, how often it runs and when it is due next (C-060)."""

    __tablename__ = "monitoring_schedule"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="monitoring_schedule_pkey"),
        sa.UniqueConstraint("monitoring_type", name="monitoring_schedule_monitoring_type_key"),
        sa.CheckConstraint("frequency_minutes > 0", name="monitoring_schedule_frequency_minutes_check"),
        {"comment": "What is monitored and how often; run_due_monitoring() runs what is due"},
    )

    id: Mapped[Id]
    monitoring_type: Mapped[str] = mapped_column(sa.String(50))
    frequency_minutes: Mapped[int] = mapped_column(sa.Integer)
    last_executed: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    next_execution: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.text("true"))


class MonitoringResult(Base):
    """What one monitoring run found (C-060)."""

    __tablename__ = "monitoring_results"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="monitoring_results_pkey"),
        sa.CheckConstraint(
            "alert_level IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')",
            name="monitoring_results_alert_level_check",
        ),
        sa.CheckConstraint("status IN ('completed', 'failed')", name="monitoring_results_status_check"),
        sa.Index("idx_monitoring_results_executed", sa.text("executed_at DESC")),
        {"comment": "What each monitoring run found; purge_monitoring_results() ends old rows"},
    )

    id: Mapped[Id]
    monitoring_type: Mapped[str] = mapped_column(sa.String(50))
    executed_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )
    status: Mapped[str] = mapped_column(sa.String(20))
    results: Mapped[Any | None] = mapped_column(postgresql.JSONB)
    alert_level: Mapped[str] = mapped_column(sa.String(20), server_default=sa.text("'INFO'"))


class DeploymentSignoff(Base):
    """Somebody answers for a point of the checklist that no query can check: who, when, on what evidence."""

    __tablename__ = "deployment_signoff"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="deployment_signoff_pkey"),
        sa.CheckConstraint("length(btrim(signed_by)) > 0", name="deployment_signoff_signed_by_check"),
        sa.CheckConstraint("length(btrim(evidence)) > 0", name="deployment_signoff_evidence_check"),
        sa.CheckConstraint("valid_until > signed_at", name="deployment_signoff_valid_until_check"),
        sa.Index("idx_deployment_signoff_item", "check_item", sa.text("signed_at DESC")),
        {"comment": "Manual points of the deployment checklists: who looked, when, on what evidence"},
    )

    id: Mapped[Id]
    check_item: Mapped[str] = mapped_column(sa.Text)
    signed_by: Mapped[str] = mapped_column(sa.Text)
    signed_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )
    valid_until: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("(clock_timestamp() + '7 days'::interval)")
    )
    evidence: Mapped[str] = mapped_column(sa.Text, comment="what was looked at, and where it can be found")

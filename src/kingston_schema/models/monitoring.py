"""Measured speed (revision phase_1)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
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

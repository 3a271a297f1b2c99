"""Gate of phase 1: capacity, integrity of the links, and measured baselines

Phase:      phase_1
Does:       performance_baselines and the functions that measure a query, then the gate phase_1, which
            measures the three baseline queries of document 000 and records them
Locks:      none beyond reading (a new table nobody knows yet)
Refuses if: a critical check of the gate phase_1 fails: 95 % of the connections in use, a product that
            points to a portfolio that does not exist, an id beyond 2^31, a baseline that was not measured
Down:       performance_baselines is archived with its rows; the functions are dropped
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "phase_1"
down_revision = "pre_migration"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.restore_table_or(
        "performance_baselines",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("query_name", sa.String(255), nullable=False),
        sa.Column("run_id", sa.Uuid, nullable=False, comment="one call of record_baselines"),
        sa.Column("phase", sa.String(50), nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("median_ms", sa.Numeric(12, 3), nullable=False),
        sa.Column("p95_ms", sa.Numeric(12, 3), nullable=False),
        sa.Column("min_ms", sa.Numeric(12, 3), nullable=False),
        sa.Column("max_ms", sa.Numeric(12, 3), nullable=False),
        sa.Column("avg_ms", sa.Numeric(12, 3), nullable=False),
        sa.Column("noise_ms", sa.Numeric(12, 3), nullable=False,
                  comment="the same query against itself: differences of that size mean nothing"),
        sa.Column("plan_shape", sa.Text, nullable=False,
                  comment="fingerprint of node types, joins, tables, indexes"),
        sa.Column("buffers", sa.BigInteger, nullable=False, comment="shared buffers hit or read by one run"),
        sa.Column("rows_returned", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False,
                  server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("id", name="performance_baselines_pkey"),
        sa.UniqueConstraint("query_name", "run_id", name="performance_baselines_query_name_run_id_key"),
        sa.CheckConstraint("samples > 0", name="performance_baselines_samples_check"),
        comment="Measured speed of named queries, one row per query and run; compared by later gates",
    )
    op.run_sql("plan_shape", "0100")
    op.run_sql("benchmark_queries", "0100")
    op.run_sql("measure_query", "0100")
    op.run_sql("record_baselines", "0100")
    op.gate("phase_1", "0100")


def downgrade() -> None:
    op.drop_sql("record_baselines", "0100")
    op.drop_sql("measure_query", "0100")
    op.drop_sql("benchmark_queries", "0100")
    op.drop_sql("plan_shape", "0100")
    op.archive_table("performance_baselines")

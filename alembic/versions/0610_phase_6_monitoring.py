"""Monitoring: dashboards, health, alerts, performance suite, checklists, schedule and results

Phase:      phase_6
Does:       monitoring_schedule with its four rows, monitoring_results, deployment_signoff; dashboards, health
            check, alerts, measured performance suite, both deployment checklists, the functions that run what
            is due
Locks:      none on tables that anybody uses yet
Refuses if: nothing
Down:       the three tables are archived with their rows; functions and views are dropped
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_6_monitoring"
down_revision = "phase_6_summaries"
branch_labels = None
depends_on = None

# In an order in which each finds what it calls; dropped in reverse.
OBJECTS = ("unresolved_failures", "migration_monitoring_dashboard", "performance_comparison_dashboard",
           "migration_completion", "index_usage", "check_migration_system_health", "run_performance_test_suite",
           "monitor_dense_query_performance", "optimize_dense_query_performance", "check_critical_system_alerts",
           "manual_check", "backup_check", "execute_deployment_checklist", "deployment_decision",
           "execute_enhanced_deployment_checklist", "run_monitoring", "purge_monitoring_results",
           "run_due_monitoring", "setup_post_deployment_monitoring")  # fmt: skip
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.restore_table_or(
        "monitoring_schedule",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("monitoring_type", sa.String(50), nullable=False),
        sa.Column("frequency_minutes", sa.Integer, nullable=False),
        sa.Column("last_executed", MOMENT),
        sa.Column("next_execution", MOMENT),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.PrimaryKeyConstraint("id", name="monitoring_schedule_pkey"),
        sa.UniqueConstraint("monitoring_type", name="monitoring_schedule_monitoring_type_key"),
        sa.CheckConstraint("frequency_minutes > 0", name="monitoring_schedule_frequency_minutes_check"),
        comment="What is monitored and how often; run_due_monitoring() runs what is due",
    )
    op.restore_table_or(
        "monitoring_results",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("monitoring_type", sa.String(50), nullable=False),
        sa.Column("executed_at", MOMENT, nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("results", postgresql.JSONB),
        sa.Column("alert_level", sa.String(20), nullable=False, server_default=sa.text("'INFO'")),
        sa.PrimaryKeyConstraint("id", name="monitoring_results_pkey"),
        sa.CheckConstraint("alert_level IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')",
                           name="monitoring_results_alert_level_check"),
        sa.CheckConstraint("status IN ('completed', 'failed')", name="monitoring_results_status_check"),
        sa.Index("idx_monitoring_results_executed", sa.text("executed_at DESC")),
        comment="What each monitoring run found; purge_monitoring_results() ends old rows",
    )
    op.restore_table_or(
        "deployment_signoff",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("check_item", sa.Text, nullable=False),
        sa.Column("signed_by", sa.Text, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("valid_until", MOMENT, nullable=False,
                  server_default=sa.text("(clock_timestamp() + '7 days'::interval)")),
        sa.Column("evidence", sa.Text, nullable=False, comment="what was looked at, and where it can be found"),
        sa.PrimaryKeyConstraint("id", name="deployment_signoff_pkey"),
        sa.CheckConstraint("length(btrim(signed_by)) > 0", name="deployment_signoff_signed_by_check"),
        sa.CheckConstraint("length(btrim(evidence)) > 0", name="deployment_signoff_evidence_check"),
        sa.CheckConstraint("valid_until > signed_at", name="deployment_signoff_valid_until_check"),
        sa.Index("idx_deployment_signoff_item", "check_item", sa.text("signed_at DESC")),
        comment="Manual points of the deployment checklists: who looked, when, on what evidence",
    )
    op.run_sql("benchmark_queries", "0610")
    for name in OBJECTS:
        op.run_sql(name, "0610")
    op.run_sql("monitoring_schedule", "0610")


def downgrade() -> None:
    for name in reversed(OBJECTS):
        op.drop_sql(name, "0610")
    op.run_sql("benchmark_queries", "0410")
    op.archive_table("deployment_signoff")
    op.archive_table("monitoring_results")
    op.archive_table("monitoring_schedule")

"""Gate of phase 4: the indexes are valid, and nothing became slower

Phase:      phase_4
Does:       the function that compares measured queries with the baselines of phase 1; adds the objects of
            phase 4 to the expected ones; then the gate phase_4, which measures for a few seconds
Locks:      none beyond reading
Refuses if: a critical check of the gate phase_4 fails: an index missing, not valid or with another definition,
            a query slower than its baseline beyond tolerance, noise and 5 ms
Down:       the functions go; what was measured stays in performance_baselines and migration_benchmarks
"""

from __future__ import annotations

from alembic import op

revision = "phase_4"
down_revision = "phase_4_json_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.run_sql("compare_with_baselines", "0499")
    op.run_sql("expected_phase_4", "0499")
    op.run_sql("expected_objects", "0499")
    op.gate("phase_4", "0499")


def downgrade() -> None:
    op.run_sql("expected_objects", "0399")
    op.drop_sql("expected_phase_4", "0499")
    op.drop_sql("compare_with_baselines", "0499")

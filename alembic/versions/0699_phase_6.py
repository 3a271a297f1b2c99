"""Gate of phase 6: final verification, by name and to the penny

Phase:      phase_6
Does:       adds the objects of phase 6 to the expected ones, then the gate phase_6
Locks:      none beyond reading, and the summary rows it refreshes
Refuses if: a critical check of the gate phase_6 fails: an object missing or not valid, a summary that differs from
            its recomputation, links and documents apart, a health score below 95
Down:       the list of expected objects goes back to phase 5; nothing is archived
"""

from __future__ import annotations

from alembic import op

revision = "phase_6"
down_revision = "phase_6_monitoring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.run_sql("expected_phase_6", "0699")
    op.run_sql("expected_objects", "0699")
    op.gate("phase_6", "0699")


def downgrade() -> None:
    op.run_sql("expected_objects", "0599")
    op.drop_sql("expected_phase_6", "0699")

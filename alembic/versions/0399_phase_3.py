"""Gate of phase 3: every product has valid ownership, and links and documents agree

Phase:      phase_3
Does:       adds the objects of phase 3 to the expected ones, then the gate phase_3
Locks:      none beyond reading
Refuses if: a critical check of the gate phase_3 fails: an object missing, a product without a valid document,
            owners that differ between document and links, shares that do not add up to 100
Down:       the list of expected objects goes back to phase 2; nothing is archived
"""

from __future__ import annotations

from alembic import op

revision = "phase_3"
down_revision = "phase_3_ownership"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.run_sql("expected_phase_3", "0399")
    op.run_sql("expected_objects", "0399")
    op.gate("phase_3", "0399")


def downgrade() -> None:
    op.run_sql("expected_objects", "0299")
    op.drop_sql("expected_phase_3", "0399")

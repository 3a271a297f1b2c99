"""Gate of phase 2: everything phase 2 makes is there, its rules hold, and no telephone number was lost

Phase:      phase_2
Does:       the list of expected objects and the function that compares it with the catalogue, then the gate
            phase_2
Locks:      none beyond reading
Refuses if: a critical check of the gate phase_2 fails: an object missing or not valid, a source telephone
            number neither migrated nor rejected, an owner without inception date, a liquidity default missing
Down:       the two functions are dropped; nothing is archived
"""

from __future__ import annotations

from alembic import op

revision = "phase_2"
down_revision = "phase_2_field_encryption"
branch_labels = None
depends_on = None


OBJECTS = ("expected_legacy", "expected_phase_2", "expected_objects", "missing_objects")


def upgrade() -> None:
    for name in OBJECTS:
        op.run_sql(name, "0299")
    op.gate("phase_2", "0299")


def downgrade() -> None:
    for name in reversed(OBJECTS):
        op.drop_sql(name, "0299")

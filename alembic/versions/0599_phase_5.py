"""Gate of phase 5: every rule proven by what it must refuse and what it must accept

Phase:      phase_5
Does:       the probes and the function that tries them and rolls everything back; adds the objects of phase 5
            to the expected ones; then the gate phase_5
Locks:      none that anybody waits for: the probes write rows of their own, in a transaction that is undone
Refuses if: a critical check of the gate phase_5 fails: an object missing, a constraint not validated, a rule
            that refuses what it must accept or accepts what it must refuse, links and documents apart
Down:       the functions go; nothing is archived
"""

from __future__ import annotations

from alembic import op

revision = "phase_5"
down_revision = "phase_5_audit"
branch_labels = None
depends_on = None

OBJECTS = ("rule_probe_rows", "rule_probes", "ownership_probes", "prove_rules", "expected_phase_5")


def upgrade() -> None:
    for name in OBJECTS:
        op.run_sql(name, "0599")
    op.run_sql("expected_objects", "0599")
    op.gate("phase_5", "0599")


def downgrade() -> None:
    op.run_sql("expected_objects", "0499")
    for name in reversed(OBJECTS):
        op.drop_sql(name, "0599")

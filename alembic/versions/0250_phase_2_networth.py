"""Net-worth statements: immutable, and equal to their parts to the penny

Phase:      phase_2
Does:       networth_statements, the view networth_parts that says what counts and how, the function
            make_networth_statement, the guard that keeps statements as they are, keys, history
Locks:      SHARE ROW EXCLUSIVE on client_groups and profiles while a foreign key is added (milliseconds,
            under the lock budget); nothing else that anybody waits for
Refuses if: a row that comes back from the archive breaks a rule (its key is named)
Down:       the table moves to the archive with its rows; functions, view and triggers are dropped
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_2_networth"
down_revision = "phase_2_objectives_actions"
branch_labels = None
depends_on = None

# In an order in which each finds what it calls; dropped in reverse.
OBJECTS = ("client_item_amount", "is_liability_item", "networth_parts", "make_networth_statement",
           "guard_networth_statement")  # fmt: skip
TRIGGERS = ("guard_networth_statements", "history_networth_statements")


def upgrade() -> None:
    op.restore_table_or(
        "networth_statements",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("client_group_id", sa.BigInteger, nullable=False),
        sa.Column("statement_name", sa.String(255)),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        sa.Column("snapshot_data", postgresql.JSONB, nullable=False, comment="Every part that was counted"),
        sa.Column("total_assets", sa.Numeric(15, 2), nullable=False, server_default=sa.text("0")),
        sa.Column("total_liabilities", sa.Numeric(15, 2), nullable=False, server_default=sa.text("0")),
        sa.Column("net_worth", sa.Numeric(15, 2),
                  sa.Computed("total_assets - total_liabilities", persisted=True)),
        sa.PrimaryKeyConstraint("id", name="networth_statements_pkey"),
        sa.CheckConstraint(
            "jsonb_typeof(snapshot_data) = 'object' AND snapshot_data ?&"
            " ARRAY['snapshot_timestamp', 'managed_products', 'unmanaged_products', 'information_items']",
            name="valid_snapshot_data",
        ),
        sa.CheckConstraint(
            "total_assets >= 0 AND total_liabilities >= 0"
            " AND total_assets <> 'NaN' AND total_liabilities <> 'NaN'",
            name="valid_totals",
        ),
        comment="Net worth of a client group as it was; immutable, goes only with the client group",
    )  # fmt: skip
    for name in OBJECTS:
        op.run_sql(name, "0250")
    # With the table: nobody finds it without its history.
    op.run_sql("history_networth_statements", "0250")
    op.add_foreign_key_online("fk_networth_statements_client_group", "networth_statements", "client_groups",
                              ["client_group_id"])
    op.add_foreign_key_online("fk_networth_statements_creator", "networth_statements", "profiles",
                              ["created_by"], ondelete="RESTRICT")
    op.run_sql("guard_networth_statements", "0250")  # after what has no parent any more went to quarantine
    op.grant_roles("networth_statements", *OBJECTS)


def downgrade() -> None:
    op.drop_sql("make_networth_statement", "0250")
    op.drop_sql("networth_parts", "0250")
    with op.lock_tables("networth_statements", keys=True):
        for name in reversed(TRIGGERS):
            op.drop_sql(name, "0250")
        op.archive_table("networth_statements")
    op.drop_sql("guard_networth_statement", "0250")
    op.drop_sql("is_liability_item", "0250")
    op.drop_sql("client_item_amount", "0250")

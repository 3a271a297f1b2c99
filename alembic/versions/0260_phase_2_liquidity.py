"""Liquidity of assets: defaults, a client group's own ranks, and net worth in that order

Phase:      phase_2
Does:       asset_liquidity_config with its 21 rows, client_liquidity_customization, product_type_liquidity
            with the portal's product types, the rank functions and networth_by_liquidity
Locks:      SHARE ROW EXCLUSIVE on client_groups while a foreign key is added (milliseconds, under the lock
            budget); nothing else that anybody waits for
Refuses if: a row that comes back from the archive breaks a rule (its key is named)
Down:       the three tables move to the archive with their rows, edited defaults included; functions and
            triggers are dropped
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "phase_2_liquidity"
down_revision = "phase_2_networth"
branch_labels = None
depends_on = None

# In an order in which each finds what it calls; dropped in reverse.
OBJECTS = ("asset_liquidity", "get_asset_liquidity_rank", "networth_by_liquidity")
TRIGGERS = (
    ("asset_liquidity_config", ("asset_liquidity_config_touch", "history_asset_liquidity_config")),
    ("client_liquidity_customization", ("history_client_liquidity_customization",)),
    ("product_type_liquidity", ("product_type_liquidity_touch", "history_product_type_liquidity")),
)
WHOLE_TYPE = "Null: the type as a whole"


def upgrade() -> None:
    moment, now = sa.DateTime(timezone=True), sa.text("now()")
    op.restore_table_or(
        "asset_liquidity_config",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("asset_type", sa.String(100), nullable=False),
        sa.Column("asset_subtype", sa.String(100), comment=WHOLE_TYPE),
        sa.Column("default_liquidity_rank", sa.Integer, nullable=False, comment="1 (at once) to 10"),
        sa.Column("liquidity_description", sa.Text),
        sa.Column("business_days_to_liquidate", sa.Integer,
                  comment="Calendar days in the system defaults, whatever the name says"),
        sa.Column("is_system_default", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("created_at", moment, server_default=now),
        sa.Column("updated_at", moment, server_default=now),
        sa.PrimaryKeyConstraint("id", name="asset_liquidity_config_pkey"),
        sa.UniqueConstraint("asset_type", "asset_subtype", name="unique_asset_liquidity",
                            postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("default_liquidity_rank BETWEEN 1 AND 10",
                           name="asset_liquidity_config_default_liquidity_rank_check"),
        comment="Default liquidity rank of each type and subtype of asset",
    )  # fmt: skip
    op.restore_table_or(
        "client_liquidity_customization",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("client_group_id", sa.BigInteger, nullable=False),
        sa.Column("asset_type", sa.String(100), nullable=False),
        sa.Column("asset_subtype", sa.String(100), comment=WHOLE_TYPE),
        sa.Column("custom_liquidity_rank", sa.Integer, nullable=False, comment="1 (at once) to 10"),
        sa.Column("reason_for_customization", sa.Text),
        sa.Column("approved_by", sa.String(100), nullable=False,
                  server_default=sa.text("COALESCE(NULLIF(current_setting('app.current_user_id', true), ''),"
                                         " CURRENT_USER)"),
                  comment="Id of the approving profile (app.current_user_id); else the database role"),
        sa.Column("created_at", moment, server_default=now),
        sa.PrimaryKeyConstraint("id", name="client_liquidity_customization_pkey"),
        sa.UniqueConstraint("client_group_id", "asset_type", "asset_subtype",
                            name="unique_client_asset_customization", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("custom_liquidity_rank BETWEEN 1 AND 10",
                           name="client_liquidity_customization_custom_liquidity_rank_check"),
        comment="Liquidity ranks that a client group sets for itself",
    )  # fmt: skip
    op.restore_table_or(
        "product_type_liquidity",
        sa.Column("product_type", sa.String(100), nullable=False,
                  comment="Type of a managed or unmanaged product, or category of an information item"),
        sa.Column("asset_type", sa.String(100), nullable=False),
        sa.Column("asset_subtype", sa.String(100), comment=WHOLE_TYPE),
        sa.Column("created_at", moment, nullable=False, server_default=now),
        sa.Column("updated_at", moment, nullable=False, server_default=now),
        sa.PrimaryKeyConstraint("product_type", name="product_type_liquidity_pkey"),
        comment="The asset type and subtype that a product type counts as",
    )  # fmt: skip
    op.run_sql("asset_liquidity_config", "0260")
    op.run_sql("product_type_liquidity", "0260")
    # With the table: nobody finds it without its triggers.
    with op.lock_tables(*(table for table, _ in TRIGGERS)):
        for _, triggers in TRIGGERS:
            for name in triggers:
                op.run_sql(name, "0260")
    op.add_foreign_key_online("client_liquidity_customization_client_group_id_fkey",
                              "client_liquidity_customization", "client_groups", ["client_group_id"])
    for name in OBJECTS:
        op.run_sql(name, "0260")
    op.grant_roles(*(table for table, _ in TRIGGERS), *OBJECTS)


def downgrade() -> None:
    for name in reversed(OBJECTS):
        op.drop_sql(name, "0260")
    for table, triggers in TRIGGERS[::-1]:
        with op.lock_tables(table, keys=True):
            for name in triggers:
                op.drop_sql(name, "0260")
            op.archive_table(table)

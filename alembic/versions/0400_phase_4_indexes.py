"""B-tree indexes for the new tables: composite, partial and covering, built online

Phase:      phase_4
Does:       the 23 b-tree indexes of document 000 (I19 to I22, I25 to I31, I33 to I44) under their
            documented names, with the definitions that the questions behind them need
Locks:      SHARE UPDATE EXCLUSIVE on one new table at a time; readers and writers go on
Refuses if: an index of one of these names exists that this package did not make
Down:       the indexes are dropped concurrently; they hold no data

What differs from the plan: no predicate reads the clock (errata E-007); a one-column index that is the
beginning of another, or on a boolean or a status of few values, would never be chosen (E-199), so
- idx_client_items_client_group, idx_unmanaged_products_client_group, idx_client_actions_client_group and
  idx_client_objectives_client_group carry the columns the summaries count, and are read without the table;
- the status, owner, active, priority and target date indexes hold only the rows people look for: what is
  outstanding or active, or what is not active;
- idx_networth_statements_client_group is (client_group_id, created_at DESC): the statements of a client,
  newest first.
"""

from __future__ import annotations

from alembic import op

revision = "phase_4_indexes"
down_revision = "phase_3"
branch_labels = None
depends_on = None

ITEMS, UNMANAGED = "client_information_items", "client_unmanaged_products"
ACTIONS, OBJECTIVES, STATEMENTS = "client_actions", "client_objectives", "networth_statements"


def upgrade() -> None:
    op.create_index_online("idx_client_items_client_group", ITEMS, ["client_group_id"],
                           include=("item_type", "updated_at"))
    op.create_index_online("idx_client_items_type", ITEMS, ["item_type"])
    op.create_index_online("idx_client_items_category", ITEMS, ["item_category"])
    op.create_index_online("idx_client_items_updated_at", ITEMS, ["updated_at DESC"])
    op.create_index_online("idx_client_items_recent", ITEMS, ["client_group_id", "updated_at DESC"])
    op.create_index_online("idx_client_items_type_client", ITEMS,
                           ["client_group_id", "item_type", "item_category"])

    op.create_index_online("idx_unmanaged_products_client_group", UNMANAGED, ["client_group_id"],
                           include=("status", "latest_valuation", "updated_at"))
    op.create_index_online("idx_unmanaged_products_provider", UNMANAGED, ["provider_id"])
    op.create_index_online("idx_unmanaged_products_type", UNMANAGED, ["product_type"])
    op.create_index_online("idx_unmanaged_products_status", UNMANAGED, ["status"], where="status <> 'active'")
    op.create_index_online("idx_unmanaged_products_valuation_date", UNMANAGED, ["valuation_date DESC"])

    op.create_index_online("idx_client_actions_client_group", ACTIONS, ["client_group_id"],
                           include=("status", "active", "updated_at"))
    op.create_index_online("idx_client_actions_status", ACTIONS, ["client_group_id", "target_date"],
                           where="status = 'outstanding'")
    op.create_index_online("idx_client_actions_owner", ACTIONS, ["owner", "target_date"],
                           where="status = 'outstanding'")
    op.create_index_online("idx_client_actions_active", ACTIONS, ["client_group_id"], where="NOT active")
    op.create_index_online("idx_client_actions_target_date", ACTIONS, ["target_date"],
                           where="status = 'outstanding'")

    op.create_index_online("idx_client_objectives_client_group", OBJECTIVES, ["client_group_id"],
                           include=("status", "updated_at"))
    op.create_index_online("idx_client_objectives_status", OBJECTIVES, ["client_group_id", "target_date"],
                           where="status = 'active'")
    op.create_index_online("idx_client_objectives_priority", OBJECTIVES, ["priority", "target_date"],
                           where="status = 'active'")
    op.create_index_online("idx_client_objectives_target_date", OBJECTIVES, ["target_date"],
                           where="status = 'active'")

    op.create_index_online("idx_networth_statements_client_group", STATEMENTS,
                           ["client_group_id", "created_at DESC"])
    op.create_index_online("idx_networth_statements_created_at", STATEMENTS, ["created_at DESC"])
    op.create_index_online("idx_networth_statements_net_worth", STATEMENTS, ["net_worth DESC"])


def downgrade() -> None:
    op.drop_index_online("idx_networth_statements_net_worth")
    op.drop_index_online("idx_networth_statements_created_at")
    op.drop_index_online("idx_networth_statements_client_group")
    op.drop_index_online("idx_client_objectives_target_date")
    op.drop_index_online("idx_client_objectives_priority")
    op.drop_index_online("idx_client_objectives_status")
    op.drop_index_online("idx_client_objectives_client_group")
    op.drop_index_online("idx_client_actions_target_date")
    op.drop_index_online("idx_client_actions_active")
    op.drop_index_online("idx_client_actions_owner")
    op.drop_index_online("idx_client_actions_status")
    op.drop_index_online("idx_client_actions_client_group")
    op.drop_index_online("idx_unmanaged_products_valuation_date")
    op.drop_index_online("idx_unmanaged_products_status")
    op.drop_index_online("idx_unmanaged_products_type")
    op.drop_index_online("idx_unmanaged_products_provider")
    op.drop_index_online("idx_unmanaged_products_client_group")
    op.drop_index_online("idx_client_items_type_client")
    op.drop_index_online("idx_client_items_recent")
    op.drop_index_online("idx_client_items_updated_at")
    op.drop_index_online("idx_client_items_category")
    op.drop_index_online("idx_client_items_type")
    op.drop_index_online("idx_client_items_client_group")

"""GIN and expression indexes on JSON columns, and the probes that use them

Phase:      phase_4
Does:       I13, I23, I24, I32, I45 of document 000 and two expression indexes on the association type;
            adds the JSON probes to the registry of measured queries
Locks:      SHARE UPDATE EXCLUSIVE on one table at a time; readers and writers go on
Refuses if: an index of one of these names exists that this package did not make
Down:       the indexes are dropped concurrently; the registry goes back to the three baselines

What differs from the plan: I14 to I18 are left out, because the objects they name do not exist
(client_products.metadata, client_snapshots, product_ownership as a table, audit_log; errata E-010, E-173)
or hold a shape nobody writes (the key owners, E-156); idx_client_items_valuation indexes only values
that are JSON numbers, so that no document is refused by its index (E-006, E-061); the association type
is looked up by ->>, which GIN cannot serve, so it has expression indexes (E-200).
"""

from __future__ import annotations

from alembic import op

revision = "phase_4_json_indexes"
down_revision = "phase_4_indexes"
branch_labels = None
depends_on = None

VALUATION = (
    "(CASE WHEN jsonb_typeof(data_content -> 'latest_valuation') = 'number'"
    " THEN (data_content ->> 'latest_valuation')::numeric END)"
)
ASSOCIATION = "(ownership_details ->> 'association_type')"


def upgrade() -> None:
    op.create_index_online("idx_client_products_ownership_gin", "client_products", ["ownership_details"],
                           using="gin")
    op.create_index_online("idx_client_products_association_type", "client_products", [ASSOCIATION])
    op.create_index_online("idx_client_items_content_gin", "client_information_items", ["data_content"],
                           using="gin")
    op.create_index_online("idx_client_items_valuation", "client_information_items", [VALUATION],
                           where="data_content ? 'latest_valuation'")
    op.create_index_online("idx_unmanaged_products_ownership_gin", "client_unmanaged_products",
                           ["ownership_details"], using="gin")
    op.create_index_online("idx_unmanaged_products_association_type", "client_unmanaged_products",
                           [ASSOCIATION])
    op.create_index_online("idx_networth_statements_snapshot_gin", "networth_statements", ["snapshot_data"],
                           using="gin")
    op.run_sql("benchmark_queries", "0410")


def downgrade() -> None:
    op.run_sql("benchmark_queries", "0100")
    op.drop_index_online("idx_networth_statements_snapshot_gin")
    op.drop_index_online("idx_unmanaged_products_association_type")
    op.drop_index_online("idx_unmanaged_products_ownership_gin")
    op.drop_index_online("idx_client_items_valuation")
    op.drop_index_online("idx_client_items_content_gin")
    op.drop_index_online("idx_client_products_association_type")
    op.drop_index_online("idx_client_products_ownership_gin")

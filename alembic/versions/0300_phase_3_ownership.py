"""Ownership of products: links and JSON, both true

Phase:      phase_3
Does:       an index on the links; client_products.ownership_details, filled from the links (archived documents come back
            exactly where the owners are still the same; shares that links carry are taken over); triggers that keep links
            and documents in step both ways; ownership_memory, so that edited shares survive the portal's way of saving
            owners; product_ownership and the reports on what the conversion had to assume
Locks:      ACCESS EXCLUSIVE on client_products and SHARE ROW EXCLUSIVE on product_owner_products, milliseconds under the
            lock budget; up to 2,000 products once more ACCESS EXCLUSIVE on client_products while the table is rewritten
            as it lies (about 10 ms per 1,000), above that row locks, batch by batch of about 25 ms; index concurrently
Refuses if: client_products has an ownership_details of its own that is not jsonb; an index of that name is not ours
Down:       ownership_details by product id, ownership_memory with its rows; the links stay as they are
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_3_ownership"
down_revision = "phase_2"
branch_labels = None
depends_on = None

PRODUCTS, LINKS, MEMORY = "client_products", "product_owner_products", "ownership_memory"
INDEX = "idx_product_owner_products_product"
NO_OWNER = """'{"association_type": "individual", "note": "no_previous_ownership"}'::jsonb"""
# In an order in which each finds what it uses; dropped in reverse.  All but the triggers before any lock is taken.
FUNCTIONS = ("check_ownership_column", "validate_ownership_percentages_precise", "explain_ownership", "ownership_shares",
             "ownership_owner_ids", "is_assumed_ownership", "ownership_from_links", "rebuild_ownership",
             "sync_ownership_from_links", "settle_archived_ownership", "restore_ownership", "fill_ownership_in_place",
             "fill_ownership_range", "fill_ownership_batches", "help_fill_ownership", "fill_ownership",
             "adopt_link_percentages")  # fmt: skip
# After the fill: a column that a view or a trigger depends on cannot be rewritten in place.
FILLED = ("sync_links_from_ownership", "client_products_owner_links")
REPORTS = ("product_ownership", "ownership_review", "ownership_link_findings", "reconcile_ownership")


def upgrade() -> None:
    # Owners beside the key, not in it: links of a product are then found in the order in which the portal made them.
    op.create_index_online(INDEX, LINKS, ["product_id"], include=("product_owner_id",))
    op.restore_table_or(
        MEMORY,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("product_id", sa.BigInteger, nullable=False),
        sa.Column("owner_ids", postgresql.ARRAY(sa.BigInteger), nullable=False, comment="Owner set, ascending"),
        sa.Column("ownership_details", postgresql.JSONB, nullable=False, comment="The document as somebody left it"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("id", name="ownership_memory_pkey"),
        sa.Index("idx_ownership_memory_product", "product_id"),
        comment="Edited ownership documents by product and owner set, for when these owners come back",
    )
    op.add_foreign_key_online("fk_ownership_memory_product", MEMORY, PRODUCTS, ["product_id"])
    for name in FUNCTIONS:
        op.run_sql(name, "0300")
    op.backfill("check_ownership_column")
    with op.lock_tables(PRODUCTS, LINKS):
        op.add_columns(
            PRODUCTS,
            sa.Column("ownership_details", postgresql.JSONB, comment="Owners and their shares in per cent; follows the links"),
        )
        op.set_default(PRODUCTS, "ownership_details", NO_OWNER)
        op.run_sql("product_owner_products_ownership", "0300")
    op.backfill("fill_ownership", helper="help_fill_ownership")
    op.backfill("adopt_link_percentages")
    for name in FILLED + REPORTS:
        op.run_sql(name, "0300")
    op.grant_roles(*REPORTS)


def downgrade() -> None:
    for name in reversed(REPORTS):
        op.drop_sql(name, "0300")
    op.copy_columns(PRODUCTS, "ownership_details")
    with op.lock_tables(PRODUCTS, LINKS):
        op.drop_sql("client_products_owner_links", "0300")
        op.drop_sql("product_owner_products_ownership", "0300")
        op.archive_columns(PRODUCTS, "ownership_details")
    op.drop_sql("sync_links_from_ownership", "0300")
    for name in reversed(FUNCTIONS):
        op.drop_sql(name, "0300")
    op.archive_table(MEMORY)
    op.drop_index_online(INDEX)

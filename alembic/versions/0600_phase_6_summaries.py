"""Summaries: three tables kept true by refreshes of what changed, and the page function of the dense list

Phase:      phase_6
Does:       client_complete_summary, client_ownership_summary, client_dense_summary with their source views,
            refresh functions, marks of what changed (summary_dirty) and log of refreshes; fills them
Locks:      SHARE ROW EXCLUSIVE on the ten tables that get triggers, milliseconds under the lock budget; the
            fill commits batch by batch and blocks nobody; down: ACCESS EXCLUSIVE on them, milliseconds
Refuses if: nothing
Down:       the five tables are archived with their rows; triggers, functions and views are dropped
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "phase_6_summaries"
down_revision = "phase_5"
branch_labels = None
depends_on = None

SUMMARIES = ("client_complete_summary", "client_ownership_summary", "client_dense_summary")
OBJECTS = ("client_complete_summary_source", "client_ownership_summary_source",
           "client_dense_summary_source", "performance_limits", "performance_grade", "apply_summary",
           "refresh_summary", "refresh_client_complete_summary", "refresh_client_ownership_summary",
           "refresh_dense_data_views", "refresh_dirty_summaries", "get_client_dense_page", "fill_summaries")
TRIGGERS = ("mark_summary_dirty", "summary_dirty_client_actions", "summary_dirty_client_group_product_owners",
            "summary_dirty_client_groups", "summary_dirty_client_information_items",
            "summary_dirty_client_objectives", "summary_dirty_client_products",
            "summary_dirty_client_unmanaged_products", "summary_dirty_networth_statements",
            "summary_dirty_portfolio_valuations", "summary_dirty_product_owners")  # fmt: skip
# Names have no limit and an index row has: lists go by the first 250 characters, then by id.
NAME, ACTIVITY = "left(coalesce(group_name, ''), 250)", "coalesce(last_activity, '-infinity'::timestamptz)"
SORT_KEYS = (NAME, "total_active_value", "total_products", ACTIVITY)
COMPLEXITY_NAMES = ("complexity_name", "complexity_value", "complexity", "complexity_activity")
COUNT, MONEY, SHARE, MOMENT = sa.BigInteger(), sa.Numeric(20, 2), sa.Numeric(22, 6), sa.DateTime(timezone=True)
OWNER_KEY, UNIQUE = "fk_client_ownership_summary_product_owner", "idx_client_ownership_summary_client_group"


def upgrade() -> None:
    op.restore_table_or(
        "client_complete_summary",
        *_numbers(COUNT, "client_group_id"),
        *(sa.Column(name, sa.Text) for name in ("client_name", "client_type", "status")),
        *_numbers(COUNT, managed_product_count="active products"),
        *_numbers(MONEY, total_managed_value="latest valuations; a shared portfolio counts once"),
        *_numbers(COUNT, unmanaged_product_count="active unmanaged products"),
        *_numbers(MONEY, "total_unmanaged_value"),
        *_numbers(COUNT, "information_item_count", asset_item_count="items of type assets_liabilities"),
        *_numbers(COUNT, "total_actions", "outstanding_actions", "total_objectives", "active_objectives"),
        *_numbers(MONEY, total_client_value="managed and unmanaged value"),
        *_numbers(COUNT, "networth_statement_count"),
        sa.Column("last_networth_statement", MOMENT),
        sa.Column("last_updated", MOMENT, comment="latest change of anything of the client; NULL: none"),
        sa.PrimaryKeyConstraint("client_group_id", name="idx_client_complete_summary_id"),
        sa.Index("idx_client_complete_summary_total_value", sa.text("total_client_value DESC")),
        comment="One row per active client group; refreshed, never written by hand",
    )
    op.restore_table_or(
        "client_ownership_summary",
        *_numbers(COUNT, "client_group_id", "product_owner_id"),
        sa.Column("owner_name", sa.Text, nullable=False),
        *_numbers(COUNT, "managed_products_owned"),
        *_numbers(SHARE, managed_ownership_value="valuation times share, not rounded to the penny"),
        *_numbers(COUNT, "unmanaged_products_owned"),
        *_numbers(SHARE, "unmanaged_ownership_value"),
        *_numbers(COUNT, "information_items_owned"),
        sa.PrimaryKeyConstraint("client_group_id", "product_owner_id", name=UNIQUE),
        sa.Index("idx_client_ownership_summary_product_owner", "product_owner_id"),
        comment="What each owner owns in each active client group; refreshed, never written by hand",
    )
    op.restore_table_or(
        "client_dense_summary",
        *_numbers(COUNT, "client_group_id"),
        sa.Column("group_name", sa.Text),
        sa.Column("description", sa.Text, comment="client groups have no description: always NULL"),
        *_numbers(COUNT, "total_products", "active_products"),
        *_numbers(MONEY, "total_active_value"),
        *_numbers(COUNT, "ownership_records", "max_owners_per_product", "asset_items", "liability_items",
                  "income_items", "active_actions", "active_objectives"),
        sa.Column("last_activity", MOMENT, comment="NULL when there is none"),
        sa.Column("complexity_indicator", sa.Text, nullable=False, comment="by number of products: over 50, over 20"),
        sa.PrimaryKeyConstraint("client_group_id", name="client_dense_summary_pkey"),
        # One per sort column, read in either direction, and the same behind the complexity filter.
        *(sa.Index(f"idx_client_dense_summary_{name}", *map(sa.text, (*first, key, "client_group_id")))
          for first, names in (((), ("name", "total_value", "products", "activity")),
                               (("complexity_indicator",), COMPLEXITY_NAMES))
          for name, key in zip(names, SORT_KEYS, strict=True)),
        comment="One row per client group for information-dense lists; refreshed, never written by hand",
    )
    op.restore_table_or(
        "summary_dirty",
        sa.Column("id", COUNT, sa.Identity(always=True), nullable=False),
        *_numbers(COUNT, "client_group_id"),
        sa.Column("marked_at", MOMENT, nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("id", name="summary_dirty_pkey"),
        comment="Client groups that changed since their summaries were refreshed; appended by triggers",
    )
    op.restore_table_or(
        "summary_refresh_log",
        sa.Column("id", COUNT, sa.Identity(always=True), nullable=False),
        sa.Column("summary_name", sa.Text, nullable=False),
        sa.Column("client_groups", sa.Integer, comment="how many were asked for; NULL for all"),
        *_numbers(COUNT, "rows_changed"),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("started_at", "finished_at")),
        sa.PrimaryKeyConstraint("id", name="summary_refresh_log_pkey"),
        sa.Index("idx_summary_refresh_log_finished", "summary_name", sa.text("finished_at DESC")),
        comment="When each summary was refreshed, how long it took and how much it changed",
    )
    for name in OBJECTS:
        op.run_sql(name, "0600")
    for name in TRIGGERS:
        op.run_sql(name, "0600")
    op.backfill("fill_summaries")
    for summary in SUMMARIES:
        op.add_foreign_key_online(f"fk_{summary}_client_group", summary, "client_groups", ["client_group_id"])
    op.add_foreign_key_online(OWNER_KEY, "client_ownership_summary", "product_owners", ["product_owner_id"])
    op.grant_roles(*SUMMARIES, "summary_refresh_log", *OBJECTS)


def downgrade() -> None:
    for name in reversed(OBJECTS):
        op.drop_sql(name, "0600")
    for name in reversed(TRIGGERS):
        op.drop_sql(name, "0600")
    for table in SUMMARIES:
        op.archive_table(table)
    op.archive_table("summary_dirty")
    op.archive_table("summary_refresh_log")


def _numbers(kind: sa.types.TypeEngine, *names: str, **commented: str) -> list[sa.Column]:
    named = {**dict.fromkeys(names), **commented}
    return [sa.Column(n, kind, autoincrement=False, nullable=False, comment=c) for n, c in named.items()]

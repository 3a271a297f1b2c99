"""Information items and unmanaged products of client groups, with the rules their JSON obeys

Phase:      phase_2
Does:       client_information_items and client_unmanaged_products, the functions that judge their JSON,
            keys to client groups, profiles and providers, triggers (touch, version, status, dates, history)
Locks:      SHARE ROW EXCLUSIVE on client_groups, profiles and available_providers while a foreign key is
            added (milliseconds, under the lock budget); nothing else that anybody waits for
Refuses if: a row that comes back from the archive breaks a rule (its key is named)
Down:       both tables move to the archive with their rows; functions and triggers are dropped
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_2_client_information"
down_revision = "phase_2_audit"
branch_labels = None
depends_on = None

ITEMS, UNMANAGED = "client_information_items", "client_unmanaged_products"
# In an order in which each finds what it calls; dropped in reverse.
FUNCTIONS = ("validate_ownership_details", "validate_ownership_shares", "validate_ownership_percentages",
             "jsonb_key_count", "explain_product_owner_fields", "validate_product_owner_fields",
             "is_json_amount", "explain_client_item_data", "validate_client_item_data",
             "validate_unmanaged_product_transition", "check_unmanaged_product_status",
             "check_valuation_date", "bump_row_version")  # fmt: skip
ITEM_TRIGGERS = ("client_information_items_touch", "client_information_items_version",
                 "history_client_information_items")  # fmt: skip
UNMANAGED_TRIGGERS = ("client_unmanaged_products_touch", "client_unmanaged_products_status",
                      "client_unmanaged_products_valuation_date", "history_client_unmanaged_products")  # fmt: skip
SHARES = "validate_ownership_percentages"
KEYS = (
    ("fk_client_items_client_group", ITEMS, "client_groups", "client_group_id", "CASCADE"),
    ("fk_client_items_editor", ITEMS, "profiles", "last_edited_by", "RESTRICT"),
    ("fk_unmanaged_products_client_group", UNMANAGED, "client_groups", "client_group_id", "CASCADE"),
    ("fk_unmanaged_products_provider", UNMANAGED, "available_providers", "provider_id", "SET NULL"),
    ("fk_unmanaged_products_editor", UNMANAGED, "profiles", "last_edited_by", "RESTRICT"),
)


def upgrade() -> None:
    for name in FUNCTIONS:
        op.run_sql(name, "0230")
    moment, now = sa.DateTime(timezone=True), sa.text("now()")
    op.restore_table_or(
        ITEMS,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("client_group_id", sa.BigInteger, nullable=False),
        sa.Column("item_type", sa.String(50), nullable=False),
        sa.Column("item_category", sa.String(100), nullable=False),
        sa.Column("data_content", postgresql.JSONB, nullable=False,
                  comment="JSON object, at most 50 keys and 65536 bytes; what it holds depends on item_type"),
        sa.Column("created_at", moment, server_default=now),
        sa.Column("updated_at", moment, server_default=now),
        sa.Column("last_edited_by", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"),
                  comment="Counts the changes of the row, for optimistic locking"),
        sa.PrimaryKeyConstraint("id", name="client_information_items_pkey"),
        sa.CheckConstraint(
            "item_type IN ('basic_detail', 'income_expenditure', 'assets_liabilities', 'protection',"
            " 'vulnerability_health')", name="client_information_items_item_type_check"),
        sa.CheckConstraint("length(btrim(item_category)) > 0", name="item_category_not_empty"),
        comment="Information about a client group: details, income, assets, protection, vulnerability",
    )  # fmt: skip
    op.restore_table_or(
        UNMANAGED,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("client_group_id", sa.BigInteger, nullable=False),
        sa.Column("product_name", sa.String(255), nullable=False),
        sa.Column("product_type", sa.String(50), nullable=False),
        sa.Column("provider_id", sa.BigInteger),
        sa.Column("latest_valuation", sa.Numeric(15, 2), comment="Amount of money on valuation_date"),
        sa.Column("valuation_date", sa.Date, nullable=False, server_default=sa.text("CURRENT_DATE")),
        sa.Column("ownership_details", postgresql.JSONB, nullable=False,
                  server_default=sa.text("'{}'::jsonb"), comment="Owners and their shares; {} when unknown"),
        sa.Column("status", sa.String(50), nullable=False, server_default=sa.text("'active'")),
        sa.Column("notes", sa.Text),
        sa.Column("created_at", moment, server_default=now),
        sa.Column("updated_at", moment, server_default=now),
        sa.Column("last_edited_by", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="client_unmanaged_products_pkey"),
        sa.CheckConstraint("length(btrim(product_name)) > 0", name="product_name_not_empty"),
        sa.CheckConstraint(
            "product_type IN ('GIAs', 'Stocks_and_Shares_ISAs', 'Cash_ISAs', 'Bank_Accounts', 'Pensions',"
            " 'Offshore_Bonds', 'Onshore_Bonds', 'Individual_Shares', 'Property', 'Others')",
            name="client_unmanaged_products_product_type_check"),
        sa.CheckConstraint("latest_valuation >= 0 AND latest_valuation <> 'NaN'",
                           name="client_unmanaged_products_latest_valuation_check"),
        sa.CheckConstraint("status IN ('active', 'sold', 'transferred', 'matured', 'cancelled')",
                           name="client_unmanaged_products_status_check"),
        comment="Products of a client group that the firm does not manage",
    )  # fmt: skip
    # With the table: nobody finds it without its triggers.
    with op.lock_tables(ITEMS, UNMANAGED):
        for name in ITEM_TRIGGERS + UNMANAGED_TRIGGERS:
            op.run_sql(name, "0230")
    for name, table, referent, column, action in KEYS:
        op.add_foreign_key_online(name, table, referent, [column], ondelete=action)
    op.add_check_online(ITEMS, "valid_data_content",
                        "jsonb_typeof(data_content) = 'object' AND jsonb_key_count(data_content) <= 50"
                        " AND octet_length(data_content::text) <= 65536")
    op.add_check_online(ITEMS, "valid_product_owner_field_pattern",
                        "validate_product_owner_fields(item_type, data_content)")
    op.add_check_online(ITEMS, "valid_item_ownership_percentages",
                        "NOT data_content ? 'associated_product_owners'"
                        f" OR {SHARES}(data_content -> 'associated_product_owners')")
    op.add_check_online(UNMANAGED, "valid_ownership_details", "validate_ownership_details(ownership_details)")
    op.add_check_online(UNMANAGED, "valid_ownership_percentages", SHARES + "(ownership_details)")
    op.grant_roles(ITEMS, UNMANAGED)


def downgrade() -> None:
    with op.lock_tables(UNMANAGED, keys=True):
        for name in reversed(UNMANAGED_TRIGGERS):
            op.drop_sql(name, "0230")
        op.drop_checks(UNMANAGED, "valid_ownership_percentages", "valid_ownership_details")
        op.archive_table(UNMANAGED)
    with op.lock_tables(ITEMS, keys=True):
        for name in reversed(ITEM_TRIGGERS):
            op.drop_sql(name, "0230")
        op.drop_checks(ITEMS, "valid_item_ownership_percentages", "valid_product_owner_field_pattern",
                       "valid_data_content")
        op.archive_table(ITEMS)
    for name in reversed(FUNCTIONS):
        op.drop_sql(name, "0230")

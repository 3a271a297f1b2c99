"""The Phase 1 production schema: 22 tables, 53 indexes, 24 views, 2 functions

Phase:      before the migration; production is stamped here, an empty database is built here
Does:       creates the legacy schema exactly as production has it, and marks the database as a new one
Locks:      none that anybody waits for: every object is new
Refuses if: a table, view or function of these names exists (a production database is stamped, not built)
Down:       drops what it created, archives nothing; refused while any of the tables holds rows
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "legacy"
down_revision = None
branch_labels = None
depends_on = None

# In an order that satisfies the foreign keys; production was built in the same one.
TABLES = (
    "profiles", "authentication", "session", "available_providers", "client_groups", "product_owners",
    "available_funds", "available_portfolios", "client_group_product_owners",
    "template_portfolio_generations", "available_portfolio_funds", "portfolios", "client_products",
    "product_owner_products", "portfolio_funds", "portfolio_fund_valuations", "portfolio_valuations",
    "portfolio_fund_irr_values", "portfolio_irr_values", "holding_activity_log", "provider_switch_log",
    "user_page_presence",
)  # fmt: skip

# index, table, columns: all plain b-trees.
INDEXES = (
    ("idx_authentication_profiles_id", "authentication", "profiles_id"),
    ("idx_session_expires_at", "session", "expires_at"),
    ("idx_session_profiles_id", "session", "profiles_id"),
    ("idx_available_providers_status", "available_providers", "status"),
    ("idx_client_groups_advisor", "client_groups", "advisor"),
    ("idx_client_groups_status", "client_groups", "status"),
    ("idx_available_funds_isin", "available_funds", "isin_number"),
    ("idx_available_funds_status", "available_funds", "status"),
    ("idx_portfolios_status", "portfolios", "status"),
    ("idx_portfolios_template_generation_id", "portfolios", "template_generation_id"),
    ("idx_client_products_client_id", "client_products", "client_id"),
    ("idx_client_products_portfolio_id", "client_products", "portfolio_id"),
    ("idx_client_products_provider_id", "client_products", "provider_id"),
    ("idx_client_products_status", "client_products", "status"),
    ("idx_portfolio_funds_portfolio_id", "portfolio_funds", "portfolio_id"),
    ("idx_portfolio_funds_status", "portfolio_funds", "status"),
    ("idx_portfolio_fund_valuations_date", "portfolio_fund_valuations", "valuation_date"),
    ("idx_portfolio_fund_valuations_fund_id", "portfolio_fund_valuations", "portfolio_fund_id"),
    ("idx_portfolio_valuations_date", "portfolio_valuations", "valuation_date"),
    ("idx_portfolio_valuations_portfolio_id", "portfolio_valuations", "portfolio_id"),
    ("idx_portfolio_fund_irr_values_date", "portfolio_fund_irr_values", "date"),
    ("idx_portfolio_fund_irr_values_fund_id", "portfolio_fund_irr_values", "fund_id"),
    ("idx_portfolio_irr_values_date", "portfolio_irr_values", "date"),
    ("idx_portfolio_irr_values_portfolio_id", "portfolio_irr_values", "portfolio_id"),
    ("idx_holding_activity_log_portfolio_fund_id", "holding_activity_log", "portfolio_fund_id"),
    ("idx_holding_activity_log_product_id", "holding_activity_log", "product_id"),
    ("idx_holding_activity_log_timestamp", "holding_activity_log", "activity_timestamp"),
    ("idx_user_page_presence_last_seen", "user_page_presence", "last_seen"),
    ("idx_user_page_presence_page", "user_page_presence", "page_identifier"),
    ("idx_user_page_presence_user_page", "user_page_presence", "user_id", "page_identifier"),
)

# Each view stands after the views it reads.
VIEWS = (
    "latest_portfolio_fund_irr_values",
    "latest_portfolio_fund_valuations",
    "latest_portfolio_irr_values",
    "latest_portfolio_valuations",
    "advisor_client_summary",
    "fund_historical_irr",
    "portfolio_historical_irr",
    "product_owner_details",
    "template_generation_weighted_risk",
    "client_group_complete_data",
    "client_groups_summary",
    "company_irr_cache",
    "portfolio_performance_history",
    "product_value_irr_summary",
    "products_display_view",
    "products_list_view",
    "provider_revenue_breakdown",
    "company_revenue_analytics",
    "complete_fund_data",
    "fund_activity_summary",
    "fund_distribution_fast",
    "provider_distribution_fast",
    "revenue_analytics_optimized",
    "analytics_dashboard_summary",
)

FUNCTIONS = ("calculate_adhoc_portfolio_valuation", "global_search_entities")


def upgrade() -> None:
    _profiles()
    _authentication()
    _session()
    _available_providers()
    _client_groups()
    _product_owners()
    _available_funds()
    _available_portfolios()
    _client_group_product_owners()
    _template_portfolio_generations()
    _available_portfolio_funds()
    _portfolios()
    _client_products()
    _product_owner_products()
    _portfolio_funds()
    _portfolio_fund_valuations()
    _portfolio_valuations()
    _portfolio_fund_irr_values()
    _portfolio_irr_values()
    _holding_activity_log()
    _provider_switch_log()
    _user_page_presence()
    for index, table, *columns in INDEXES:
        op.create_index(index, table, columns)
    for name in VIEWS + FUNCTIONS:
        op.run_sql(name, "0000")
    op.mark_new()


def downgrade() -> None:
    op.refuse_while_rows(*TABLES)
    for name in reversed(VIEWS + FUNCTIONS):
        op.drop_sql(name, "0000")
    for table in reversed(TABLES):
        op.drop_table(table)


def _id(name: str = "id") -> sa.Column:
    """The surrogate key of every table but session; *by default*, because bulk inserts bring their ids."""
    return sa.Column(name, sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _stamp(name: str = "created_at", *, nullable: bool = False) -> sa.Column:
    """A time that the database sets to the start of the writing transaction."""
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=nullable)


def _current_timestamp(name: str) -> sa.Column:
    """A column added to production later than the others; its default is spelled differently there."""
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("CURRENT_TIMESTAMP"))


def _text(name: str, default: str | None = None, *, nullable: bool = True) -> sa.Column:
    return sa.Column(
        name,
        sa.Text(),
        server_default=None if default is None else sa.text(f"'{default}'::text"),
        nullable=nullable,
    )


def _foreign_key(
    name: str, column: str, referent: str, on_delete: str | None = None
) -> sa.ForeignKeyConstraint:
    """``on_delete`` None is NO ACTION: the row referred to cannot go while this one refers to it."""
    return sa.ForeignKeyConstraint([column], [f"{referent}.id"], name=name, ondelete=on_delete)


def _profiles() -> None:
    op.create_table(
        "profiles",
        _id(),
        _stamp(),
        _text("first_name"),
        _text("last_name"),
        _text("email"),
        _text("profile_picture_url", "/images/Companylogo2.png"),
        _text("preferred_client_view", "list"),
        _text("preferred_landing_page", "/"),
        sa.PrimaryKeyConstraint("id", name="profiles_pkey"),
    )


def _authentication() -> None:
    op.create_table(
        "authentication",
        _id("auth_id"),
        _stamp(),
        _text("password_hash"),
        sa.Column("profiles_id", sa.BigInteger()),
        _text("last_login"),
        _current_timestamp("updated_at"),
        sa.PrimaryKeyConstraint("auth_id", name="authentication_pkey"),
        _foreign_key("authentication_profiles_id_fkey", "profiles_id", "profiles", "CASCADE"),
    )


def _session() -> None:
    op.create_table(
        "session",
        _text("session_id", nullable=False),
        sa.Column("profiles_id", sa.BigInteger()),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        _current_timestamp("created_at"),
        _text("last_activity"),
        sa.PrimaryKeyConstraint("session_id", name="session_pkey"),
        _foreign_key("session_profiles_id_fkey", "profiles_id", "profiles", "CASCADE"),
    )


def _available_providers() -> None:
    op.create_table(
        "available_providers",
        _id(),
        _text("name"),
        _text("status", "active", nullable=False),
        _stamp(),
        _text("theme_color"),
        sa.PrimaryKeyConstraint("id", name="available_providers_pkey"),
    )


def _client_groups() -> None:
    op.create_table(
        "client_groups",
        _id(),
        _text("advisor"),
        _text("status", "active"),
        _stamp(),
        _text("name"),
        _text("type", "Family"),
        sa.Column("advisor_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="client_groups_pkey"),
    )


def _product_owners() -> None:
    op.create_table(
        "product_owners",
        _id(),
        _stamp(),
        _text("status", "active"),
        _text("firstname", ""),
        _text("surname"),
        _text("known_as"),
        sa.PrimaryKeyConstraint("id", name="product_owners_pkey"),
    )


def _available_funds() -> None:
    op.create_table(
        "available_funds",
        _id(),
        sa.Column("fund_name", sa.String(60)),
        _text("isin_number"),
        sa.Column("risk_factor", sa.SmallInteger()),
        sa.Column("fund_cost", sa.Numeric(6, 2)),
        _text("status", "active"),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="available_funds_pkey"),
    )


def _available_portfolios() -> None:
    op.create_table(
        "available_portfolios",
        _id(),
        _stamp(),
        _text("name"),
        sa.PrimaryKeyConstraint("id", name="available_portfolios_pkey"),
    )


def _client_group_product_owners() -> None:
    op.create_table(
        "client_group_product_owners",
        _id(),
        sa.Column("client_group_id", sa.BigInteger()),
        sa.Column("product_owner_id", sa.BigInteger()),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="client_group_product_owners_pkey"),
        _foreign_key(
            "client_group_product_owners_client_group_id_fkey", "client_group_id", "client_groups", "CASCADE"
        ),
        _foreign_key(
            "client_group_product_owners_product_owner_id_fkey",
            "product_owner_id",
            "product_owners",
            "CASCADE",
        ),
    )


def _template_portfolio_generations() -> None:
    op.create_table(
        "template_portfolio_generations",
        _id(),
        sa.Column("available_portfolio_id", sa.BigInteger()),
        sa.Column("version_number", sa.Integer()),
        _text("generation_name"),
        _text("description"),
        _text("status", "active"),
        _stamp(),
        _current_timestamp("updated_at"),
        sa.PrimaryKeyConstraint("id", name="template_portfolio_generations_pkey"),
        _foreign_key(
            "template_portfolio_generations_available_portfolio_id_fkey",
            "available_portfolio_id",
            "available_portfolios",
            "CASCADE",
        ),
    )


def _available_portfolio_funds() -> None:
    op.create_table(
        "available_portfolio_funds",
        _id(),
        sa.Column("template_portfolio_generation_id", sa.BigInteger()),
        sa.Column("fund_id", sa.BigInteger()),
        sa.Column("target_weighting", sa.Numeric(5, 2)),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="available_portfolio_funds_pkey"),
        _foreign_key("available_portfolio_funds_fund_id_fkey", "fund_id", "available_funds", "CASCADE"),
        _foreign_key(
            "available_portfolio_funds_template_portfolio_generation_id_fkey",
            "template_portfolio_generation_id",
            "template_portfolio_generations",
            "CASCADE",
        ),
    )


def _portfolios() -> None:
    op.create_table(
        "portfolios",
        _id(),
        _text("portfolio_name"),
        _text("status", "active"),
        sa.Column("start_date", sa.Date()),
        sa.Column("end_date", sa.Date()),
        sa.Column("template_generation_id", sa.BigInteger()),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="portfolios_pkey"),
        _foreign_key(
            "portfolios_template_generation_id_fkey",
            "template_generation_id",
            "template_portfolio_generations",
        ),
    )


def _client_products() -> None:
    # Fees are text in production: the portal writes the text form of a number.
    op.create_table(
        "client_products",
        _id(),
        sa.Column("client_id", sa.BigInteger()),
        _text("product_name"),
        _text("product_type"),
        _text("status", "active"),
        sa.Column("start_date", sa.Date()),
        sa.Column("end_date", sa.Date()),
        sa.Column("provider_id", sa.BigInteger()),
        sa.Column("portfolio_id", sa.BigInteger()),
        _text("plan_number"),
        _stamp(),
        _text("notes"),
        sa.Column("template_generation_id", sa.BigInteger()),
        _text("fixed_fee_direct"),
        _text("fixed_fee_facilitated"),
        _text("percentage_fee_facilitated"),
        sa.PrimaryKeyConstraint("id", name="client_products_pkey"),
        _foreign_key("client_products_client_id_fkey", "client_id", "client_groups", "CASCADE"),
        _foreign_key("client_products_portfolio_id_fkey", "portfolio_id", "portfolios"),
        _foreign_key("client_products_provider_id_fkey", "provider_id", "available_providers"),
    )


def _product_owner_products() -> None:
    op.create_table(
        "product_owner_products",
        _id(),
        sa.Column("product_owner_id", sa.BigInteger()),
        sa.Column("product_id", sa.BigInteger()),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="product_owner_products_pkey"),
        _foreign_key("product_owner_products_product_id_fkey", "product_id", "client_products", "CASCADE"),
        _foreign_key(
            "product_owner_products_product_owner_id_fkey", "product_owner_id", "product_owners", "CASCADE"
        ),
    )


def _portfolio_funds() -> None:
    op.create_table(
        "portfolio_funds",
        _id(),
        sa.Column("portfolio_id", sa.BigInteger()),
        sa.Column("available_funds_id", sa.BigInteger()),
        sa.Column("target_weighting", sa.Numeric(5, 2)),
        sa.Column("amount_invested", sa.Numeric(12, 2)),
        sa.Column("start_date", sa.Date()),
        sa.Column("end_date", sa.Date()),
        _text("status", "active"),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="portfolio_funds_pkey"),
        _foreign_key("portfolio_funds_available_funds_id_fkey", "available_funds_id", "available_funds"),
        _foreign_key("portfolio_funds_portfolio_id_fkey", "portfolio_id", "portfolios", "CASCADE"),
    )


def _portfolio_fund_valuations() -> None:
    op.create_table(
        "portfolio_fund_valuations",
        _id(),
        sa.Column("portfolio_fund_id", sa.BigInteger()),
        sa.Column("valuation_date", sa.Date()),
        sa.Column("valuation", sa.Numeric(12, 2)),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="portfolio_fund_valuations_pkey"),
        _foreign_key(
            "portfolio_fund_valuations_portfolio_fund_id_fkey",
            "portfolio_fund_id",
            "portfolio_funds",
            "CASCADE",
        ),
    )


def _portfolio_valuations() -> None:
    op.create_table(
        "portfolio_valuations",
        _id(),
        sa.Column("portfolio_id", sa.BigInteger()),
        sa.Column("valuation_date", sa.Date()),
        sa.Column("valuation", sa.Numeric(12, 2)),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="portfolio_valuations_pkey"),
        _foreign_key("portfolio_valuations_portfolio_id_fkey", "portfolio_id", "portfolios", "CASCADE"),
    )


def _portfolio_fund_irr_values() -> None:
    op.create_table(
        "portfolio_fund_irr_values",
        _id(),
        sa.Column("fund_id", sa.BigInteger()),
        sa.Column("date", sa.Date()),
        sa.Column("irr_result", sa.Numeric(8, 4)),
        _stamp(),
        sa.Column("fund_valuation_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="portfolio_fund_irr_values_pkey"),
        _foreign_key("portfolio_fund_irr_values_fund_id_fkey", "fund_id", "portfolio_funds", "CASCADE"),
    )


def _portfolio_irr_values() -> None:
    op.create_table(
        "portfolio_irr_values",
        _id(),
        sa.Column("portfolio_id", sa.BigInteger()),
        sa.Column("date", sa.Date()),
        sa.Column("irr_result", sa.Numeric(8, 4)),
        _stamp(),
        sa.Column("portfolio_valuation_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="portfolio_irr_values_pkey"),
        _foreign_key("portfolio_irr_values_portfolio_id_fkey", "portfolio_id", "portfolios", "CASCADE"),
    )


def _holding_activity_log() -> None:
    op.create_table(
        "holding_activity_log",
        _id(),
        sa.Column("product_id", sa.BigInteger()),
        sa.Column("portfolio_fund_id", sa.BigInteger()),
        _text("activity_type"),
        sa.Column("amount", sa.Numeric(12, 2)),
        _stamp("activity_timestamp"),
        _stamp(),
        sa.PrimaryKeyConstraint("id", name="holding_activity_log_pkey"),
        _foreign_key(
            "holding_activity_log_portfolio_fund_id_fkey", "portfolio_fund_id", "portfolio_funds", "CASCADE"
        ),
        _foreign_key("holding_activity_log_product_id_fkey", "product_id", "client_products", "CASCADE"),
    )


def _provider_switch_log() -> None:
    op.create_table(
        "provider_switch_log",
        _id(),
        sa.Column("client_product_id", sa.BigInteger()),
        sa.Column("previous_provider_id", sa.BigInteger()),
        sa.Column("new_provider_id", sa.BigInteger()),
        sa.Column("switch_date", sa.DateTime(timezone=True)),
        _stamp(),
        _text("description"),
        sa.PrimaryKeyConstraint("id", name="provider_switch_log_pkey"),
        _foreign_key(
            "provider_switch_log_client_product_id_fkey", "client_product_id", "client_products", "CASCADE"
        ),
        _foreign_key("provider_switch_log_new_provider_id_fkey", "new_provider_id", "available_providers"),
        _foreign_key(
            "provider_switch_log_previous_provider_id_fkey", "previous_provider_id", "available_providers"
        ),
    )


def _user_page_presence() -> None:
    op.create_table(
        "user_page_presence",
        _id(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        _text("page_identifier", nullable=False),
        _stamp("entered_at", nullable=True),
        _stamp("last_seen", nullable=True),
        sa.Column("user_info", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb")),
        sa.PrimaryKeyConstraint("id", name="user_page_presence_pkey"),
        sa.UniqueConstraint(
            "user_id", "page_identifier", name="user_page_presence_user_id_page_identifier_key"
        ),
        _foreign_key("user_page_presence_user_id_fkey", "user_id", "profiles", "CASCADE"),
    )

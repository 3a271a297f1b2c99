"""Models of the Phase 1 tables: definitions against the document.  Whether they match a database at head is
the business of ``alembic check`` (tests/promises/test_models.py)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from kingston_schema import models
from kingston_schema.models import metadata
from legacy_catalogue import EXPECTED

CLASSES = {
    "authentication": "Authentication",
    "available_funds": "AvailableFund",
    "available_portfolio_funds": "AvailablePortfolioFund",
    "available_portfolios": "AvailablePortfolio",
    "available_providers": "AvailableProvider",
    "client_group_product_owners": "ClientGroupProductOwner",
    "client_groups": "ClientGroup",
    "client_products": "ClientProduct",
    "holding_activity_log": "HoldingActivityLog",
    "portfolio_fund_irr_values": "PortfolioFundIrrValue",
    "portfolio_fund_valuations": "PortfolioFundValuation",
    "portfolio_funds": "PortfolioFund",
    "portfolio_irr_values": "PortfolioIrrValue",
    "portfolio_valuations": "PortfolioValuation",
    "portfolios": "Portfolio",
    "product_owner_products": "ProductOwnerProduct",
    "product_owners": "ProductOwner",
    "profiles": "Profile",
    "provider_switch_log": "ProviderSwitchLog",
    "session": "UserSession",
    "template_portfolio_generations": "TemplatePortfolioGeneration",
    "user_page_presence": "UserPagePresence",
}

# The only columns that legacy tables gain, always behind the old ones.
ADDED = {
    "product_owners": [
        "security_words", "notes", "next_meeting_date", "date_signed_tc", "last_fee_agreement_date",
        "inception_date", "updated_at", "updated_by",
    ],
    "client_products": ["ownership_details"],
}  # fmt: skip


def test_every_legacy_table_has_its_class() -> None:
    assert sorted(CLASSES) == sorted(EXPECTED["tables"])
    for table, name in CLASSES.items():
        assert getattr(models, name).__tablename__ == table
        assert name in models.__all__


@pytest.mark.parametrize("table", CLASSES)
def test_columns_are_the_documented_ones(table: str) -> None:
    assert [_column(column) for column in metadata.tables[table].columns][
        : len(_expected(table))
    ] == _expected(table)


@pytest.mark.parametrize("table", CLASSES)
def test_only_the_agreed_columns_were_added(table: str) -> None:
    names = [column.name for column in metadata.tables[table].columns]
    assert names[len(_expected(table)) :] == ADDED.get(table, [])


def _expected(table: str) -> list[dict[str, Any]]:
    columns = EXPECTED["tables"][table]["columns"]
    return [{key: value for key, value in column.items() if key != "sequence"} for column in columns]


def _column(column: sa.Column) -> dict[str, Any]:
    """A column of a model in the shape of the expected catalogue."""
    written = column.type.compile(dialect=postgresql.dialect()).lower()
    known = {"varchar(60)": "character varying(60)", "numeric(12, 2)": "numeric(12,2)"}
    found = {
        "name": column.name,
        "type": known.get(written, written.replace(", ", ",")),
        "not_null": not column.nullable,
        "default": column.server_default.arg.text
        if isinstance(column.server_default, sa.DefaultClause)
        else None,
    }
    if column.identity is not None:
        found["identity"] = "always" if column.identity.always else "by default"
    return found


@pytest.mark.parametrize("table", CLASSES)
def test_constraints_have_their_literal_names_and_actions(table: str) -> None:
    found = {}
    for item in metadata.tables[table].constraints:
        columns = list(item.columns.keys())
        if isinstance(item, sa.ForeignKeyConstraint):
            target = item.elements[0].column
            found[item.name] = {
                "kind": "foreign key",
                "columns": columns,
                "references": target.table.name,
                "referenced_columns": [target.name],
                "on_delete": item.ondelete or "NO ACTION",
            }
        elif isinstance(item, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            kind = "unique" if isinstance(item, sa.UniqueConstraint) else "primary key"
            found[item.name] = {"kind": kind, "columns": columns}
    assert found == EXPECTED["tables"][table]["constraints"]


@pytest.mark.parametrize("table", CLASSES)
def test_indexes_have_their_literal_names(table: str) -> None:
    expected = EXPECTED["tables"][table]
    indexes = {index.name: index for index in metadata.tables[table].indexes}
    for name, index in expected["indexes"].items():
        if name not in expected["constraints"]:
            assert list(indexes[name].columns.keys()) == index["columns"]
            assert not indexes[name].unique

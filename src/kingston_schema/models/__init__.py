"""SQLAlchemy models of the whole schema as it is at head.

``from kingston_schema.models import ClientGroup`` and a session is all an application needs.
"""

from __future__ import annotations

from .authentication import Authentication
from .available_fund import AvailableFund
from .available_portfolio import AvailablePortfolio, AvailablePortfolioFund, TemplatePortfolioGeneration
from .available_provider import AvailableProvider
from .base import Base, metadata
from .client_group import ClientGroup, ClientGroupProductOwner
from .holding_activity_log import HoldingActivityLog
from .migration import MigrationBenchmark, MigrationControl, MigrationLog, RollbackCheckpoint
from .portfolio import Portfolio, PortfolioIrrValue, PortfolioValuation
from .portfolio_fund import PortfolioFund, PortfolioFundIrrValue, PortfolioFundValuation
from .product import ClientProduct, ProductOwnerProduct
from .product_owner import ProductOwner
from .profile import Profile
from .provider_switch_log import ProviderSwitchLog
from .session_ import UserSession
from .user_page_presence import UserPagePresence

__all__ = [
    "Authentication",
    "AvailableFund",
    "AvailablePortfolio",
    "AvailablePortfolioFund",
    "AvailableProvider",
    "Base",
    "ClientGroup",
    "ClientGroupProductOwner",
    "ClientProduct",
    "HoldingActivityLog",
    "MigrationBenchmark",
    "MigrationControl",
    "MigrationLog",
    "Portfolio",
    "PortfolioFund",
    "PortfolioFundIrrValue",
    "PortfolioFundValuation",
    "PortfolioIrrValue",
    "PortfolioValuation",
    "ProductOwner",
    "ProductOwnerProduct",
    "Profile",
    "ProviderSwitchLog",
    "RollbackCheckpoint",
    "TemplatePortfolioGeneration",
    "UserPagePresence",
    "UserSession",
    "metadata",
]

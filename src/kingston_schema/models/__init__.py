"""SQLAlchemy models of the whole schema as it is at head.

``from kingston_schema.models import ClientGroup`` and a session is all an application needs.
"""

from __future__ import annotations

from .authentication import Authentication
from .available_fund import AvailableFund
from .available_portfolio import AvailablePortfolio, AvailablePortfolioFund, TemplatePortfolioGeneration
from .available_provider import AvailableProvider
from .base import Base, metadata
from .client_action import ClientAction
from .client_group import ClientGroup, ClientGroupProductOwner
from .client_information_item import ClientInformationItem
from .client_objective import ClientObjective
from .client_unmanaged_product import ClientUnmanagedProduct
from .encryption import ClientGroupSecret, EncryptionAudit, EncryptionKey
from .global_action import GlobalAction, GlobalActionState
from .holding_activity_log import HoldingActivityLog
from .liquidity import AssetLiquidityConfig, ClientLiquidityCustomization, ProductTypeLiquidity
from .migration import MigrationBenchmark, MigrationControl, MigrationLog, RollbackCheckpoint
from .monitoring import DeploymentSignoff, MonitoringResult, MonitoringSchedule, PerformanceBaseline
from .networth_statement import NetworthStatement
from .ownership import OwnershipAudit, OwnershipMemory
from .portfolio import Portfolio, PortfolioIrrValue, PortfolioValuation
from .portfolio_fund import PortfolioFund, PortfolioFundIrrValue, PortfolioFundValuation
from .product import ClientProduct, ProductOwnerProduct
from .product_owner import ProductOwner
from .product_owner_audit import ProductOwnerAudit
from .product_owner_phone import ProductOwnerPhone, ProductOwnerPhoneReject, ProductOwnerPhoneSource
from .profile import Profile
from .provider_switch_log import ProviderSwitchLog
from .row_history import RowHistory
from .session_ import UserSession
from .summaries import (
    ClientCompleteSummary,
    ClientDenseSummary,
    ClientOwnershipSummary,
    SummaryDirty,
    SummaryRefresh,
)
from .user_page_presence import UserPagePresence

__all__ = [
    "AssetLiquidityConfig",
    "Authentication",
    "AvailableFund",
    "AvailablePortfolio",
    "AvailablePortfolioFund",
    "AvailableProvider",
    "Base",
    "ClientAction",
    "ClientCompleteSummary",
    "ClientDenseSummary",
    "ClientGroup",
    "ClientGroupProductOwner",
    "ClientGroupSecret",
    "ClientInformationItem",
    "ClientLiquidityCustomization",
    "ClientObjective",
    "ClientOwnershipSummary",
    "ClientProduct",
    "ClientUnmanagedProduct",
    "DeploymentSignoff",
    "EncryptionAudit",
    "EncryptionKey",
    "GlobalAction",
    "GlobalActionState",
    "HoldingActivityLog",
    "MigrationBenchmark",
    "MigrationControl",
    "MigrationLog",
    "MonitoringResult",
    "MonitoringSchedule",
    "NetworthStatement",
    "OwnershipAudit",
    "OwnershipMemory",
    "PerformanceBaseline",
    "Portfolio",
    "PortfolioFund",
    "PortfolioFundIrrValue",
    "PortfolioFundValuation",
    "PortfolioIrrValue",
    "PortfolioValuation",
    "ProductOwner",
    "ProductOwnerAudit",
    "ProductOwnerPhone",
    "ProductOwnerPhoneReject",
    "ProductOwnerPhoneSource",
    "ProductOwnerProduct",
    "ProductTypeLiquidity",
    "Profile",
    "ProviderSwitchLog",
    "RollbackCheckpoint",
    "RowHistory",
    "SummaryDirty",
    "SummaryRefresh",
    "TemplatePortfolioGeneration",
    "UserPagePresence",
    "UserSession",
    "metadata",
]

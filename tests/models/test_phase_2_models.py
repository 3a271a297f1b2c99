"""Models of the Phase 2 client tables at work: relationships, what the database computes, deletes"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from kingston_schema.models import (
    AssetLiquidityConfig,
    AvailableProvider,
    ClientAction,
    ClientGroup,
    ClientInformationItem,
    ClientLiquidityCustomization,
    ClientObjective,
    ClientUnmanagedProduct,
    GlobalAction,
    GlobalActionState,
    NetworthStatement,
    ProductTypeLiquidity,
    Profile,
)


def full_group(session: Session) -> ClientGroup:
    """A client group with one of everything."""
    adviser = Profile(email="adviser@example.org")
    group = ClientGroup(name="Ann and Ben")
    session.add_all([adviser, group])
    session.flush()
    group.information_items.append(
        ClientInformationItem(
            item_type="basic_detail",
            item_category="Home",
            data_content={"name": "Ann", "product_owners": [1]},
            editor=adviser,
        )
    )
    group.unmanaged_products.append(
        ClientUnmanagedProduct(
            product_name="Bank",
            product_type="Bank_Accounts",
            latest_valuation=Decimal("10.01"),
            provider=AvailableProvider(name="Acme"),
            editor=adviser,
        )
    )
    group.objectives.append(ClientObjective(title="Retire", creator=adviser))
    group.actions.append(ClientAction(action_name="Call", owner="advisor", creator=adviser))
    review = GlobalAction(action_name="Review", creator=adviser)
    group.global_action_states.append(GlobalActionState(global_action=review, editor=adviser))
    group.liquidity_customizations.append(
        ClientLiquidityCustomization(asset_type="cash", custom_liquidity_rank=2)
    )
    session.commit()
    number = session.scalar(sa.func.make_networth_statement(group.id, adviser.id))
    session.commit()
    assert session.get_one(NetworthStatement, number).net_worth == Decimal("10.01")
    return group


def test_relationships_and_server_values(newest_portal_at):
    with Session(newest_portal_at("phase_2_liquidity").engine) as session:
        group = full_group(session)
        assert group.information_items[0].version == 1
        assert group.unmanaged_products[0].status == "active"
        assert group.unmanaged_products[0].ownership_details == {}
        assert group.unmanaged_products[0].valuation_date == session.scalar(sa.select(sa.func.current_date()))
        assert group.unmanaged_products[0].provider.unmanaged_products == group.unmanaged_products
        assert group.objectives[0].progress_percentage == 0
        assert group.actions[0].active is True
        assert group.global_action_states[0].global_action.states == group.global_action_states
        assert group.networth_statements[0].snapshot_data["unmanaged_products"][0]["name"] == "Bank"
        assert group.networth_statements[0].client_group is group
        assert session.get_one(ProductTypeLiquidity, "ISA").asset_subtype == "mutual_funds"
        assert session.scalar(sa.select(sa.func.count()).select_from(AssetLiquidityConfig)) == 21


def test_completion_comes_back_from_the_database(newest_portal_at):
    with Session(newest_portal_at("phase_2_liquidity").engine) as session:
        action = full_group(session).actions[0]
        action.status = "completed"
        session.flush()
        assert isinstance(action.completed_at, dt.datetime)
        action.status = "outstanding"
        session.flush()
        assert action.completed_at is None


def test_two_editors_of_one_item(newest_portal_at):
    engine = newest_portal_at("phase_2_liquidity").engine
    with Session(engine) as session:
        number = full_group(session).information_items[0].id
    with Session(engine) as first, Session(engine) as second:
        mine, theirs = (
            first.get_one(ClientInformationItem, number),
            second.get_one(ClientInformationItem, number),
        )
        mine.item_category = "Mine"
        first.commit()
        assert mine.version == 2
        mine.data_content = {**mine.data_content, "more": 1}
        first.commit()
        assert mine.version == 3
        theirs.item_category = "Theirs"
        with pytest.raises(StaleDataError):
            second.flush()
        second.rollback()
        theirs.item_category = "Theirs"
        second.commit()
        assert theirs.version == 4
        second.delete(theirs)
        mine.item_category = "Again"
        with pytest.raises(StaleDataError):
            first.flush()
        first.rollback()
        second.commit()


def test_a_group_goes_with_everything_and_a_statement_by_itself_does_not(newest_portal_at):
    with Session(newest_portal_at("phase_2_liquidity").engine) as session:
        group = full_group(session)
        session.delete(group.networth_statements[0])
        with pytest.raises(sa.exc.IntegrityError, match="immutable"):
            session.flush()
        session.rollback()
        group.networth_statements[0].statement_name = "New name"
        with pytest.raises(sa.exc.IntegrityError, match="immutable"):
            session.flush()
        session.rollback()
        session.delete(group)
        session.commit()
        for model in (
            ClientInformationItem,
            ClientUnmanagedProduct,
            ClientObjective,
            ClientAction,
            GlobalActionState,
            NetworthStatement,
            ClientLiquidityCustomization,
        ):
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(GlobalAction)) == 1


def test_a_provider_goes_and_the_product_stays(newest_portal_at):
    with Session(newest_portal_at("phase_2_liquidity").engine) as session:
        product = full_group(session).unmanaged_products[0]
        session.delete(product.provider)
        session.commit()
        assert product.provider_id is None

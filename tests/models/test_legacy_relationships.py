"""Models of the Phase 1 tables in use: relationships, deletes, names; against a database at head."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper, Session

import legacy_rows
from kingston_schema.models import (
    AvailableProvider,
    Base,
    ClientGroup,
    ClientGroupProductOwner,
    ClientProduct,
    HoldingActivityLog,
    Portfolio,
    PortfolioFund,
    ProductOwner,
    ProductOwnerProduct,
    Profile,
)
from legacy_catalogue import EXPECTED


def legacy_mappers() -> list[Mapper]:
    """Mappers of the 22 Phase 1 tables."""
    found = [mapper for mapper in Base.registry.mappers if mapper.local_table.name in EXPECTED["tables"]]
    assert len(found) == 22
    return found


@pytest.fixture
def session(portal_at: Any) -> Iterator[Session]:
    """A session on an empty portal at head."""
    with Session(portal_at("head").engine) as session:
        yield session


def test_every_relationship_leads_where_the_keys_say(portal_at: Any) -> None:
    """Over random rows, half-null links included: many-to-one meets its key, one-to-many meets it back."""
    portal = portal_at("head")
    legacy_rows.insert(portal.connection, legacy_rows.generate(21))
    followed = 0
    with Session(portal.engine) as session:
        for mapper in legacy_mappers():
            for row in session.scalars(sa.select(mapper.class_)):
                for relation in mapper.relationships:
                    related = getattr(row, relation.key)
                    members = related if relation.uselist else [related] if related else []
                    followed += len(members)
                    if relation.secondary is None:
                        for mine, theirs in relation.local_remote_pairs:
                            assert {getattr(m, theirs.key) for m in members} <= {getattr(row, mine.key)}
    assert followed > 500


def test_people_of_a_group_and_of_a_product(session: Session) -> None:
    ann, ben = ProductOwner(known_as="Ann"), ProductOwner(firstname="Ben", surname="Brown")
    group = ClientGroup(
        name="Brown", owner_links=[ClientGroupProductOwner(product_owner=p) for p in (ann, ben)]
    )
    product = ClientProduct(product_name="ISA", client_group=group)
    product.owner_links = [ProductOwnerProduct(product_owner=ann), ProductOwnerProduct(product_owner=ann)]
    session.add_all([group, product])
    session.commit()
    assert {owner.display_name for owner in group.product_owners} == {"Ann", "Ben Brown"}
    assert product.product_owners == [ann]  # linked twice, which is legal; one person
    assert ann.client_groups == [group]
    assert ben.products == []
    assert group.products == [product]


def test_taking_an_owner_from_a_product_deletes_the_link(session: Session) -> None:
    product = ClientProduct(owner_links=[ProductOwnerProduct(product_owner=ProductOwner(known_as="Ann"))])
    session.add(product)
    session.commit()
    product.owner_links.clear()
    session.commit()
    assert session.scalar(sa.select(sa.func.count(ProductOwnerProduct.id))) == 0
    assert session.scalar(sa.select(sa.func.count(ProductOwner.id))) == 1


def test_half_null_links_can_be_written_and_read(session: Session) -> None:
    session.add_all([ProductOwnerProduct(), ProductOwnerProduct(product_owner=ProductOwner(known_as="Ann"))])
    session.commit()
    assert session.scalar(sa.select(sa.func.count(ProductOwnerProduct.id))) == 2


def test_deleting_a_group_takes_its_products_and_leaves_the_portfolio(session: Session) -> None:
    portfolio = Portfolio(portfolio_name="P", holdings=[PortfolioFund()])
    group = ClientGroup(name="G", products=[ClientProduct(portfolio=portfolio)])
    session.add(group)
    session.commit()
    session.delete(group)
    session.commit()
    assert session.scalars(sa.select(ClientProduct)).all() == []
    assert len(session.scalars(sa.select(Portfolio)).one().holdings) == 1


def test_deleting_a_portfolio_takes_its_holdings_and_their_money(session: Session) -> None:
    portfolio = Portfolio(holdings=[PortfolioFund(activities=[HoldingActivityLog(activity_type="Fee")])])
    session.add(portfolio)
    session.commit()
    session.delete(portfolio)
    session.commit()
    assert session.scalars(sa.select(HoldingActivityLog)).all() == []


@pytest.mark.parametrize("load", [False, True], ids=["not loaded", "loaded"])
@pytest.mark.parametrize("kind", [AvailableProvider, Portfolio])
def test_what_products_need_cannot_be_deleted(session: Session, kind: type[Base], load: bool) -> None:
    """NO ACTION: the database refuses, and the session does not cut the product loose to get its way."""
    needed = kind()
    session.add(needed)
    session.flush()
    product = ClientProduct()
    setattr(product, "provider" if kind is AvailableProvider else "portfolio", needed)
    session.add(product)
    session.commit()
    if load:
        assert needed.products == [product]
    session.delete(needed)
    with pytest.raises(IntegrityError, match=r"client_products_.*_fkey"):
        session.flush()


def test_adviser_of_a_group_needs_no_foreign_key(session: Session) -> None:
    profile = Profile(first_name="A")
    session.add(profile)
    session.flush()
    group, stray = ClientGroup(advisor_id=profile.id), ClientGroup(advisor_id=profile.id + 1)
    session.add_all([group, stray])
    session.commit()
    assert group.advisor_profile is profile
    assert stray.advisor_profile is None
    assert profile.advised_client_groups == [group]


NAMES = list(itertools.product([None, "", "Ann"], [None, "", "Brown"], [None, "", "Annie"]))


def test_display_name_is_the_name_the_portal_shows(session: Session) -> None:
    """In Python, in a query, and in the legacy view: the same, never null, for every combination of nulls."""
    owners = [ProductOwner(firstname=f, surname=s, known_as=k) for f, s, k in NAMES]
    session.add_all(owners)
    session.commit()
    in_python = {owner.id: owner.display_name for owner in owners}
    in_query = dict(session.execute(sa.select(ProductOwner.id, ProductOwner.display_name)).all())
    in_view = dict(session.execute(sa.text("SELECT id, display_name FROM product_owner_details")).all())
    assert in_python == in_query == in_view
    assert set(in_python.values()) == {" ", "Ann ", " Brown", "Ann Brown", "", "Annie"}
    found = session.scalars(sa.select(ProductOwner).where(ProductOwner.display_name == "Ann Brown")).all()
    assert {owner.firstname for owner in found} == {"Ann"}


def test_database_fills_what_the_portal_leaves_out(session: Session) -> None:
    group, owner, product = ClientGroup(), ProductOwner(), ClientProduct()
    session.add_all([group, owner, product])
    session.commit()
    assert (group.status, group.type) == ("active", "Family")
    assert (owner.status, owner.firstname, owner.surname) == ("active", "", None)
    assert product.ownership_details == {"association_type": "individual", "note": "no_previous_ownership"}
    assert owner.created_at is not None


def test_repr_shows_the_key_and_nothing_else(session: Session) -> None:
    owner = ProductOwner(known_as="Ann", notes=None)
    assert repr(owner) == "<ProductOwner (not saved)>"
    session.add(owner)
    session.commit()
    assert repr(owner) == f"<ProductOwner {owner.id}>"

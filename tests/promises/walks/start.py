"""Where walks begin: a small portal at every revision, on its first way up and come down from a head full of rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from portals import Portal
from promises import writes

from . import catalogue, documents, reading
from .model import LINKS, MEMORY, Model
from .moving import Mover
from .walk import Walk

# Every Phase 1 table; repeated and half-null links, a product without owner, a shared portfolio.
SMALL = """
INSERT INTO profiles (email) VALUES ('ann@example.org'), ('ben@example.org');
INSERT INTO authentication (profiles_id, password_hash) VALUES (1, 'x');
INSERT INTO session (session_id, profiles_id) VALUES ('s', 1);
INSERT INTO user_page_presence (user_id, page_identifier) VALUES (1, 'p');
INSERT INTO client_groups (name, advisor_id) VALUES ('A', 1), ('Б', NULL);
INSERT INTO product_owners (firstname, created_at) VALUES ('Ann', '2001-01-01 00:00:00+00'), (NULL, now()), ('Cyd', '-infinity');
INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (1, 1), (1, 2), (2, 3), (NULL, 1);
INSERT INTO available_providers (name) VALUES ('P'), ('Q');
INSERT INTO available_funds (fund_name, isin_number) VALUES ('Cash', 'N/A');
INSERT INTO available_portfolios (name) VALUES ('T');
INSERT INTO template_portfolio_generations (available_portfolio_id, generation_name) VALUES (1, 'G');
INSERT INTO available_portfolio_funds (template_portfolio_generation_id, fund_id, target_weighting) VALUES (1, 1, 100);
INSERT INTO portfolios (portfolio_name, template_generation_id) VALUES ('F', 1);
INSERT INTO portfolio_funds (portfolio_id, available_funds_id) VALUES (1, 1);
INSERT INTO portfolio_valuations (portfolio_id, valuation, valuation_date) VALUES (1, 1000.10, '2026-01-31');
INSERT INTO portfolio_irr_values (portfolio_id, irr_result, date) VALUES (1, 0.0512, '2026-01-31');
INSERT INTO portfolio_fund_valuations (portfolio_fund_id, valuation, valuation_date) VALUES (1, 1000.10, '2026-01-31');
INSERT INTO portfolio_fund_irr_values (fund_id, irr_result, date) VALUES (1, 0.0512, '2026-01-31');
INSERT INTO client_products (client_id, product_name, product_type, portfolio_id, provider_id) VALUES (1, 'X', 'ISA', 1, 1), (1, 'Y', 'GIA', 1, 2), (2, 'Z', NULL, NULL, NULL);
INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (1, 1), (2, 1), (2, 2), (2, 2), (3, NULL), (NULL, 3);
INSERT INTO holding_activity_log (product_id, portfolio_fund_id, activity_type, amount) VALUES (1, 1, 'Investment', 1000);
INSERT INTO provider_switch_log (client_product_id, previous_provider_id, new_provider_id) VALUES (1, 2, 1);
"""


class Starts:
    """Databases to begin from, by revision and whether they have been at head before."""

    def __init__(self, server: Any) -> None:
        self.templates = server.templates
        self.url = server.url
        self.mover = Mover()
        self.made: dict[tuple[str, bool], tuple[str, Model]] = {}
        self._first_way_up()
        self._down_from_head()

    @contextmanager
    def walk(self, revision: str, been_up: bool) -> Iterator[Walk]:
        """A walk in a database of its own, gone afterwards."""
        name, model = self.made[revision, been_up]
        portal = Portal(self.url(self.templates._create(name, "walk")))
        try:
            yield Walk(portal, model.copy(), self.mover)
        finally:
            self.templates.drop(portal)

    def drop(self) -> None:
        """Remove them all."""
        for name, _ in self.made.values():
            self.templates.drop(Portal(self.url(name)))

    def _first_way_up(self) -> None:
        portal = self.templates.clone(catalogue.LEGACY)
        portal.run(SMALL)
        for revision in catalogue.REVISIONS:
            if revision != catalogue.LEGACY:
                self.mover.go(portal.url, revision, down=False)
            self._keep(portal, as_found(portal, revision), been_up=False)
        self.templates.drop(portal)

    def _down_from_head(self) -> None:
        name, _ = self.made[catalogue.HEAD, False]
        portal = Portal(self.url(self.templates._create(name, "walk")))
        writes.fill(portal)
        model = as_found(portal, catalogue.HEAD)
        for place in itertools.count(len(catalogue.REVISIONS) - 1, -1):
            self._keep(portal, model, been_up=True)
            if place == 0:
                break
            walk = Walk(portal, model.copy(), self.mover)
            walk.go(catalogue.REVISIONS[place - 1])
            model = walk.model
        self.templates.drop(portal)

    def _keep(self, portal: Portal, model: Model, *, been_up: bool) -> None:
        portal.close()
        portal._open.clear()
        name = self.templates._create(sa.make_url(portal.url).database, f"start_{model.revision}")
        self.made[model.revision, been_up] = name, model


def as_found(portal: Portal, revision: str) -> Model:
    """The model of a database that nobody took down yet, as it stands."""
    texts = reading.live(portal.connection, revision)
    model = Model(revision, {table: reading.rows(table, revision, text) for table, text in texts.items()})
    for table, rows in model.live.items():
        if "id" in catalogue.always_generated(table) or table == LINKS:
            model.highest[table] = max((int(row["id"] or 0) for row in rows.values()), default=0)
    for row in model.live.get(MEMORY, {}).values():
        document = documents.parse(row["ownership_details"])
        model.memory.setdefault(str(row["product_id"]), {})[documents.owners(document)] = document
    return model

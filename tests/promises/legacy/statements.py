"""The statements of the Phase 1 application, as ``statements/*.sql`` writes them down after its description.

A block begins with ``-- <number> <route>``; the number is that of the forty statements that must keep working,
``5.2`` for other writing routes and ``5.4`` for statements that fail on production already.  Steps end with ``;`` at
the end of a line.  ``%(name)s`` is a known id (``known``), the id that an earlier INSERT of the block returned
(``new_<table>``) or a column ``keep_<name>`` that an earlier step selected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_HEADER = re.compile(r"^-- (\d+(?:\.\d)?) (.+)$", re.MULTILINE)
_WRITE = re.compile(r"^(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")

# Ids of the sample data that the statements speak of.
KNOWN = {
    "product": """
        SELECT p.id FROM client_products AS p JOIN client_groups AS g ON g.id = p.client_id JOIN portfolios AS f ON f.id = p.portfolio_id
        WHERE (p.status, g.status, f.status) = ('active', 'active', 'active') AND p.provider_id IS NOT NULL
          AND (SELECT count(*) FROM client_products AS o WHERE o.portfolio_id = p.portfolio_id) = 1
          AND (SELECT count(*) FROM product_owner_products AS l WHERE l.product_id = p.id) > 1
          AND EXISTS (SELECT 1 FROM holding_activity_log AS l WHERE l.product_id = p.id)
          AND NOT EXISTS (SELECT 1 FROM client_products AS a JOIN client_products AS b ON b.portfolio_id = a.portfolio_id
                          WHERE a.client_id = p.client_id AND b.client_id <> a.client_id)
        ORDER BY (SELECT count(*) FROM client_group_product_owners AS m WHERE m.client_group_id = g.id) DESC, p.id""",
    "group": "SELECT client_id FROM client_products WHERE id = %(product)s",
    "other_group": "SELECT min(id) FROM client_groups WHERE id <> %(group)s",
    "shared_product": """
        SELECT min(p.id) FROM client_products AS p
        WHERE (SELECT count(*) FROM client_products AS o WHERE o.portfolio_id = p.portfolio_id) > 1""",
    "switched_product": "SELECT min(client_product_id) FROM provider_switch_log",
    "portfolio": "SELECT portfolio_id FROM client_products WHERE id = %(product)s",
    "shared_portfolio": "SELECT portfolio_id FROM client_products WHERE id = %(shared_product)s",
    "holding": """
        SELECT min(h.id) FROM portfolio_funds AS h JOIN available_funds AS a ON a.id = h.available_funds_id
        WHERE h.portfolio_id = %(portfolio)s AND (h.status, a.status) = ('active', 'active')
          AND EXISTS (SELECT 1 FROM holding_activity_log AS l WHERE l.portfolio_fund_id = h.id)
          AND EXISTS (SELECT 1 FROM portfolio_fund_irr_values AS i WHERE i.fund_id = h.id)""",
    "activity": "SELECT min(id) FROM holding_activity_log WHERE portfolio_fund_id = %(holding)s",
    "fund": "SELECT min(id) FROM available_funds WHERE fund_name <> 'Cash'",
    "other_fund": "SELECT max(id) FROM available_funds",
    "provider": "SELECT provider_id FROM client_products WHERE id = %(product)s",
    "other_provider": "SELECT max(id) FROM available_providers",
    "owner": "SELECT product_owner_id FROM product_owner_products WHERE product_id = %(product)s ORDER BY id",
    "other_owner": "SELECT max(id) FROM product_owners",
    "owners": "SELECT array[%(owner)s, %(other_owner)s]",
    "profile": """
        SELECT max(profiles_id) FROM authentication AS a
        WHERE EXISTS (SELECT 1 FROM session AS s WHERE s.profiles_id = a.profiles_id)""",
    "email": "SELECT email FROM profiles WHERE id = %(profile)s",
    "session": "SELECT min(session_id) FROM session WHERE profiles_id = %(profile)s",
    "presence": "SELECT min(id) FROM user_page_presence WHERE user_id = %(profile)s",
    "generation": """
        SELECT g.id FROM template_portfolio_generations AS g JOIN portfolios AS f ON f.template_generation_id = g.id
        JOIN client_products AS p ON p.portfolio_id = f.id
        WHERE (SELECT count(*) FROM template_portfolio_generations AS o
               WHERE o.available_portfolio_id = g.available_portfolio_id) > 1 ORDER BY g.id""",
    "template": "SELECT available_portfolio_id FROM template_portfolio_generations WHERE id = %(generation)s",
}  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """One route: its number, its name, its steps in their order."""

    number: str
    route: str
    steps: tuple[str, ...]

    @property
    def name(self) -> str:
        """What tests and messages call it."""
        return f"{self.number} {self.route}"

    @property
    def writes(self) -> set[tuple[str, str]]:
        """(verb, table) of its writing steps."""
        found = [_WRITE.match(step) for step in self.steps]
        return {(match[1].split()[0], match[2]) for match in found if match}


def load() -> list[Statement]:
    """All statements, in the order of the files."""
    found = []
    for path in sorted((Path(__file__).parent / "statements").glob("*.sql")):
        _, *parts = _HEADER.split(path.read_text(encoding="utf-8"))
        for number, route, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            steps = tuple(step.strip().rstrip(";") for step in re.split(r"(?<=;)\n", body) if step.strip())
            found.append(Statement(number, route, steps))
    return found


def known(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """The ids of ``KNOWN`` in this database."""
    values: dict[str, Any] = {}
    for name, query in KNOWN.items():
        row = connection.execute(query.encode(), values if "%(" in query else None).fetchone()
        assert row is not None, f"the sample data hold no {name}"
        assert row[0] is not None, f"the sample data hold no {name}"
        values[name] = row[0]
    return values

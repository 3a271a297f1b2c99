"""What the Phase 1 application sends: its reads and writes, each statement committed alone, unless said otherwise."""

from __future__ import annotations

import psycopg

from .client import Client
from .portal import COUNTED, GROUPS, LINKED, OWNERS, PATCHED


class Reader(Client):
    """Named columns of tables and views: these may never fail."""

    def step(self) -> None:
        product, group = self.random.randint(1, LINKED[1]), self.random.randint(1, GROUPS)
        self.read(
            "SELECT id, client_id, product_name, status, notes, created_at FROM client_products WHERE id = %s",
            product,
        )
        self.read(
            "SELECT p.id, p.product_name, o.firstname, o.surname FROM client_products AS p"
            " JOIN product_owner_products AS l ON l.product_id = p.id JOIN product_owners AS o ON o.id = l.product_owner_id"
            " WHERE p.client_id = %s ORDER BY p.id, l.id",
            group,
        )
        self.read("SELECT id, name, status, advisor_id FROM client_groups ORDER BY name LIMIT 50")
        self.read(
            "SELECT product_owner_id, created_at FROM product_owner_products WHERE product_id = %s ORDER BY id",
            product,
        )
        self.read("SELECT * FROM product_owner_details WHERE id = %s", self.random.randint(1, OWNERS))


class WholeRows(Client):
    """``SELECT *`` and ``RETURNING *`` with plans the server keeps, alone and in transactions.

    After a column came or went such a plan is refused once, with 0A000.  The portal's driver prepares it again by
    itself, and inside a transaction hands the error on: the one exception that promise P4 names.  Counted apart.
    """

    def prepare(self) -> None:
        self.plans: dict[str, str] = {}

    def step(self) -> None:
        product, group = self.random.randint(1, LINKED[1]), self.random.randint(1, GROUPS)
        self.whole("SELECT * FROM client_products WHERE id = $1", product)
        self.whole("SELECT * FROM client_groups WHERE id = $1", group)
        self.whole("UPDATE profiles SET last_name = last_name WHERE id = $1 RETURNING *", 1)
        for again in (False, True):
            try:
                with self.connection.transaction():
                    self.planned("SELECT * FROM client_products WHERE id = $1", product)
                    self.planned("SELECT * FROM product_owners WHERE id = $1", product % OWNERS + 1)
                break
            except psycopg.errors.FeatureNotSupported:
                self.counts["0A000 in a transaction"] += 1
                if again:
                    raise
                self.forget()

    def whole(self, statement: str, value: int) -> None:
        try:
            self.planned(statement, value)
        except psycopg.errors.FeatureNotSupported:
            self.counts["prepared again"] += 1
            self.forget()
            self.planned(statement, value)

    def planned(self, statement: str, value: int) -> None:
        """Run it with the plan that the server keeps; the first time it is made."""
        if statement not in self.plans:
            name = f"plan_{len(self.plans)}"
            self.connection.execute(f"PREPARE {name}(bigint) AS {statement}".encode())
            self.plans[statement] = name
        kind = "read" if statement.startswith("SELECT") else "write"
        query = f"EXECUTE {self.plans[statement]}({value:d})".encode()
        self.timed(kind, lambda: self.connection.execute(query).fetchall())

    def forget(self) -> None:
        self.connection.execute("DEALLOCATE ALL")
        self.plans = {}


class Products(Client):
    """Products are changed, counted up, made with their portfolio and links, and deleted."""

    def prepare(self) -> None:
        self.facts = {"notes": {}, "counted": 0, "made": [], "deleted": []}

    def step(self) -> None:
        product = self.random.choice(self.mine(list(range(COUNTED[1] + 1, COUNTED[1] + 400))))
        note = f"{self.name} {self.random.random()}"
        self.write("UPDATE client_products SET notes = %s, status = 'active' WHERE id = %s", note, product)
        self.facts["notes"][product] = note
        # Two clients and the fill write the same rows: not one of the additions may be lost.
        self.write(
            "UPDATE client_products SET fixed_fee_direct = (fixed_fee_direct::integer + 1)::text WHERE id = %s",
            self.random.randint(*COUNTED),
        )
        self.facts["counted"] += 1
        if self.random.random() < 0.2:
            self.replace()

    def replace(self) -> None:
        portfolio = self.write("INSERT INTO portfolios (portfolio_name) VALUES (%s) RETURNING id", self.name)
        made = self.write(
            "INSERT INTO client_products (client_id, product_name, portfolio_id, notes) VALUES (%s, %s, %s, 'made')"
            " RETURNING id",
            self.random.randint(1, GROUPS), self.name, portfolio,
        )  # fmt: skip
        self.facts["made"].append(made)
        for owner in self.random.sample(range(1, OWNERS), 2):
            self.write(
                "INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s)",
                made,
                owner,
            )
        if len(self.facts["made"]) > 20:
            gone = self.facts["made"].pop(0)
            self.write("DELETE FROM client_products WHERE id = %s", gone)
            self.facts["deleted"].append(gone)


class Patcher(Client):
    """``PATCH /client_products/{id}/owners``: all links go, then one comes after the other, repeats included."""

    def prepare(self) -> None:
        self.facts = {"owners": {}}

    def step(self) -> None:
        product = self.random.choice(self.mine(list(range(*PATCHED))))
        owners = self.random.choices(range(1, OWNERS), k=self.random.randint(0, 3))
        self.facts["owners"][product] = None
        self.write("DELETE FROM product_owner_products WHERE product_id = %s", product)
        for owner in owners:
            self.write(
                "INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, %s)",
                product,
                owner,
            )
        self.facts["owners"][product] = owners


class People(Client):
    """Owners, groups, memberships and valuations."""

    def prepare(self) -> None:
        self.facts = {"known_as": {}, "groups": {}, "made": []}

    def step(self) -> None:
        owner, group, word = (
            self.random.randint(1, OWNERS),
            self.random.randint(1, GROUPS),
            str(self.random.random()),
        )
        self.write("UPDATE product_owners SET known_as = %s WHERE id = %s", word, owner)
        self.facts["known_as"][owner] = word
        self.write("UPDATE client_groups SET advisor = %s WHERE id = %s", word, group)
        self.facts["groups"][group] = word
        made = self.write(
            "INSERT INTO product_owners (firstname, surname) VALUES ('A', %s) RETURNING id", word
        )
        self.write(
            "INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%s, %s)",
            group,
            made,
        )
        self.write(
            "INSERT INTO portfolio_valuations (portfolio_id, valuation_date, valuation) VALUES (1, now(), 1)"
        )
        self.facts["made"].append(made)
        if len(self.facts["made"]) > 10:
            self.write("DELETE FROM product_owners WHERE id = %s", self.facts["made"].pop(0))

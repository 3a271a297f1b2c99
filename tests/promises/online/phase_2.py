"""What the Phase 2 application sends.  It uses a table, column or function while it is there.

A statement that finds it missing (42P01, 42703, 42883) counts as "not there" and nothing else does: once a table is
there, every statement on it has to work, and what was written is in the archive in the end.  A call of a function that
is dropped in the middle of it (XX000: PostgreSQL locks no functions) is counted apart.  Ownership documents are
written while revision phase_3_ownership is recorded, looked up in the same transaction: before that the column stands
without the triggers that keep the links in step.
"""

from __future__ import annotations

import json

from .client import Client
from .portal import EDITED, GROUPS, OWNERS


class Tables(Client):
    """Actions and information items, made, changed, read; the summaries."""

    phase_2 = True

    def prepare(self) -> None:
        self.facts = {"actions": {}, "items": {}}

    def step(self) -> None:
        group, word = self.random.randint(1, GROUPS), f"{self.name} {self.random.random()}"
        turn = self.random.randrange(4)
        if turn == 0:
            made = self.write(
                "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES (%s, %s, 'advisor', 1)"
                " RETURNING id",
                group, word,
            )  # fmt: skip
            self.facts["actions"][made] = word
        elif turn == 1 and self.facts["actions"]:
            action = self.random.choice(list(self.facts["actions"]))
            self.write("UPDATE client_actions SET action_name = %s WHERE id = %s", word, action)
            self.facts["actions"][action] = word
        elif turn == 2:
            made = self.write(
                "INSERT INTO client_information_items (client_group_id, item_type, item_category, data_content,"
                " last_edited_by) VALUES (%s, 'basic_detail', 'Address', jsonb_build_object('product_owners',"
                " jsonb_build_array(1), 'address_line_one', %s::text), 1) RETURNING id",
                group, word,
            )  # fmt: skip
            self.facts["items"][made] = word
        else:
            self.read("SELECT id, status, action_name FROM client_actions WHERE client_group_id = %s", group)
            self.read("SELECT * FROM client_dense_summary ORDER BY total_active_value DESC LIMIT 20")
            if self.random.random() < 0.05:
                self.timed(
                    "refresh", lambda: self.connection.execute("SELECT refresh_dirty_summaries()").fetchall()
                )


class Owners(Client):
    """New columns of product owners, and ownership documents."""

    phase_2 = True

    def prepare(self) -> None:
        self.facts = {"signed": {}, "documents": {}}

    def step(self) -> None:
        self.document() if self.random.random() < 0.5 else self.signed()

    def signed(self) -> None:
        owner, day = (
            self.random.randint(1, OWNERS),
            f"20{self.random.randint(10, 25)}-01-{self.random.randint(10, 28)}",
        )
        self.write("UPDATE product_owners SET date_signed_tc = %s WHERE id = %s", day, owner)
        self.facts["signed"][owner] = day
        self.read("SELECT date_signed_tc FROM product_owners WHERE id = %s", owner)

    def document(self) -> None:
        product = self.random.choice(self.mine(list(range(*EDITED))))
        one, other = self.random.sample(range(1, OWNERS), 2)
        share = self.random.randint(1, 99)
        document = {"association_type": "tenants_in_common", str(one): share, str(other): 100 - share}

        def request() -> bool:
            with self.connection.transaction():
                there = self.connection.execute(
                    "SELECT count(*) = 1 FROM alembic_version WHERE version_num >= 'phase_3_ownership'"
                    " OR version_num = 'phase_3'"
                ).fetchone()[0]  # type: ignore[index]
                if there:
                    self.connection.execute(
                        "UPDATE client_products SET ownership_details = %s WHERE id = %s",
                        [json.dumps(document), product],
                    )
            return bool(there)

        if self.timed("write", request):
            self.facts["documents"][product] = document
        else:
            self.counts["not there"] += 1

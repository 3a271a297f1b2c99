"""P2 over many rounds: written in both shapes, up and down; nothing that anybody wrote is missing."""

from __future__ import annotations

import pytest

from client_data import insert
from ownership_data import people, save_owners
from promises.marks import Marks
from promises.writes import ENVELOPE

# Down to, and up to: everything that holds values is made by phase_3_ownership; the last round goes all the way.
TOP = "phase_3_ownership"
ROUNDS = (
    ("legacy", TOP),
    ("phase_2_owner_phones", TOP),
    ("phase_1", TOP),
    ("phase_2", TOP),
    ("legacy", "head"),
)


class Office:
    """People at work in a portal, in whichever shape it has; every text they write is a mark of its own."""

    def __init__(self, portal) -> None:
        self.portal = portal
        self.marks = Marks(portal)
        self.handed: dict[str, list[int]] = {}

    def insert(self, table: str, **values) -> int:
        number = insert(self.portal, table, **values)
        self.handed.setdefault(table, []).append(number)
        return number

    def below(self) -> None:
        """What the Phase 1 application does: new rows, changed rows, deleted rows, owners saved anew."""
        mark, portal = self.marks.new, self.portal
        group = self.insert("client_groups", name=mark())
        owner = self.insert("product_owners", firstname=mark())
        self.insert("profiles", email=mark())
        self.insert("available_providers", name=mark())
        number = self.insert("client_products", client_id=group, product_name=mark())
        save_owners(portal, number, [owner, *people(portal, 1)])
        for table, column in (
            ("client_groups", "name"),
            ("product_owners", "surname"),
            ("client_products", "product_name"),
        ):
            portal.run(
                f"UPDATE {table} SET {column} = %s WHERE id = (SELECT max(id) - 1 FROM {table})", mark()
            )
        shared = portal.all(
            "SELECT product_id FROM product_owner_products GROUP BY 1 HAVING count(DISTINCT product_owner_id) = 2 ORDER BY 1"
        )
        for place, number in enumerate(shared[-4:]):
            owners = portal.all(
                "SELECT DISTINCT product_owner_id FROM product_owner_products WHERE product_id = %s ORDER BY 1",
                number,
            )
            save_owners(portal, number, [owners[::-1], owners[:1], [*owners, owner], owners][place])
        portal.run(
            "DELETE FROM client_groups WHERE id = (SELECT min(id) FROM client_groups WHERE name LIKE 'mark%')"
        )
        portal.run(
            "DELETE FROM product_owners WHERE id = (SELECT min(id) FROM product_owners WHERE firstname LIKE 'mark%')"
        )
        portal.run(
            "DELETE FROM client_products WHERE id = (SELECT min(id) FROM client_products WHERE product_name LIKE 'mark%')"
        )
        portal.run("UPDATE client_products SET provider_id = NULL")
        portal.run(
            "DELETE FROM available_providers WHERE id = (SELECT min(id) FROM available_providers WHERE name LIKE 'mark%')"
        )
        portal.run("DELETE FROM profiles WHERE id = (SELECT min(id) FROM profiles WHERE email LIKE 'mark%')")

    def above(self) -> None:
        """What the Phase 2 application does: rows in every table, on old parents and new ones; edits and deletions."""
        mark, portal = self.marks.new, self.portal
        provider, profile = (
            self.insert("available_providers", name=mark()),
            self.insert("profiles", email=mark()),
        )
        self.insert("client_groups", name=mark())
        every = self.insert("global_actions", action_name=mark(), created_by=profile)
        for group in portal.all("SELECT id FROM client_groups ORDER BY id DESC LIMIT 3"):
            self.insert("client_information_items", client_group_id=group, item_type="basic_detail", item_category=mark(),
                        data_content={"product_owners": [1], "address_line_one": mark()}, last_edited_by=profile)  # fmt: skip
            self.insert("client_unmanaged_products", client_group_id=group, product_name=mark(), product_type="Others", provider_id=provider,
                        notes=mark(), last_edited_by=profile)  # fmt: skip
            self.insert("client_objectives", client_group_id=group, title=mark(), created_by=profile)
            self.insert(
                "client_actions",
                client_group_id=group,
                action_name=mark(),
                owner="client",
                created_by=profile,
            )
            self.insert(
                "client_liquidity_customization",
                client_group_id=group,
                asset_type=mark(),
                custom_liquidity_rank=3,
            )
            self.insert(
                "global_action_states", global_action_id=every, client_group_id=group, last_edited_by=profile
            )
            portal.run("SELECT make_networth_statement(%s, %s, %s)", group, profile, mark())
            portal.run("INSERT INTO client_group_secrets (client_group_id, private_notes) VALUES (%s, %s)"
                       " ON CONFLICT (client_group_id) DO UPDATE SET private_notes = excluded.private_notes", group, mark())  # fmt: skip
        for owner in portal.all("SELECT id FROM product_owners ORDER BY id DESC LIMIT 3"):
            portal.run(
                "UPDATE product_owners SET notes = %s, security_words = %s WHERE id = %s",
                mark(),
                mark(),
                owner,
            )
            self.insert("product_owner_phones", product_owner_id=owner, phone_type="other", label=mark(), phone_number="+XX XXXX XXX456",
                        phone_number_encrypted=ENVELOPE)  # fmt: skip
        portal.run(
            "UPDATE client_products AS p SET ownership_details = jsonb_build_object('association_type', 'tenants_in_common', o.owners[1]::text, 70,"
            " o.owners[2]::text, 30, 'why', %s::text || p.id || '-') FROM (SELECT product_id, array_agg(DISTINCT product_owner_id) AS owners FROM product_owner_products"
            " GROUP BY 1 HAVING count(DISTINCT product_owner_id) = 2) AS o WHERE p.id = o.product_id", mark()[:-1],
        )  # fmt: skip
        portal.run(
            "UPDATE client_objectives SET title = %s WHERE id = (SELECT min(id) FROM client_objectives)",
            mark(),
        )
        portal.run("DELETE FROM client_actions WHERE id = (SELECT min(id) FROM client_actions)")
        portal.run("INSERT INTO rollback_checkpoints (checkpoint_name, phase) VALUES (%s, 'phase_6')", mark())


@pytest.fixture
def office(portal_at):
    portal = portal_at(TOP, seed=True)
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    portal.one("SELECT set_config('app.justification', 'a test', false)")
    return Office(portal)


def test_written_in_both_shapes_round_after_round(office):
    """After any number of rounds every value is live, or in quarantine with its reason, or was deleted by somebody."""
    marks = office.marks
    for low, high in ROUNDS:
        with marks.written():
            office.above()
        office.portal.alembic("downgrade", low)
        marks.moved()
        with marks.written():
            office.below()
        office.portal.alembic("upgrade", high)
        marks.moved()
        kept = marks.archived()
        assert {mark for mark, reason in kept if not reason} == set(), "in the archive without a reason"
        assert marks.known - marks.live() <= {mark for mark, _ in kept}
    assert len(marks.known) > 100
    assert len({reason for _, reason in kept}) > 5
    for table, numbers in office.handed.items():
        assert len(numbers) == len(set(numbers)), f"an id of {table} was handed out twice"
    assert office.portal.all("SELECT product_id, finding FROM reconcile_ownership()") == []
    assert office.portal.all("SELECT conname FROM pg_constraint WHERE NOT convalidated") == []

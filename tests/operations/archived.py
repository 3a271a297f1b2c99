"""Portals whose archive holds something, for the tests of ``kingston archive``."""

from __future__ import annotations

from typing import Any

from client_data import Household, household, insert, unmanaged
from owner_data import ENVELOPE, owner, phone, say, switch_encryption

AT, BELOW = "phase_3_ownership", "phase_1"
PLAIN = "PLAINTEXT"


def office(portal: Any) -> Household:
    """A client group with a row in each table that a client group has."""
    switch_encryption(portal, "false")
    say(portal, justification="a test", current_user_id="7")
    home = household(portal)
    mine = {"client_group_id": home.group}
    insert(portal, "client_actions", **mine, action_name="call", owner="advisor", created_by=home.profile)
    insert(portal, "client_liquidity_customization", **mine, asset_type="cash", custom_liquidity_rank=3)
    insert(portal, "client_objectives", **mine, title="retire", created_by=home.profile)
    portal.run(
        "INSERT INTO client_group_secrets (client_group_id, security_word) VALUES (%s, %s)", home.group, PLAIN
    )
    unmanaged(portal, home, provider_id=home.provider, notes=PLAIN)
    return home


def secrets(portal: Any) -> int:
    """A product owner with something in each sensitive column; returns the id."""
    switch_encryption(portal, "false")
    say(portal, justification="a test", current_user_id="7")
    number = owner(portal, "Eve", notes=PLAIN, security_words=PLAIN)
    phone(portal, number, "020 7946 0123")
    phone(portal, number, "+XX XXXX XXX456", phone_number_encrypted=ENVELOPE)
    portal.run(
        "INSERT INTO product_owner_phone_rejects (product_owner_id, source_column, source_text, reason) VALUES (%s, 'phone_1', %s, 'no number')",
        number,
        PLAIN,
    )
    portal.run(
        "INSERT INTO product_owner_phone_sources (product_owner_id, source_column, source_text, numbers_found, migrated, rejected, duplicates)"
        " VALUES (%s, 'phone_1', %s, 1, 0, 1, 0)",
        number,
        PLAIN,
    )
    return number


def without(portal: Any, *statements: str) -> None:
    """Down, what happens below, up again: the archive now holds what could not come back."""
    portal.alembic("downgrade", BELOW)
    for statement in statements:
        portal.run(statement)
    portal.alembic("upgrade", AT)


def taken_out(portal: Any, home: Household) -> None:
    """What an upgrade does with the rows of a client group that was deleted below, without the way down and up."""
    for table in (
        "client_actions",
        "client_liquidity_customization",
        "client_objectives",
        "client_group_secrets",
        "client_unmanaged_products",
    ):
        portal.run(
            "SELECT kingston.quarantine_rows(%s, 't.client_group_id = ' || %s::int, quote_literal(%s), NULL)",
            table,
            home.group,
            f"client_group_id {home.group} is gone from client_groups",
        )
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)


def group_again(portal: Any, home: Household) -> None:
    """The client group that was deleted below comes back under its number."""
    portal.run("INSERT INTO client_groups (id, name) VALUES (%s, 'Ann and Ben')", home.group)

"""Revision phase_2_networth over statements: down, up, and groups that went meanwhile"""

from __future__ import annotations

import psycopg
import pytest

from client_data import household, unmanaged
from round_trip import contents, down_and_up, quarantined

BELOW, AT = "phase_2_objectives_actions", "phase_2_networth"
MAKE = "SELECT make_networth_statement(%s, %s, 'Review')"


def fill(portal):
    home = household(portal)
    unmanaged(portal, home, latest_valuation=12.34)
    portal.one(MAKE, home.group, home.profile)
    return home


def test_statements_come_back_to_the_letter_and_stay_immutable(portal_at):
    portal = portal_at(AT)
    home = fill(portal)
    down_and_up(portal, portal_at, BELOW, AT, "networth_statements")
    assert portal.one(MAKE, home.group, home.profile) == 2
    with pytest.raises(psycopg.errors.RestrictViolation):
        portal.run("UPDATE networth_statements SET statement_name = 'x'")


def test_a_group_deleted_below_leaves_its_statements_in_quarantine(portal_at):
    portal = portal_at(AT)
    home, kept = fill(portal), fill(portal)
    gone = contents(portal, "networth_statements")[0]
    portal.alembic("downgrade", BELOW)
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    portal.alembic("upgrade", AT)
    assert portal.all("SELECT client_group_id FROM networth_statements") == [kept.group]
    assert quarantined(portal, "networth_statements") == [
        (1, f"client_group_id {home.group} is gone from client_groups")
    ]
    assert (
        portal.one(
            "SELECT (q.id, q.client_group_id, q.statement_name, q.created_by, q.created_at, q.snapshot_data,"
            " q.total_assets, q.total_liabilities, q.net_worth)::text"
            " FROM kingston_archive.quarantine__networth_statements AS q"
        )
        == gone
    )

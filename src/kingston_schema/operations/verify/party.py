"""Client groups of the rehearsal's own, one per role, and who of them is deleted below."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from . import units

# What happens to each below; the names stand in sql/rehearsal.
ROLES = ("stays", "group_deleted", "owner_deleted", "owners_changed", "product_deleted", "owners_saved_again",
         "provider_deleted", "profile_deleted", "number_rewritten", "number_taken")  # fmt: skip
COLUMNS = ("client_group_id", "owner_1", "owner_2", "portfolio_id", "product_id", "provider_id", "profile_id")


@dataclass(frozen=True)
class Party:
    """``members``: role → its numbers, as text."""

    round: str
    members: Mapping[str, Mapping[str, str]]

    def numbers(self, *columns: str, roles: tuple[str, ...] = ()) -> list[str]:
        """The numbers in these columns, of all roles or of some."""
        return [self.members[role][column] for role in roles or self.members for column in columns]

    def doomed(self) -> list[tuple[str, str]]:
        """(table, key) of every row that somebody deletes below."""
        return [
            ("client_groups", self.members["group_deleted"]["client_group_id"]),
            ("product_owners", self.members["owner_deleted"]["owner_1"]),
            ("client_products", self.members["product_deleted"]["product_id"]),
            ("available_providers", self.members["provider_deleted"]["provider_id"]),
            ("profiles", self.members["profile_deleted"]["profile_id"]),
        ]


def invite(connection: psycopg.Connection[Any], round_: str, roles: tuple[str, ...] = ROLES) -> Party:
    """Write a party, as Phase 1 does; leaves the temporary table ``party`` in the session."""
    connection.execute("DROP TABLE IF EXISTS pg_temp.party CASCADE")
    for step in units.steps("party.sql"):
        parameters = {"roles": list(roles), "round": round_} if "%(" in step.text else None
        connection.execute(step.text.encode(), parameters)
    names = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in COLUMNS)
    rows = connection.execute(sql.SQL("SELECT role, {} FROM party ORDER BY n").format(names))
    return Party(round_, {row[0]: dict(zip(COLUMNS, row[1:], strict=True)) for row in rows})


def seat(connection: psycopg.Connection[Any], party: Party) -> None:
    """Make the temporary table ``party`` in another session."""
    rows = [
        {"role": role, "n": n, "round": party.round, **numbers}
        for n, (role, numbers) in enumerate(party.members.items(), 1)
    ]
    typed = sql.SQL(", ").join(sql.SQL("{} bigint").format(sql.Identifier(name)) for name in COLUMNS)
    connection.execute("DROP TABLE IF EXISTS pg_temp.party CASCADE")
    connection.execute(
        sql.SQL(
            "CREATE TEMP TABLE party AS SELECT * FROM jsonb_to_recordset({}::jsonb)"
            " AS r (role text, n int, round text, {})"
        ).format(sql.Literal(json.dumps(rows)), typed)
    )

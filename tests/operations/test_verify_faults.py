"""The comparison behind kingston verify rollback can fail: every planted fault is found and named, with its key.

One pair is rehearsed, without a fault; then all faults are planted at once in copies of the database as it was below
and as it came back, each in a place of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from kingston_schema import db
from kingston_schema.operations.verify.differences import Difference
from kingston_schema.operations.verify.place import Place, place
from kingston_schema.operations.verify.stages import Pair
from kingston_schema.settings import schemas
from portals import Portal

UPPER, LOWER = "phase_3", "phase_1"
ARCHIVE = "kingston_archive"


@dataclass(frozen=True)
class Fault:
    """SQL that does damage (``{role column}`` is a number of the party), and what must be said of it."""

    damage: str
    kind: str
    object: str
    message: str
    key: str = ""


# Of rows that nothing happened to below (the guest who stays, or sample data).
UNTOUCHED = [
    Fault("UPDATE client_actions SET description = description || '!' WHERE client_group_id = {stays client_group_id}",
          "value", "client_actions.description", "another value in 1 of "),
    Fault("UPDATE product_owners SET notes = NULL WHERE id = (SELECT min(id) FROM product_owners WHERE notes = '')",
          "value", "product_owners.notes", "another value in 1 of "),
    Fault("UPDATE client_groups SET name = name || ' ' WHERE id = 1", "value", "client_groups.name", "another value in 1 of ", "1"),
    Fault("UPDATE client_groups AS g SET created_at = o.created_at + interval '1 microsecond' FROM client_groups AS o"
          " WHERE (g.id, o.id) IN ((2, 3), (3, 2), (4, 4), (5, 5))", "value", "client_groups.created_at", "in 3 or more of ", "2"),
    Fault("UPDATE client_information_items SET data_content = jsonb_set(data_content, '{{premium}}', '0.0')"
          " WHERE data_content @> '{{\"premium\": 0}}' AND client_group_id = {stays client_group_id}",
          "value", "client_information_items.data_content", "another value in 1 of "),
    Fault("UPDATE client_unmanaged_products SET latest_valuation = latest_valuation + 0.01 WHERE client_group_id = {stays client_group_id}",
          "value", "client_unmanaged_products.latest_valuation", "another value in 1 of "),
    Fault("DELETE FROM client_objectives WHERE client_group_id = {stays client_group_id}",
          "rows", "client_objectives", "rows, "),
    Fault("INSERT INTO client_liquidity_customization (client_group_id, asset_type, custom_liquidity_rank)"
          " VALUES ({stays client_group_id}, 'invented', 1)", "rows", "client_liquidity_customization", "rows, "),
    Fault("UPDATE product_type_liquidity SET product_type = 'renamed' WHERE product_type = 'ISA'",
          "rows", "product_type_liquidity", "other rows than before", "ISA"),
    Fault("UPDATE migration_log SET rows_affected = 1 WHERE id = 1", "value", "migration_log.rows_affected", "another value in 1 of ", "1"),
]  # fmt: skip

# Of rows that something happened to below, and of the archive.
TOUCHED = [
    Fault("UPDATE client_products SET product_name = 'as it was' WHERE id = {stays product_id}",
          "value", "client_products.product_name", "another value than the one written last", "{stays product_id}"),
    Fault("UPDATE product_owners SET date_signed_tc = '2001-01-01' WHERE id = {owners_saved_again owner_1}",
          "value", "product_owners.date_signed_tc", "another value than the one written last", "{owners_saved_again owner_1}"),
    Fault("UPDATE product_owners SET security_words = NULL WHERE id = {owners_saved_again owner_1}",
          "lost", "product_owners.security_words", "neither live nor in quarantine", "{owners_saved_again owner_1}"),
    Fault("UPDATE client_products SET ownership_details = ownership_details || '{{\"note\": \"\"}}' WHERE id = {owners_changed product_id}",
          "value", "client_products.ownership_details", "another value than", "{owners_changed product_id}"),
    Fault("UPDATE client_products SET ownership_details = '{{}}' WHERE id = {owners_saved_again product_id}",
          "lost", "client_products.ownership_details", "neither live nor in quarantine", "{owners_saved_again product_id}"),
    Fault("INSERT INTO client_groups (id, name) VALUES ({group_deleted client_group_id}, 'back from the dead')",
          "rows", "client_groups", "the row is live, though", "{group_deleted client_group_id}"),
    Fault("DELETE FROM product_owners WHERE id = {newcomer owner_2}", "rows", "product_owners", "the row is missing", "{newcomer owner_2}"),
    Fault("UPDATE product_owners SET inception_date = now() WHERE id = {newcomer owner_1}",
          "value", "product_owners.inception_date", "another value", "{newcomer owner_1}"),
    Fault(f"DELETE FROM {ARCHIVE}.quarantine__networth_statements WHERE client_group_id = {{group_deleted client_group_id}}",
          "lost", "networth_statements.total_assets", "neither live nor in quarantine"),
    Fault(f"UPDATE {ARCHIVE}.quarantine__client_group_secrets SET private_notes = 'altered' WHERE client_group_id = {{group_deleted client_group_id}}",
          "lost", "client_group_secrets.private_notes", "neither live nor in quarantine", "{group_deleted client_group_id}"),
    Fault(f"UPDATE {ARCHIVE}.quarantine__global_action_states SET quarantine_reason = ' '",
          "quarantine", "global_action_states.status", "the wrong reason"),
    Fault(f"UPDATE {ARCHIVE}.quarantine__product_owner_phone_rejects SET quarantine_reason = 'product_owner_id 1 is gone from product_owners'",
          "quarantine", "product_owner_phone_rejects.source_text", "the wrong reason: product_owner_id 1 is gone"),
    Fault(f"INSERT INTO {ARCHIVE}.quarantine__client_information_items (id, quarantine_reason) VALUES (-1, 'a whim')",
          "quarantine", "client_information_items", "1 in quarantine, though nothing happened to them below", "-1"),
    Fault("UPDATE client_unmanaged_products SET provider_id = (SELECT min(id) FROM available_providers)"
          " WHERE client_group_id = {provider_deleted client_group_id}",
          "value", "client_unmanaged_products.provider_id", "another value"),
    Fault("DELETE FROM product_owner_phones WHERE phone_number LIKE '%%0998' OR phone_number LIKE '%%60998'",
          "rows", "product_owner_phones", "0 added for one new number"),
    Fault("UPDATE kingston.archive_entry SET rows_moved = rows_moved - 1 WHERE movement = 'restored' AND table_name = 'product_owners'",
          "count", "product_owners__phase_2_product_owners", " rows were archived, "),
    Fault("SELECT setval('client_actions_id_seq', 1)", "sequence", "client_actions_id_seq", "stands at 1, before at "),
    Fault("DROP TRIGGER client_actions_touch ON client_actions", "schema", "trigger client_actions_touch on client_actions", "missing"),
    Fault("ALTER TABLE product_owners ALTER notes SET STATISTICS 7", "schema", "column product_owners.notes", "changed: statistics"),
]  # fmt: skip

# Below, right after the rollback.
BELOW = [
    Fault("UPDATE product_owners SET surname = surname || ' ' WHERE id = 1", "value", "product_owners.surname", "another value in 1 of ", "1"),
    Fault("DELETE FROM holding_activity_log WHERE id = 7", "rows", "holding_activity_log", "rows, ", "7"),
    Fault("UPDATE portfolio_fund_valuations SET valuation = -valuation WHERE id = 11", "value", "portfolio_fund_valuations.valuation", "in 1 of ", "11"),
    Fault("UPDATE migration_control SET value = '1' WHERE setting = 'max_downtime_hours'", "value", "migration_control.value", "in 1 of ", "max_downtime_hours"),
    Fault("SELECT setval('client_groups_id_seq', 1)", "sequence", "client_groups_id_seq", "stands at 1, "),
    Fault("CREATE INDEX left_over ON client_groups (name)", "schema", "index left_over", "added"),
    Fault("COMMENT ON VIEW products_list_view IS 'new'", "schema", "view products_list_view", "changed: comment"),
]  # fmt: skip


class Elsewhere(Place):
    """The same place with another database as the one that came back."""

    def __init__(self, original: Place, url: str) -> None:
        self.names, self.before, self.url = original.names, original.before, url


@dataclass
class Rehearsed:
    """The pair, the portals to damage, and what was found in the undamaged ones."""

    pair: Pair
    below: Portal
    above: Portal
    found: list[Difference]

    def after(self, faults: list[Fault], portal: Portal) -> list[Difference]:
        """What is found after all this damage."""
        with db.connect(portal.url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET app.justification = 'damage'")  # the rule on reasons hears replicas, too
            for fault in faults:
                assert connection.execute(self.fill(fault.damage)).rowcount, (
                    f"nothing was damaged: {fault.damage}"
                )
        pair = copy.copy(self.pair)
        pair.place = Elsewhere(self.pair.place, portal.url)
        return pair.compare_below() if portal is self.below else pair.compare_above()[0]

    def fill(self, text: str) -> str:
        """Put the numbers of the party in."""
        members = {**self.pair.party.members, **self.pair.case.newcomers.members}
        numbers = {
            f"{role} {column}": n for role, columns in members.items() for column, n in columns.items()
        }
        return text.format_map(numbers)


@pytest.fixture(scope="module")
def rehearsed(newest_server) -> Iterator[Rehearsed]:
    templates = newest_server.templates
    portal = templates.clone(LOWER, True)
    with db.connect(
        portal.url
    ) as connection:  # some portals have such a column: a number is typed there below
        connection.execute("ALTER TABLE product_owners ADD COLUMN phone text")
    made = [portal]
    with place(portal.url, schemas(), here=True, keep=False) as at:
        pair = Pair(at, UPPER, LOWER)
        pair.climb()
        pair.write_above("1")
        at.copy()
        pair.descend()
        found = pair.compare_below()
        name = sa.make_url(portal.url).database
        below = Portal(newest_server.url(templates._create(name, "below")))
        pair.write_below()
        pair.climb_again()
        found += pair.compare_above()[0]
        above = Portal(newest_server.url(templates._create(name, "above")))
        made += [below, above]
        yield Rehearsed(pair, below, above, found)
    for each in made:
        templates.drop(each)


@pytest.fixture(scope="module")
def told(rehearsed: Rehearsed) -> dict[str, list[Difference]]:
    assert rehearsed.found == [], "there is no difference before the damage"
    return {
        "down": rehearsed.after(BELOW, rehearsed.below),
        "up": rehearsed.after(UNTOUCHED + TOUCHED, rehearsed.above),
    }


@pytest.mark.parametrize(
    ("when", "fault"),
    [*(("down", f) for f in BELOW), *(("up", f) for f in UNTOUCHED + TOUCHED)],
    ids=lambda value: f"{value.kind} {value.object}" if isinstance(value, Fault) else value,
)
def test_the_fault_is_found_and_named(rehearsed, told, when, fault):
    found = [d for d in told[when] if (d.kind, d.object) == (fault.kind, fault.object)]
    assert len(found) >= 1, told[when]
    assert all(d.when == when for d in found)
    assert any(fault.message in d.message for d in found), found
    if fault.key:
        assert any(rehearsed.fill(fault.key) in d.keys for d in found), found
    if fault.kind in ("value", "rows", "lost") and "new number" not in fault.message:
        assert all(d.keys for d in found)


def test_nothing_is_named_that_was_not_damaged(rehearsed, told):
    damaged = {
        when: {f.object.split(".")[0] for f in faults}
        for when, faults in (("down", BELOW), ("up", UNTOUCHED + TOUCHED))
    }
    # A lost row shows in every column, and in the number of rows that came back; damage done by writing has its history.
    more = {
        "row_history",
        "product_owners_audit_log",
        "ownership_audit_log",
        "networth_statements",
        "quarantine__networth_statements",
        "client_objectives",
        "client_information_items",
    }
    for when, found in told.items():
        assert {d.object.split(".")[0] for d in found} - damaged[when] <= more

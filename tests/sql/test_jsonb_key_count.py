"""jsonb_key_count(jsonb)"""

from __future__ import annotations

import json


def test_counts_top_level_keys_only(portal_at):
    portal = portal_at("phase_2_client_information")
    for document, count in (
        ({}, 0),
        ({"a": 1}, 1),
        ({"a": {"b": 1, "c": 2}, "d": [1, {"e": 3}]}, 2),
        ({f"k{n}": n for n in range(51)}, 51),
        ({"a": None, "": 0}, 2),
    ):
        assert portal.one("SELECT jsonb_key_count(%s)", json.dumps(document)) == count
    for other in ("[1, 2]", "3", '"text"', "null", None):
        assert portal.one("SELECT jsonb_key_count(%s::jsonb)", other) is None


def test_is_immutable_and_parallel_safe_without_a_setting(portal_at):
    """Errata E-092 and E-097: all the functions that CHECKs call."""
    portal = portal_at("phase_2_liquidity")
    found = portal.all(
        """SELECT p.proname, p.provolatile::text, p.proparallel::text, p.proconfig IS NULL
           FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
           WHERE n.nspname = current_schema() AND p.proname = ANY (%s)""",
        [
            "jsonb_key_count",
            "is_json_amount",
            "validate_product_owner_fields",
            "explain_product_owner_fields",
            "validate_client_item_data",
            "explain_client_item_data",
            "validate_unmanaged_product_transition",
            "validate_action_state_transition",
            "validate_ownership_details",
            "validate_ownership_percentages",
            "client_item_amount",
            "is_liability_item",
        ],
    )
    assert len(found) == 12
    assert {row[1:] for row in found} == {("i", "s", True)}

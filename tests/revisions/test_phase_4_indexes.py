"""Revisions phase_4_indexes and phase_4_json_indexes: by name, online, and used by the questions they are for"""

from __future__ import annotations

import json
import re

import pytest

from client_data import household

INDEXES = {
    "client_information_items": ["idx_client_items_category", "idx_client_items_client_group", "idx_client_items_content_gin",
                                 "idx_client_items_recent", "idx_client_items_type", "idx_client_items_type_client",
                                 "idx_client_items_updated_at", "idx_client_items_valuation"],
    "client_unmanaged_products": ["idx_unmanaged_products_association_type", "idx_unmanaged_products_client_group",
                                  "idx_unmanaged_products_ownership_gin", "idx_unmanaged_products_provider",
                                  "idx_unmanaged_products_status", "idx_unmanaged_products_type",
                                  "idx_unmanaged_products_valuation_date"],
    "client_products": ["idx_client_products_association_type", "idx_client_products_ownership_gin"],
    "client_actions": ["idx_client_actions_active", "idx_client_actions_client_group", "idx_client_actions_owner",
                       "idx_client_actions_status", "idx_client_actions_target_date"],
    "client_objectives": ["idx_client_objectives_client_group", "idx_client_objectives_priority",
                          "idx_client_objectives_status", "idx_client_objectives_target_date"],
    "networth_statements": ["idx_networth_statements_client_group", "idx_networth_statements_created_at",
                            "idx_networth_statements_net_worth", "idx_networth_statements_snapshot_gin"],
}  # fmt: skip
NAMES = sorted(name for names in INDEXES.values() for name in names)
BUILT = (
    "SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
    " WHERE c.relname = ANY (%s) AND i.indisvalid AND i.indisready ORDER BY 1"
)


def test_E005_E008_all_28_documented_indexes_are_there_and_valid(portal_at):
    portal = portal_at("phase_4_json_indexes")
    assert portal.all(BUILT, NAMES) == NAMES
    assert len(NAMES) == 28 + 2  # the documented ones, and two on the association type
    for table, names in INDEXES.items():
        assert portal.all("SELECT indexname FROM pg_indexes WHERE tablename = %s AND indexname = ANY (%s) ORDER BY 1", table, names) == names


def test_down_and_up_again(portal_at):
    portal = portal_at("phase_4_json_indexes", seed=True)
    portal.alembic("downgrade", "phase_3")
    assert portal.all("SELECT relname FROM pg_class WHERE relname = ANY (%s)", NAMES) == []
    portal.alembic("upgrade", "phase_4_json_indexes")
    assert portal.all(BUILT, NAMES) == NAMES


def test_E005_writers_go_on_while_they_are_built(portal_at):
    portal = portal_at("phase_3", seed=True)
    writer = portal.connect()
    writer.autocommit = False
    writer.execute("SET lock_timeout = '2s'")
    writer.execute("UPDATE client_groups SET name = name WHERE id = 1")  # an open transaction on another table
    writer.rollback()
    portal.alembic("upgrade", "phase_4_indexes")
    assert portal.one("SELECT count(*) FROM pg_class WHERE relname LIKE '%%building'") == 0


def test_E007_no_predicate_reads_the_clock(portal_at):
    portal = portal_at("phase_4_json_indexes")
    definitions = portal.all("SELECT pg_get_indexdef(c.oid) FROM pg_class AS c WHERE c.relname = ANY (%s)", NAMES)
    assert len(definitions) == len(NAMES)
    assert [text for text in definitions if "now()" in text.lower() or "current_date" in text.lower()] == []


def test_E010_E014_nothing_is_indexed_that_does_not_exist(portal_at):
    portal = portal_at("phase_4_json_indexes")
    left_out = ["idx_client_products_ownership_keys_gin", "idx_client_products_metadata_gin", "idx_client_snapshots_data_gin",
                "idx_product_ownership_details_gin", "idx_audit_log_changes_gin"]  # fmt: skip
    assert portal.all("SELECT relname FROM pg_class WHERE relname = ANY (%s)", left_out) == []
    for table in ("client_snapshots", "audit_log"):
        assert portal.one("SELECT to_regclass(%s)", table) is None
    assert portal.one("SELECT count(*) FROM pg_attribute WHERE attrelid = 'client_products'::regclass AND attname = 'metadata'") == 0


@pytest.mark.parametrize("value", ["n/a", "1,250", None, {"amount": 5}, [1], True])
def test_E006_E061_a_document_is_never_refused_by_its_index(portal_at, value):
    portal = portal_at("phase_4_json_indexes")
    home = household(portal)
    data = {"latest_valuation": value, "estimated_value": 5,
            "associated_product_owners": {"association_type": "individual", str(home.owners[0]): 100}}  # fmt: skip
    portal.run(
        "INSERT INTO client_information_items (client_group_id, item_type, item_category, data_content, last_edited_by)"
        " VALUES (%s, 'assets_liabilities', 'Savings', %s, %s)", home.group, json.dumps(data), home.profile,
    )  # fmt: skip


QUESTIONS = {
    "idx_client_items_client_group": "SELECT item_type, count(*), max(updated_at) FROM client_information_items WHERE client_group_id = 7 GROUP BY 1",
    "idx_client_items_type": "SELECT * FROM client_information_items WHERE item_type = 'protection'",
    "idx_client_items_category": "SELECT * FROM client_information_items WHERE item_category = 'C7'",
    "idx_client_items_updated_at": "SELECT * FROM client_information_items ORDER BY updated_at DESC LIMIT 5",
    "idx_client_items_recent": "SELECT * FROM client_information_items WHERE client_group_id = 7 ORDER BY updated_at DESC LIMIT 1",
    "idx_client_items_type_client": "SELECT * FROM client_information_items WHERE client_group_id = 7 AND item_type = 'protection' AND item_category = 'C1'",
    "idx_client_items_content_gin": "SELECT * FROM client_information_items WHERE data_content @> '{\"policy_number\": \"P9\"}'",
    "idx_client_items_valuation": "SELECT * FROM client_information_items WHERE data_content ? 'latest_valuation' AND (CASE WHEN"
    " jsonb_typeof(data_content -> 'latest_valuation') = 'number' THEN (data_content ->> 'latest_valuation')::numeric END) > 1999",
    "idx_unmanaged_products_client_group": "SELECT status, sum(latest_valuation) FROM client_unmanaged_products WHERE client_group_id = 7 GROUP BY 1",
    "idx_unmanaged_products_provider": "SELECT * FROM client_unmanaged_products WHERE provider_id = 7",
    "idx_unmanaged_products_status": "SELECT * FROM client_unmanaged_products WHERE status = 'sold' AND status <> 'active'",
    "idx_unmanaged_products_type": "SELECT * FROM client_unmanaged_products WHERE product_type = 'Property'",
    "idx_unmanaged_products_valuation_date": "SELECT * FROM client_unmanaged_products ORDER BY valuation_date DESC LIMIT 5",
    "idx_unmanaged_products_ownership_gin": "SELECT * FROM client_unmanaged_products WHERE ownership_details ? '7'",
    "idx_unmanaged_products_association_type": "SELECT * FROM client_unmanaged_products WHERE ownership_details ->> 'association_type' = 'joint_ownership'",
    "idx_client_products_ownership_gin": "SELECT * FROM client_products WHERE ownership_details ? '7'",
    "idx_client_products_association_type": "SELECT * FROM client_products WHERE ownership_details ->> 'association_type' = 'joint_ownership'",
    "idx_client_actions_client_group": "SELECT status, active, count(*), max(updated_at) FROM client_actions WHERE client_group_id = 7 GROUP BY 1, 2",
    "idx_client_actions_status": "SELECT * FROM client_actions WHERE client_group_id = 7 AND status = 'outstanding' ORDER BY target_date LIMIT 1",
    "idx_client_actions_owner": "SELECT * FROM client_actions WHERE owner = 'client' AND status = 'outstanding' ORDER BY target_date LIMIT 5",
    "idx_client_actions_active": "SELECT * FROM client_actions WHERE client_group_id = 7 AND NOT active",
    "idx_client_actions_target_date": "SELECT * FROM client_actions WHERE status = 'outstanding' ORDER BY target_date LIMIT 5",
    "idx_client_objectives_client_group": "SELECT status, count(*), max(updated_at) FROM client_objectives WHERE client_group_id = 7 GROUP BY 1",
    "idx_client_objectives_status": "SELECT * FROM client_objectives WHERE client_group_id = 7 AND status = 'active' ORDER BY target_date LIMIT 1",
    "idx_client_objectives_priority": "SELECT * FROM client_objectives WHERE priority = 1 AND status = 'active' ORDER BY target_date LIMIT 5",
    "idx_client_objectives_target_date": "SELECT * FROM client_objectives WHERE status = 'active' ORDER BY target_date LIMIT 5",
    "idx_networth_statements_client_group": "SELECT created_at FROM networth_statements WHERE client_group_id = 7 ORDER BY created_at DESC LIMIT 1",
    "idx_networth_statements_created_at": "SELECT * FROM networth_statements ORDER BY created_at DESC LIMIT 5",
    "idx_networth_statements_net_worth": "SELECT * FROM networth_statements ORDER BY net_worth DESC LIMIT 5",
    "idx_networth_statements_snapshot_gin": "SELECT * FROM networth_statements WHERE snapshot_data @> '{\"managed_products\": [{\"id\": 7}]}'",
}


def test_E199_E200_every_index_answers_a_question_of_its_own(portal_at):
    portal = portal_at("phase_4_json_indexes")
    fill(portal)
    assert sorted(QUESTIONS) == NAMES
    missed = {}
    for name, question in QUESTIONS.items():
        plan = json.dumps(portal.one("EXPLAIN (FORMAT JSON) " + question))
        if f'"{name}"' not in plan:
            missed[name] = re.findall(r'"(?:Node Type|Index Name)": "([^"]+)"', plan)
    assert missed == {}


def fill(portal) -> None:
    """Enough rows of the Phase 2 tables that an index is worth reading."""
    portal.run("INSERT INTO profiles (id, email) VALUES (1, 'x')")
    portal.run("INSERT INTO available_providers (id, name) SELECT g, 'P' FROM generate_series(1, 300) AS g")
    portal.run("INSERT INTO client_groups (id, name) SELECT g, 'C' FROM generate_series(1, 300) AS g")
    portal.run("INSERT INTO product_owners (id, firstname) SELECT g, 'O' FROM generate_series(1, 300) AS g")
    portal.run(
        "INSERT INTO client_information_items (client_group_id, item_type, item_category, data_content, last_edited_by, updated_at)"
        " SELECT g % 300 + 1, CASE WHEN g % 50 = 0 THEN 'protection' ELSE 'assets_liabilities' END, 'C' || g % 97,"
        "  jsonb_build_object('associated_product_owners', '{\"association_type\": \"individual\", \"1\": 100}'::jsonb,"
        "    CASE WHEN g % 50 = 0 THEN 'policy_number' ELSE 'latest_valuation' END, CASE WHEN g % 50 = 0 THEN to_jsonb('P' || g) ELSE to_jsonb(g % 2001) END),"
        "  1, timestamptz '2026-01-01' + g * interval '1 minute' FROM generate_series(1, 12000) AS g"
    )
    portal.run(
        "INSERT INTO client_unmanaged_products (client_group_id, product_name, product_type, provider_id, latest_valuation, valuation_date, status,"
        "  ownership_details, last_edited_by)"
        " SELECT g % 300 + 1, 'U', CASE WHEN g % 100 = 0 THEN 'Property' ELSE 'GIAs' END, g % 300 + 1, g, date '2020-01-01' + g % 2000,"
        "  CASE WHEN g % 200 = 0 THEN 'sold' ELSE 'active' END, CASE WHEN g % 150 = 0 THEN jsonb_build_object('association_type', 'joint_ownership',"
        "  'joint_owners', jsonb_build_array(1, 2)) ELSE jsonb_build_object('association_type', 'individual', (g % 300 + 1)::text, 100) END, 1"
        " FROM generate_series(1, 12000) AS g"
    )
    portal.run(
        "INSERT INTO client_products (client_id, ownership_details) SELECT g % 300 + 1,"
        "  CASE WHEN g % 150 = 0 THEN jsonb_build_object('association_type', 'joint_ownership', 'joint_owners', jsonb_build_array(1, 2))"
        "       ELSE jsonb_build_object('association_type', 'individual', (g % 300 + 1)::text, 100) END FROM generate_series(1, 6000) AS g"
    )
    portal.run(
        "INSERT INTO client_actions (client_group_id, action_name, owner, status, active, target_date, completed_at, created_by)"
        " SELECT g % 300 + 1, 'A', CASE WHEN g % 10 = 0 THEN 'client' ELSE 'advisor' END, CASE WHEN g % 10 < 3 THEN 'outstanding' ELSE 'completed' END,"
        "  g % 100 <> 0, date '2026-01-01' + g % 365, CASE WHEN g % 10 < 3 THEN NULL ELSE now() END, 1 FROM generate_series(1, 12000) AS g"
    )
    portal.run(
        "INSERT INTO client_objectives (client_group_id, title, priority, status, target_date, created_by)"
        " SELECT g % 300 + 1, 'O', g % 5 + 1, CASE WHEN g % 10 < 3 THEN 'active' ELSE 'cancelled' END, date '2026-01-01' + g % 365, 1"
        " FROM generate_series(1, 12000) AS g"
    )
    portal.run(
        "INSERT INTO networth_statements (client_group_id, created_by, created_at, total_assets, snapshot_data)"
        " SELECT g % 300 + 1, 1, timestamptz '2026-01-01' + g * interval '1 minute', g, jsonb_build_object('snapshot_timestamp', now(),"
        "  'managed_products', jsonb_build_array(jsonb_build_object('id', g)), 'unmanaged_products', '[]'::jsonb, 'information_items', '[]'::jsonb)"
        " FROM generate_series(1, 6000) AS g"
    )
    portal.run("VACUUM ANALYZE")

"""Rows for every table of Phase 2, written as an application would write them."""

from __future__ import annotations

from portals import Portal

# Filled by the database itself from other tables, or about runs of the migration.
COMPUTED = {
    "client_complete_summary", "client_ownership_summary", "client_dense_summary", "summary_dirty", "summary_refresh_log",
    "migration_log", "migration_benchmarks", "performance_baselines", "alembic_version", "monitoring_results",
}  # fmt: skip

ENVELOPE = "enc:1:1:" + "A" * 40


def fill(portal: Portal) -> None:
    """Write to every table of Phase 2 that takes rows; the portal is at head and holds the sample data."""
    operate(portal)
    edit(portal)


def operate(portal: Portal) -> None:
    """What operators write."""
    for statement in (
        "UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'",
        "INSERT INTO encryption_keys (key_name, key_version, purpose, algorithm, key_check_value)"
        " VALUES ('client_notes_key', 1, 'encryption', 'aes-256-gcm', 'abcdef')",
        "UPDATE migration_control SET value = '17' WHERE setting = 'performance_tolerance_percent'",
        "INSERT INTO rollback_checkpoints (checkpoint_name, phase, tables_affected, backup_size_bytes)"
        " VALUES ('before', 'phase_6', ARRAY['a', 'b'], 1)",
    ):
        portal.run(statement)


def edit(portal: Portal) -> None:
    """What users of the portal write."""
    connection = portal.connect()

    def run(statement: str, *parameters: object) -> None:
        connection.execute(statement.encode(), parameters or None)

    run(
        "SELECT set_config('app.current_user_id', '7', false), set_config('app.justification', 'a test', false)"
    )
    groups = portal.all("SELECT id FROM client_groups ORDER BY id")
    owners = portal.all("SELECT id FROM product_owners ORDER BY id")
    profile = portal.one("SELECT min(id) FROM profiles")
    provider = portal.one("SELECT min(id) FROM available_providers")
    for number, group in enumerate(groups):
        run(
            "INSERT INTO client_information_items (client_group_id, item_type, item_category, data_content, last_edited_by) VALUES"
            " (%s, 'basic_detail', 'Address', jsonb_build_object('product_owners', jsonb_build_array(%s::bigint), 'address_line_one', %s::text), %s),"
            " (%s, 'assets_liabilities', 'Savings', jsonb_build_object('current_balance', %s::numeric, 'associated_product_owners',"
            "  jsonb_build_object('association_type', 'individual', %s::text, 100)), %s)",
            group, owners[0], f"Straße {number} ☃", profile, group, f"{number}.07", str(owners[1]), profile,
        )  # fmt: skip
        run(
            "INSERT INTO client_unmanaged_products (client_group_id, product_name, product_type, provider_id, latest_valuation,"
            " ownership_details, notes, last_edited_by) VALUES (%s, %s, 'Cash_ISAs', %s, %s,"
            " jsonb_build_object('association_type', 'tenants_in_common', %s::text, 60.25, %s::text, 39.75, 'basis', 'told'), %s, %s)",
            group, f"Box {number}", provider, f"{number * 1000}.99", str(owners[0]), str(owners[1]), "n" * 300, profile,
        )  # fmt: skip
        run(
            "INSERT INTO client_objectives (client_group_id, title, priority, created_by, target_date) VALUES (%s, 'Retire', 2, %s, 'infinity')",
            group, profile,
        )  # fmt: skip
        run(
            "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES (%s, 'Call', 'advisor', %s)",
            group,
            profile,
        )
        run(
            "INSERT INTO client_group_secrets (client_group_id, security_word) VALUES (%s, %s)",
            group,
            ENVELOPE,
        )
        run(
            "INSERT INTO client_liquidity_customization (client_group_id, asset_type, custom_liquidity_rank) VALUES (%s, 'cash', 3)",
            group,
        )
    run("UPDATE client_actions SET status = 'completed' WHERE id % 3 = 0")
    run("INSERT INTO global_actions (action_name, created_by) VALUES ('Annual review', %s)", profile)
    run(
        "INSERT INTO global_action_states (global_action_id, client_group_id)"
        " SELECT a.id, g.id FROM global_actions AS a CROSS JOIN client_groups AS g WHERE g.id % 2 = 0"
    )
    for group in groups[:3]:
        run("SELECT make_networth_statement(%s, %s, 'as it was')", group, profile)
    run(
        "UPDATE product_owners SET security_words = 'käse', notes = '', next_meeting_date = now() + interval '9 days',"
        " date_signed_tc = '-infinity', last_fee_agreement_date = '2020-02-29', inception_date = '1999-12-31 23:59:59.999999+00'"
        " WHERE id % 2 = 0"
    )
    run(
        "INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number, label, extension)"
        " SELECT o.id, 'other', '+44 20 7946 0' || lpad((o.id % 1000)::text, 3, '0'), 'boat', '12' FROM product_owners AS o"
    )
    run(
        "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose)"
        " VALUES ('product_owners', 1, 'notes', 'decrypt', '7', 'a call')"
    )
    run("UPDATE asset_liquidity_config SET default_liquidity_rank = 9 WHERE asset_subtype = 'art'")
    # Edited shares: 70/30 where there are two owners; joint where there are three.
    run(
        "UPDATE client_products AS p SET ownership_details = jsonb_build_object('association_type', 'tenants_in_common',"
        " k.owners[1], 70, k.owners[2], 30, 'why', 'a letter') FROM (SELECT o.id, array_agg(e.key ORDER BY e.key) AS owners"
        " FROM client_products AS o CROSS JOIN LATERAL jsonb_each(o.ownership_details) AS e WHERE e.key ~ '^[0-9]+$' GROUP BY o.id) AS k"
        " WHERE p.id = k.id AND cardinality(k.owners) = 2"
    )
    run(
        "UPDATE client_products AS p SET ownership_details = jsonb_build_object('association_type', 'joint_ownership',"
        " 'joint_owners', k.owners) FROM (SELECT o.id, jsonb_agg(e.key::bigint ORDER BY e.key::bigint) AS owners"
        " FROM client_products AS o CROSS JOIN LATERAL jsonb_each(o.ownership_details) AS e WHERE e.key ~ '^[0-9]+$' GROUP BY o.id) AS k"
        " WHERE p.id = k.id AND jsonb_array_length(k.owners) = 3"
    )


def contents(portal: Portal) -> dict[str, list[str]]:
    """All rows of every table of the application schema that people write, as text."""
    tables = portal.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    )
    # The phase a database is in is told by the gates; everything else in there is people's.
    condition = {"migration_control": "WHERE setting <> 'current_phase'"}
    return {
        table: sorted(portal.all(f'SELECT t::text FROM "{table}" AS t {condition.get(table, "")}'))
        for table in tables
        if table not in COMPUTED
    }

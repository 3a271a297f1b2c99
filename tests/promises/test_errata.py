"""Severity-1 errata of document 000 that concern the migration as a whole, not one object."""

from __future__ import annotations

import pytest
from alembic.operations import Operations

from kingston_schema.catalog import fingerprint
from kingston_schema.ddl.preflight import LEGACY_TABLES
from portals import revisions
from promises.test_interrupted import Interrupted, Stop
from promises.writes import contents, fill


@pytest.fixture
def filled(portal_at):
    portal = portal_at("head", seed=True)
    fill(portal)
    return portal


def test_E019_a_rollback_finishes_and_says_so(filled):
    filled.alembic("downgrade", "legacy")
    assert filled.one("SELECT version_num FROM alembic_version") == "legacy"
    assert set(filled.all("SELECT status FROM kingston.journal WHERE direction = 'down'")) == {"completed"}


def test_E031_every_phase_can_be_rolled_back_to_from_the_finished_state(portal_at):
    portal = portal_at("head")
    for target in (
        "phase_6",
        "phase_5",
        "phase_4",
        "phase_3",
        "phase_2",
        "phase_1",
        "pre_migration",
        "legacy",
        "legacy",
    ):
        portal.alembic("downgrade", target)
        assert portal.one("SELECT version_num FROM alembic_version") == target


def test_E056_E057_what_failed_is_never_recorded_as_completed(portal_at, monkeypatch):
    """An operation in the middle fails: the revision is not recorded, its row says failed, those before it stand."""
    portal = portal_at("phase_2_audit")
    original = Operations.invoke
    monkeypatch.setattr(Operations, "invoke", Stop(5)(original))
    with pytest.raises(Interrupted):
        portal.alembic("upgrade", "phase_2_objectives_actions")
    monkeypatch.setattr(Operations, "invoke", original)
    assert portal.one("SELECT version_num FROM alembic_version") == "phase_2_audit"
    assert portal.all(
        "SELECT operation, status FROM migration_log WHERE operation LIKE '%client_information'"
    ) == [("up phase_2_client_information", "failed")]
    portal.alembic("upgrade", "phase_2_objectives_actions")
    assert portal.all(
        "SELECT status FROM migration_log WHERE operation LIKE '%client_information' ORDER BY id"
    ) == ["failed", "completed"]


def test_E119_rolling_back_to_a_phase_keeps_that_phase(filled):
    owned = filled.all("SELECT id, ownership_details FROM client_products ORDER BY id")
    filled.alembic("downgrade", "phase_3")
    assert filled.all("SELECT id, ownership_details FROM client_products ORDER BY id") == owned


def test_E120_the_portal_writes_at_every_revision_on_the_way_down(filled):
    for revision in revisions()[-2::-1]:
        filled.alembic("downgrade", revision)
        filled.run("UPDATE client_products SET notes = 'at ' || id")
        filled.run("UPDATE client_groups SET advisor = 'at ' || id")
        filled.run("UPDATE product_owners SET known_as = 'at ' || id")


def test_E121_the_column_goes_although_summaries_stood_on_it(filled):
    filled.alembic("downgrade", "phase_2")
    assert (
        filled.one(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'client_products'::regclass AND attname = 'ownership_details'"
        )
        == 0
    )


def test_E122_a_complete_rollback_leaves_exactly_the_phase_1_schema(portal_at):
    never, back = portal_at("legacy"), portal_at("head")
    back.alembic("downgrade", "legacy")
    assert (
        fingerprint.differences(
            fingerprint.read(never.connection, "public"), fingerprint.read(back.connection, "public")
        )
        == []
    )


def test_E128_at_no_moment_of_a_rollback_are_rows_only_a_promise(filled):
    """They are in the archive schema the moment they leave the portal's."""
    rows = {t: len(r) for t, r in contents(filled).items() if t not in LEGACY_TABLES}
    for revision in revisions()[-2::-1]:
        filled.alembic("downgrade", revision)
        for table, count in rows.items():
            schema = (
                "public" if filled.one("SELECT to_regclass(%s)", f"public.{table}") else "kingston_archive"
            )
            exact = 1 if table == "migration_control" else 0  # current_phase, which contents() leaves out
            assert filled.one(f'SELECT count(*) FROM {schema}."{table}"') == count + exact, (revision, table)


def test_E134_every_revision_does_its_work_and_takes_measured_time(portal_at):
    portal = portal_at("legacy", seed=True)
    portal.alembic("upgrade", "head")
    recorded = portal.all(
        "SELECT revision FROM kingston.journal WHERE seconds > 0 AND finished_at > started_at ORDER BY id"
    )
    assert recorded == revisions()[1:]
    assert portal.one("SELECT count(DISTINCT seconds) FROM kingston.journal") > 5


def test_E153_E154_the_names_are_those_of_the_portal(filled):
    """client_groups.name and client_products.client_id; nothing asks for group_name or client_group_id there."""
    filled.run(
        "UPDATE client_groups SET name = 'Quill & Sons' WHERE id = (SELECT min(id) FROM client_groups WHERE status = 'active')"
    )
    filled.run("SELECT refresh_client_complete_summary()")
    assert (
        filled.one("SELECT client_name FROM client_complete_summary ORDER BY client_group_id LIMIT 1")
        == "Quill & Sons"
    )
    assert (
        filled.one(
            "SELECT bool_and(s.managed_product_count = (SELECT count(*) FROM client_products AS p"
            " WHERE p.client_id = s.client_group_id AND p.status = 'active')) FROM client_complete_summary AS s"
        )
        is True
    )


def test_E155_every_key_has_the_type_of_what_it_points_to(portal_at):
    assert (
        portal_at("head").all(
            "SELECT k.conname FROM pg_constraint AS k JOIN pg_attribute AS l ON l.attrelid = k.conrelid AND l.attnum = k.conkey[1]"
            " JOIN pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = k.confkey[1]"
            " WHERE k.contype = 'f' AND l.atttypid <> r.atttypid"
        )
        == []
    )


def test_E175_the_link_table_is_still_there_at_head(filled):
    assert filled.one("SELECT count(*) FROM product_owner_products") > 0
    assert filled.one("SELECT relkind FROM pg_class WHERE oid = 'product_owner_products'::regclass") == "r"


def test_E194_every_session_of_a_run_has_its_timeouts(portal_at):
    """And one lock for all: tests/ddl/test_run.py."""
    portal = portal_at("legacy")
    seen: list[tuple[str, str]] = []
    original = Operations.invoke

    def look(operations, operation):
        bind = operations.get_bind()
        seen.append(
            (
                bind.exec_driver_sql("SHOW lock_timeout").scalar(),
                bind.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar(),
            )
        )
        return original(operations, operation)

    Operations.invoke = look
    try:
        portal.alembic("upgrade", "phase_2_owner_phones")
    finally:
        Operations.invoke = original
    assert set(seen) == {("50ms", "1min")}


# The indexes of document 000 on things that exist; five more stand on columns and tables that nobody makes.
DOCUMENTED = {
    "idx_product_owners_inception_date", "idx_product_owners_next_meeting", "idx_product_owners_updated_at",
    "idx_product_owner_phones_primary", "idx_product_owner_phones_owner_id", "idx_product_owner_phones_type",
    "idx_product_owner_phones_updated_at", "idx_product_owners_audit_owner_id", "idx_product_owners_audit_changed_at",
    "idx_product_owners_audit_changed_by", "idx_product_owners_audit_field", "idx_product_owners_audit_sensitive",
    "idx_client_products_ownership_gin", "idx_client_items_client_group", "idx_client_items_type",
    "idx_client_items_category", "idx_client_items_updated_at", "idx_client_items_content_gin",
    "idx_client_items_valuation", "idx_client_items_recent", "idx_client_items_type_client",
    "idx_unmanaged_products_client_group", "idx_unmanaged_products_provider", "idx_unmanaged_products_type",
    "idx_unmanaged_products_status", "idx_unmanaged_products_valuation_date", "idx_unmanaged_products_ownership_gin",
    "idx_client_actions_client_group", "idx_client_actions_status", "idx_client_actions_owner",
    "idx_client_actions_active", "idx_client_actions_target_date", "idx_client_objectives_client_group",
    "idx_client_objectives_status", "idx_client_objectives_priority", "idx_client_objectives_target_date",
    "idx_networth_statements_client_group", "idx_networth_statements_created_at", "idx_networth_statements_net_worth",
    "idx_networth_statements_snapshot_gin", "idx_client_complete_summary_id",
    "idx_client_ownership_summary_client_group", "idx_client_ownership_summary_product_owner",
    "idx_client_dense_summary_total_value", "idx_client_dense_summary_complexity", "idx_client_dense_summary_activity",
}  # fmt: skip
ON_NOTHING = {
    "idx_audit_log_changes_gin", "idx_client_products_metadata_gin", "idx_client_products_ownership_keys_gin",
    "idx_client_snapshots_data_gin", "idx_product_ownership_details_gin",
}  # fmt: skip


def test_E001_E002_every_function_compiles(portal_at):
    """An undeclared loop variable and a RAISE with too many arguments are found when a body is compiled."""
    portal = portal_at("head")
    texts = portal.all(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang"
        " WHERE p.pronamespace IN ('public'::regnamespace, 'kingston'::regnamespace) AND l.lanname IN ('plpgsql', 'sql')"
    )
    assert len(texts) > 100
    portal.run("SET check_function_bodies = on")
    for text in texts:
        portal.run(text.encode())


def test_E005_every_documented_index_is_built_and_valid(portal_at):
    portal = portal_at("head")
    valid = set(
        portal.all(
            "SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND i.indisvalid"
        )
    )
    assert sorted(DOCUMENTED - valid) == []
    assert portal.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0


def test_E007_no_index_looks_at_the_clock(portal_at):
    portal = portal_at("head")
    assert (
        portal.all(
            "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i WHERE pg_get_indexdef(i.indexrelid) ~* 'now\\(|current_'"
        )
        == []
    )
    assert "(client_group_id, updated_at DESC)" in portal.one(
        "SELECT pg_get_indexdef('idx_client_items_recent'::regclass)"
    )


def test_E010_no_index_stands_on_something_nobody_makes(portal_at):
    portal = portal_at("head")
    assert portal.all("SELECT relname FROM pg_class WHERE relname = ANY (%s)", list(ON_NOTHING)) == []
    assert portal.one(
        "SELECT to_regclass('product_ownership_details'), to_regclass('client_snapshots'), to_regclass('audit_log')"
    ) == (None, None, None)

"""expected_objects() and missing_objects(): by name, both ways, at every gate"""

from __future__ import annotations

import pytest

GATES = ("phase_2", "phase_3", "phase_4", "phase_5", "phase_6")
# What the catalogue holds, in the words of expected_objects().
CATALOGUE = """
    WITH r AS (SELECT c.oid, c.relname::text AS name, c.relkind FROM pg_class AS c
               WHERE c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE 'alembic_version%%')
    SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, '', name, NULL FROM r WHERE relkind IN ('r', 'p', 'v', 'm')
    UNION ALL SELECT 'column', r.name, a.attname, NULL FROM r JOIN pg_attribute AS a ON a.attrelid = r.oid
       WHERE relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL SELECT 'constraint', r.name, k.conname, NULL FROM r JOIN pg_constraint AS k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'f', 'c')
    UNION ALL SELECT 'index', t.name, r.name, regexp_replace(pg_get_indexdef(r.oid, 0, true), '^.* USING ', '')
       FROM r JOIN pg_index AS i ON i.indexrelid = r.oid JOIN r AS t ON t.oid = i.indrelid
       WHERE NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = r.oid AND k.contype IN ('p', 'u'))
    UNION ALL SELECT 'trigger', r.name, g.tgname, NULL FROM r JOIN pg_trigger AS g ON g.tgrelid = r.oid AND NOT g.tgisinternal
    UNION ALL SELECT 'function', '', p.proname || '(' || oidvectortypes(p.proargtypes) || ')', NULL
       FROM pg_proc AS p WHERE p.pronamespace = current_schema()::regnamespace
"""
EXPECTED = """
    SELECT e.kind, e.on_table, e.name, e.definition FROM expected_objects() AS e
    WHERE e.definition IS DISTINCT FROM 'dropped'
      AND NOT EXISTS (SELECT 1 FROM expected_objects() AS d WHERE d.definition = 'dropped'
                      AND (d.kind, d.on_table, d.name) = (e.kind, e.on_table, e.name))
"""


@pytest.mark.parametrize("gate", GATES)
def test_E144_E163_E164_the_list_is_the_catalogue(portal_at, gate):
    portal = portal_at(gate)
    assert sorted(portal.all(EXPECTED), key=str) == sorted(portal.all(CATALOGUE), key=str)
    assert portal.all("SELECT * FROM missing_objects()") == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP TABLE deployment_signoff", ("table", "", "deployment_signoff", "missing")),
        ("DROP INDEX idx_client_items_recent", ("index", "client_information_items", "idx_client_items_recent", "missing")),
        ("ALTER TABLE client_actions DISABLE TRIGGER client_actions_status",
         ("trigger", "client_actions", "client_actions_status", "switched off")),
        ("ALTER TABLE client_actions DROP CONSTRAINT action_name_not_empty",
         ("constraint", "client_actions", "action_name_not_empty", "missing")),
        ("ALTER TABLE client_objectives DROP CONSTRAINT title_not_empty;"
         " ALTER TABLE client_objectives ADD CONSTRAINT title_not_empty CHECK (title <> '') NOT VALID",
         ("constraint", "client_objectives", "title_not_empty", "not validated")),
        ("DROP FUNCTION purge_monitoring_results(integer)", ("function", "", "purge_monitoring_results(integer)", "missing")),
        ("DROP VIEW index_usage", ("view", "", "index_usage", "missing")),
        ("ALTER TABLE client_unmanaged_products ADD CONSTRAINT valid_ownership_percentages CHECK (true)",
         ("constraint", "client_unmanaged_products", "valid_ownership_percentages", "is still there")),
    ],
)  # fmt: skip
def test_damage_is_named(portal_at, damage, found):
    portal = portal_at("head")
    portal.run(damage)
    assert found in portal.all("SELECT kind, on_table, name, finding FROM missing_objects()")


def test_E077_a_filler_index_replaces_none_and_a_changed_one_is_seen(portal_at):
    portal = portal_at("head")
    portal.run("DROP INDEX idx_client_actions_status")
    for number in range(30):
        portal.run(f"CREATE INDEX idx_client_filler_{number} ON client_actions (updated_at)")
    assert portal.all("SELECT name, finding FROM missing_objects()") == [("idx_client_actions_status", "missing")]
    portal.run("CREATE INDEX idx_client_actions_status ON client_actions (status)")
    [(name, finding)] = portal.all("SELECT name, finding FROM missing_objects()")
    assert name == "idx_client_actions_status"
    assert finding.startswith("is btree (status), not btree (client_group_id, target_date) WHERE")


def test_E198_an_index_whose_build_failed_does_not_count(portal_at):
    portal = portal_at("head")
    portal.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_client_items_type'::regclass")
    assert portal.all("SELECT name, finding FROM missing_objects()") == [("idx_client_items_type", "not valid")]


def test_only_phases_asked_for_count(portal_at):
    portal = portal_at("head")
    portal.run("DROP TABLE deployment_signoff")
    assert portal.all("SELECT * FROM missing_objects('phase_5')") == []
    assert portal.one("SELECT count(*) FROM missing_objects('phase_6') WHERE phase = 'phase_6'") > 1

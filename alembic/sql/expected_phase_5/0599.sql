-- function expected_phase_5()
-- What phase 5 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_5()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
SELECT o.phase, o.kind, o.on_table, n.name, NULL
FROM (VALUES
    ('phase_5', 'table', '', 'ownership_audit_log'),
    ('phase_5', 'column', 'ownership_audit_log',
     'actor; after; at; before; cause; client_group_id; correlation_id; db_role; id; reason;
      subject_id; subject_table; transaction_id'),
    ('phase_5', 'constraint', 'client_information_items', 'valid_item_data_structure'),
    ('phase_5', 'constraint', 'client_products',
     'product_ownership_has_owners; product_ownership_share_is_number;
      product_ownership_share_not_negative; valid_product_ownership_details;
      valid_product_ownership_details_precise'),
    ('phase_5', 'constraint', 'client_unmanaged_products', 'valid_ownership_percentages_precise'),
    ('phase_5', 'constraint', 'ownership_audit_log',
     'ownership_audit_log_cause_check; ownership_audit_log_pkey; ownership_audit_log_real_change;
      ownership_audit_log_subject_check'),
    ('phase_5', 'trigger', 'client_products',
     'history_delete; history_insert; history_truncate; history_update'),
    ('phase_5', 'trigger', 'ownership_audit_log', 'ownership_audit_log_append_only'),
    ('phase_5', 'trigger', 'row_history', 'audit_products_ownership_changes'),
    ('phase_5', 'function', '',
     'audit_ownership_changes(); expected_phase_5(); ownership_probes(); prove_rules();
      rule_probe_rows(); rule_probes()')
) AS o (phase, kind, on_table, names)
CROSS JOIN LATERAL regexp_split_to_table(o.names, ';\s+') AS n (name)
UNION ALL
SELECT i.phase, 'index', i.on_table, i.name, i.definition
FROM (VALUES
    ('phase_5', 'ownership_audit_log', 'idx_ownership_audit_client_group',
     'btree (client_group_id, at DESC)'),
    ('phase_5', 'ownership_audit_log', 'idx_ownership_audit_subject',
     'btree (subject_table, subject_id, at DESC)')
) AS i (phase, on_table, name, definition)
UNION ALL
SELECT g.phase, g.kind, g.on_table, g.name, 'dropped'
FROM (VALUES
    ('phase_5', 'constraint', 'client_unmanaged_products', 'valid_ownership_percentages')
) AS g (phase, kind, on_table, name)
$body$;
COMMENT ON FUNCTION expected_phase_5() IS 'objects of phase 5 by name';

-- verification history_present
-- Every row of the Phase 2 tables that people write has the line in row_history that says when it came and who wrote it.
-- (These tables are younger than the history; a row without such a line was written past the triggers.)
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: history_present
-- stages: verify
-- from: phase_2
-- severity: critical
-- needed: a line in row_history for every row that was written
-- fix: find out who wrote with triggers off; UPDATE … SET … of these rows puts them on record from now on
WITH written AS (
    SELECT 'client_information_items' AS name, jsonb_build_object('id', t.id) AS row_key FROM client_information_items AS t
    UNION ALL SELECT 'client_unmanaged_products', jsonb_build_object('id', t.id) FROM client_unmanaged_products AS t
    UNION ALL SELECT 'client_objectives', jsonb_build_object('id', t.id) FROM client_objectives AS t
    UNION ALL SELECT 'client_actions', jsonb_build_object('id', t.id) FROM client_actions AS t
    UNION ALL SELECT 'global_actions', jsonb_build_object('id', t.id) FROM global_actions AS t
    UNION ALL SELECT 'global_action_states', jsonb_build_object('id', t.id) FROM global_action_states AS t
    UNION ALL SELECT 'networth_statements', jsonb_build_object('id', t.id) FROM networth_statements AS t
    UNION ALL SELECT 'client_liquidity_customization', jsonb_build_object('id', t.id) FROM client_liquidity_customization AS t
    UNION ALL SELECT 'client_group_secrets', jsonb_build_object('client_group_id', t.client_group_id) FROM client_group_secrets AS t
), known AS (
    SELECT DISTINCT h.table_name::text AS name, h.row_key FROM row_history AS h WHERE h.action IN ('insert', 'update')
), judged AS (
    SELECT w.name, w.row_key, k.name IS NULL AS wrong
    FROM written AS w LEFT JOIN known AS k ON k.name = w.name AND k.row_key = w.row_key
)
SELECT count(*) FILTER (WHERE j.wrong) = 0 AS ok,
       format('%s of %s rows in nine tables have no history', count(*) FILTER (WHERE j.wrong), count(*)) AS found,
       (array_agg((SELECT j.name || ' ' || min(e.value) FROM jsonb_each_text(j.row_key) AS e) ORDER BY j.name, j.row_key)
           FILTER (WHERE j.wrong))[1:20] AS keys
FROM judged AS j;

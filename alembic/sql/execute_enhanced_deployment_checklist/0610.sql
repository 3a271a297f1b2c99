-- function execute_enhanced_deployment_checklist()
-- The scored checklist (C-084, N-091 to N-096).  The last row holds the verdict: READY_FOR_PRODUCTION from 90 % of the
-- points that could be had, READY_WITH_MONITORING from 70 %, else NOT_READY; the maximum is what the list adds up to
-- (errata E-142), a point that cannot be measured here counts neither way, and any critical finding or open manual
-- point is NOT_READY whatever the score (E-143).  Expected objects come from expected_objects() (E-144).
-- Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION execute_enhanced_deployment_checklist()
RETURNS TABLE (check_category text, check_item text, status text, details text, critical boolean, validation_score integer)
LANGUAGE sql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
    WITH lacking AS MATERIALIZED (
        SELECT m.kind, m.on_table, m.name, concat_ws(' ', nullif(m.on_table, ''), m.name, m.finding) AS what
        FROM missing_objects() AS m WHERE m.phase <> 'legacy'
    ), points AS MATERIALIZED (
        SELECT 1 AS place, 'Backup Verification' AS check_category, 'Full database backup validation' AS check_item,
               b.status, b.details, true AS critical, 0 AS score, 0 AS most
        FROM backup_check() AS b
        UNION ALL
        SELECT 2, 'Database Structure', 'Phase 2 tables validation', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every table and column present'), true, CASE WHEN count(*) = 0 THEN 25 ELSE 0 END, 25
        FROM lacking AS l WHERE l.kind IN ('table', 'column')
        UNION ALL
        SELECT 3, 'Performance Optimization', 'Index coverage validation',
               CASE WHEN x.missing = 0 THEN 'EXCELLENT' WHEN 10 * x.missing <= x.expected THEN 'GOOD' ELSE 'POOR' END,
               coalesce(x.what, 'all ' || x.expected || ' indexes valid'), 10 * x.missing > x.expected,
               CASE WHEN x.missing = 0 THEN 30 WHEN 10 * x.missing <= x.expected THEN 20 ELSE 0 END, 30
        FROM (SELECT count(*) AS missing, string_agg(l.what, ', ') AS what,
                     (SELECT count(*) FROM expected_objects() AS e WHERE e.kind = 'index' AND e.phase <> 'legacy') AS expected
              FROM lacking AS l WHERE l.kind = 'index') AS x
        UNION ALL
        SELECT 4, 'Security Implementation', 'Field-level encryption validation', CASE WHEN count(l.what) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every sensitive column and the trigger that guards it are in place'), true,
               CASE WHEN count(l.what) = 0 THEN 25 ELSE 0 END, 25
        FROM (VALUES ('column', 'product_owners', 'security_words'), ('column', 'product_owners', 'notes'),
                     ('column', 'product_owner_phones', 'phone_number_encrypted'), ('column', 'product_owner_phones', 'phone_number_index'),
                     ('column', 'client_group_secrets', 'security_word'), ('column', 'client_group_secrets', 'private_notes'),
                     ('column', 'client_group_secrets', 'sensitive_data'), ('trigger', 'product_owners', 'product_owners_sensitive_insert'),
                     ('trigger', 'product_owners', 'product_owners_sensitive_update'),
                     ('trigger', 'client_group_secrets', 'client_group_secrets_sensitive'),
                     ('trigger', 'product_owner_phones', 'product_owner_phones_encryption_insert'),
                     ('trigger', 'product_owner_phones', 'product_owner_phones_encryption_update')) AS t (kind, on_table, name)
        LEFT JOIN lacking AS l ON l.kind = t.kind AND l.on_table = t.on_table AND l.name = t.name
        UNION ALL
        SELECT 5, 'Business Rules', 'Validation functions validation', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every function by signature, every constraint, every trigger on'), true,
               CASE WHEN count(*) = 0 THEN 20 ELSE 0 END, 20
        FROM lacking AS l WHERE l.kind IN ('function', 'view', 'constraint', 'trigger')
        UNION ALL
        SELECT 6, 'Performance Benchmarks', 'Dense query performance test',
               CASE WHEN m.rows_returned < q.minimum_rows THEN 'N/A' WHEN m.p95_ms < 500 THEN 'EXCELLENT' ELSE 'WARNING' END,
               q.query_name || ': median ' || m.median_ms || ' ms, p95 ' || m.p95_ms || ' ms of ' || m.samples || ' runs over '
               || m.rows_returned || ' rows (limit 500)', false,
               CASE WHEN m.rows_returned < q.minimum_rows THEN 0 WHEN m.p95_ms < 500 THEN 20 ELSE 10 END,
               CASE WHEN m.rows_returned < q.minimum_rows THEN 0 ELSE 20 END
        FROM benchmark_queries() AS q CROSS JOIN LATERAL measure_query(q.query_name) AS m
        WHERE q.query_name = 'dense_summary_window'
    ), total AS (
        SELECT round(100.0 * sum(p.score) / nullif(sum(p.most), 0))::integer AS percent, sum(p.score) AS score, sum(p.most) AS most,
               string_agg(p.check_item, ', ') FILTER (WHERE p.critical AND p.status IN ('FAIL', 'POOR', 'MANUAL_CHECK_REQUIRED')) AS blocking
        FROM points AS p
    )
    SELECT r.check_category, r.check_item, r.status, r.details, r.critical, r.score
    FROM (
        SELECT p.place, p.check_category, p.check_item, p.status, p.details, p.critical, p.score FROM points AS p
        UNION ALL
        SELECT 7, 'Deployment Readiness', 'Overall system validation',
               CASE WHEN t.blocking IS NOT NULL THEN 'NOT_READY' WHEN t.percent >= 90 THEN 'READY_FOR_PRODUCTION'
                    WHEN t.percent >= 70 THEN 'READY_WITH_MONITORING' ELSE 'NOT_READY' END,
               'score ' || t.score || ' of ' || t.most || ' (' || t.percent || '%)' || coalesce('; blocked by: ' || t.blocking, ''),
               t.blocking IS NOT NULL OR t.percent < 70, t.percent
        FROM total AS t
    ) AS r
    ORDER BY r.place
$body$;
COMMENT ON FUNCTION execute_enhanced_deployment_checklist() IS 'the scored checklist; its last row is the verdict';

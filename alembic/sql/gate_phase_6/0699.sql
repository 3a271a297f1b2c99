-- gate phase_6
-- Final verification (C-048, C-049; errata E-077 to E-080, E-143, E-165): objects by name, figures reconciled with a
-- recomputation that shares nothing with what made them, no score that could hide a critical finding.
-- Clients that change while the gate runs are marked in summary_dirty in the same commit and left out of the
-- comparisons.
-- Tests: tests/revisions/test_gates.py

-- check: objects_present
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_6')
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.phase, m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table, column, constraint, index, trigger, view and function is there') AS found
FROM missing_objects('phase_6') AS m
WHERE m.phase <> 'legacy';

-- check: legacy_objects
-- severity: warning
-- look: SELECT * FROM missing_objects() WHERE phase = 'legacy'
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'the Phase 1 schema is as documented') AS found
FROM missing_objects() AS m
WHERE m.phase = 'legacy';

-- check: nothing_invalid
-- severity: critical
-- look: SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready
-- look: UNION ALL SELECT conname FROM pg_constraint WHERE NOT convalidated
SELECT count(*) = 0 AS ok, coalesce(string_agg(x.name, ', ' ORDER BY x.name), 'every index is valid, every constraint validated') AS found
FROM (SELECT c.relname::text AS name
      FROM pg_index AS i
      JOIN pg_class AS c ON c.oid = i.indexrelid
      WHERE c.relnamespace = '@schema@'::regnamespace AND NOT (i.indisvalid AND i.indisready)
      UNION ALL
      SELECT k.conname FROM pg_constraint AS k WHERE k.connamespace = '@schema@'::regnamespace AND NOT k.convalidated) AS x;

-- check: summaries_refreshed
-- severity: critical
-- look: SELECT * FROM summary_refresh_log ORDER BY id DESC
SELECT true AS ok,
       coalesce(string_agg(r.summary_name || ': ' || r.rows_changed || ' rows for ' || r.client_groups || ' changed client groups', ', '),
                'nothing had changed since the fill') AS found
FROM refresh_dirty_summaries() AS r;

-- check: complete_summary_true
-- severity: critical
-- look: SELECT * FROM client_complete_summary_source EXCEPT SELECT * FROM client_complete_summary
SELECT count(*) FILTER (WHERE t.wrong) = 0 AS ok,
       count(*) FILTER (WHERE t.wrong) || ' of ' || count(*) || ' active client groups differ; managed value '
       || coalesce(sum(t.stated), 0) || ' stated, ' || coalesce(sum(t.computed), 0) || ' computed' AS found
FROM (
    SELECT s.total_managed_value AS stated, m.worth AS computed,
           s.client_group_id IS NULL OR s.total_managed_value <> coalesce(m.worth, 0) OR s.managed_product_count <> coalesce(m.products, 0)
           OR s.total_unmanaged_value <> coalesce(u.worth, 0) OR s.total_actions <> coalesce(a.actions, 0)
           OR s.total_client_value <> coalesce(m.worth, 0) + coalesce(u.worth, 0) AS wrong
    FROM client_groups AS g
    LEFT JOIN client_complete_summary AS s ON s.client_group_id = g.id
    LEFT JOIN (
        -- Distinct pairs of group and portfolio, each at its latest valuation.
        SELECT w.client_id, sum(w.products) AS products, sum(v.valuation) AS worth
        FROM (SELECT p.client_id, p.portfolio_id, count(*) AS products
              FROM client_products AS p WHERE p.status = 'active' GROUP BY p.client_id, p.portfolio_id) AS w
        LEFT JOIN LATERAL (SELECT nullif(v.valuation, 'NaN') AS valuation FROM portfolio_valuations AS v WHERE v.portfolio_id = w.portfolio_id
                           ORDER BY v.valuation_date DESC, v.created_at DESC LIMIT 1) AS v ON true
        GROUP BY w.client_id
    ) AS m ON m.client_id = g.id
    LEFT JOIN (SELECT p.client_group_id, sum(p.latest_valuation) AS worth
               FROM client_unmanaged_products AS p WHERE p.status = 'active' GROUP BY p.client_group_id) AS u ON u.client_group_id = g.id
    LEFT JOIN (SELECT c.client_group_id, count(*) AS actions FROM client_actions AS c GROUP BY c.client_group_id) AS a ON a.client_group_id = g.id
    WHERE g.status = 'active' AND NOT EXISTS (SELECT 1 FROM summary_dirty AS d WHERE d.client_group_id = g.id)
) AS t;

-- check: dense_summary_true
-- severity: critical
-- look: SELECT * FROM client_dense_summary_source EXCEPT SELECT * FROM client_dense_summary
SELECT count(*) FILTER (WHERE t.wrong) = 0 AS ok,
       count(*) FILTER (WHERE t.wrong) || ' of ' || count(*) || ' client groups differ' AS found
FROM (
    SELECT s.client_group_id IS NULL OR s.total_products <> coalesce(p.products, 0) OR s.active_products <> coalesce(p.active, 0)
           OR s.group_name IS DISTINCT FROM g.name OR s.active_objectives <> coalesce(o.active, 0)
           OR s.complexity_indicator <> (ARRAY['LOW_COMPLEXITY', 'MEDIUM_COMPLEXITY', 'HIGH_COMPLEXITY'])
                  [1 + (coalesce(p.products, 0) > 20)::integer + (coalesce(p.products, 0) > 50)::integer]
           OR s.total_active_value <> coalesce(c.total_managed_value, s.total_active_value) AS wrong
    FROM client_groups AS g
    LEFT JOIN client_dense_summary AS s ON s.client_group_id = g.id
    LEFT JOIN client_complete_summary AS c ON c.client_group_id = g.id
    LEFT JOIN (SELECT x.client_id, count(*) AS products, count(*) FILTER (WHERE x.status = 'active') AS active
               FROM client_products AS x GROUP BY x.client_id) AS p ON p.client_id = g.id
    LEFT JOIN (SELECT x.client_group_id, count(*) AS active
               FROM client_objectives AS x WHERE x.status = 'active' GROUP BY x.client_group_id) AS o ON o.client_group_id = g.id
    WHERE NOT EXISTS (SELECT 1 FROM summary_dirty AS d WHERE d.client_group_id = g.id)
) AS t;

-- check: ownership_summary_true
-- severity: critical
-- look: SELECT * FROM client_ownership_summary_source EXCEPT SELECT * FROM client_ownership_summary
-- Owners and numbers from the links, values from the complete summary: where every owner is a member of the group
-- and all shares add up to 100, the owners' values add up to the group's.
SELECT count(*) FILTER (WHERE t.wrong) = 0 AS ok,
       count(*) FILTER (WHERE t.wrong) || ' of ' || count(*) || ' client groups differ' AS found
FROM (
    SELECT coalesce(s.products, 0) <> coalesce(l.products, 0)
           OR (coalesce(l.exact, false) AND abs(coalesce(s.worth, 0) - c.total_managed_value) > 0.005) AS wrong
    FROM client_complete_summary AS c
    LEFT JOIN (SELECT x.client_group_id, sum(x.managed_products_owned) AS products, sum(x.managed_ownership_value) AS worth
               FROM client_ownership_summary AS x GROUP BY x.client_group_id) AS s ON s.client_group_id = c.client_group_id
    LEFT JOIN (
        SELECT k.client_id, count(*) FILTER (WHERE k.is_member) AS products,
               bool_and(k.is_member AND k.owner_id IS NOT NULL) AND count(DISTINCT k.id) = min(k.all_products)
               AND count(DISTINCT k.id) FILTER (WHERE k.total = 100) = min(k.all_products) AS exact
        FROM (
            SELECT p.client_id, p.id, o.owner_id, h.total,
                   EXISTS (SELECT 1 FROM client_group_product_owners AS m
                           WHERE m.client_group_id = p.client_id AND m.product_owner_id = o.owner_id) AS is_member,
                   (SELECT count(*) FROM client_products AS a WHERE a.client_id = p.client_id AND a.status = 'active') AS all_products
            FROM client_products AS p
            JOIN LATERAL (SELECT DISTINCT x.product_owner_id AS owner_id FROM product_owner_products AS x
                          WHERE x.product_id = p.id AND x.product_owner_id > 0) AS o ON true
            CROSS JOIN LATERAL (SELECT sum(x.percentage) AS total FROM ownership_shares(p.ownership_details) AS x) AS h
            WHERE p.status = 'active'
        ) AS k
        GROUP BY k.client_id
    ) AS l ON l.client_id = c.client_group_id
    WHERE NOT EXISTS (SELECT 1 FROM summary_dirty AS d WHERE d.client_group_id = c.client_group_id)
) AS t;

-- check: ownership_reconciled
-- severity: critical
-- look: SELECT * FROM reconcile_ownership()
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 finding' ELSE count(*) || ' findings' END || ' between links and ownership documents' AS found
FROM reconcile_ownership() AS r;

-- check: health
-- severity: critical
-- look: SELECT * FROM check_migration_system_health()
SELECT h.health_score >= 95 AS ok, h.details || ' (' || h.status || ', 95 or more is required)' AS found
FROM check_migration_system_health() AS h
WHERE h.component = 'Overall System Health';

-- check: dense_page
-- severity: warning
-- look: SELECT * FROM monitor_dense_query_performance()
SELECT coalesce(bool_and(m.max_execution_ms < 500), false) AS ok,
       string_agg(m.query_type || ' at most ' || m.max_execution_ms || ' ms', ', ' ORDER BY m.query_type) || ' (limit 500)' AS found
FROM monitor_dense_query_performance() AS m;

-- check: alerts
-- severity: warning
-- look: SELECT * FROM check_critical_system_alerts()
SELECT count(*) FILTER (WHERE a.severity <> 'INFO') = 0 AS ok,
       string_agg(a.severity || ' ' || a.alert_type || ': ' || a.message, '; ') AS found
FROM check_critical_system_alerts() AS a;

-- check: proven_restore
-- severity: warning
-- look: SELECT * FROM backup_check()
SELECT b.status = 'PASS' AS ok, b.details AS found
FROM backup_check() AS b;

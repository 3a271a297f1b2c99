SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_6_summaries';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_5 -> phase_6_summaries

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_complete_summary') THEN
    CREATE TABLE client_complete_summary (
      client_group_id BIGINT NOT NULL,
      client_name TEXT,
      client_type TEXT,
      status TEXT,
      managed_product_count BIGINT NOT NULL,
      total_managed_value NUMERIC(20, 2) NOT NULL,
      unmanaged_product_count BIGINT NOT NULL,
      total_unmanaged_value NUMERIC(20, 2) NOT NULL,
      information_item_count BIGINT NOT NULL,
      asset_item_count BIGINT NOT NULL,
      total_actions BIGINT NOT NULL,
      outstanding_actions BIGINT NOT NULL,
      total_objectives BIGINT NOT NULL,
      active_objectives BIGINT NOT NULL,
      total_client_value NUMERIC(20, 2) NOT NULL,
      networth_statement_count BIGINT NOT NULL,
      last_networth_statement TIMESTAMP WITH TIME ZONE,
      last_updated TIMESTAMP WITH TIME ZONE,
      CONSTRAINT idx_client_complete_summary_id PRIMARY KEY (client_group_id)
    );
    CREATE INDEX idx_client_complete_summary_total_value ON client_complete_summary (total_client_value DESC);
    COMMENT ON TABLE client_complete_summary IS 'One row per active client group; refreshed, never written by hand';
    COMMENT ON COLUMN client_complete_summary.managed_product_count IS 'active products';
    COMMENT ON COLUMN client_complete_summary.total_managed_value IS 'latest valuations; a shared portfolio counts once';
    COMMENT ON COLUMN client_complete_summary.unmanaged_product_count IS 'active unmanaged products';
    COMMENT ON COLUMN client_complete_summary.asset_item_count IS 'items of type assets_liabilities';
    COMMENT ON COLUMN client_complete_summary.total_client_value IS 'managed and unmanaged value';
    COMMENT ON COLUMN client_complete_summary.last_updated IS 'latest change of anything of the client; NULL: none';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_ownership_summary') THEN
    CREATE TABLE client_ownership_summary (
      client_group_id BIGINT NOT NULL,
      product_owner_id BIGINT NOT NULL,
      owner_name TEXT NOT NULL,
      managed_products_owned BIGINT NOT NULL,
      managed_ownership_value NUMERIC(22, 6) NOT NULL,
      unmanaged_products_owned BIGINT NOT NULL,
      unmanaged_ownership_value NUMERIC(22, 6) NOT NULL,
      information_items_owned BIGINT NOT NULL,
      CONSTRAINT idx_client_ownership_summary_client_group PRIMARY KEY (client_group_id, product_owner_id)
    );
    CREATE INDEX idx_client_ownership_summary_product_owner ON client_ownership_summary (product_owner_id);
    COMMENT ON TABLE client_ownership_summary IS 'What each owner owns in each active client group; refreshed, never written by hand';
    COMMENT ON COLUMN client_ownership_summary.managed_ownership_value IS 'valuation times share, not rounded to the penny';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_dense_summary') THEN
    CREATE TABLE client_dense_summary (
      client_group_id BIGINT NOT NULL,
      group_name TEXT,
      description TEXT,
      total_products BIGINT NOT NULL,
      active_products BIGINT NOT NULL,
      total_active_value NUMERIC(20, 2) NOT NULL,
      ownership_records BIGINT NOT NULL,
      max_owners_per_product BIGINT NOT NULL,
      asset_items BIGINT NOT NULL,
      liability_items BIGINT NOT NULL,
      income_items BIGINT NOT NULL,
      active_actions BIGINT NOT NULL,
      active_objectives BIGINT NOT NULL,
      last_activity TIMESTAMP WITH TIME ZONE,
      complexity_indicator TEXT NOT NULL,
      CONSTRAINT client_dense_summary_pkey PRIMARY KEY (client_group_id)
    );
    CREATE INDEX idx_client_dense_summary_name ON client_dense_summary (left(coalesce(group_name, ''), 250), client_group_id);
    CREATE INDEX idx_client_dense_summary_total_value ON client_dense_summary (total_active_value, client_group_id);
    CREATE INDEX idx_client_dense_summary_products ON client_dense_summary (total_products, client_group_id);
    CREATE INDEX idx_client_dense_summary_activity ON client_dense_summary (coalesce(last_activity, '-infinity'::timestamptz), client_group_id);
    CREATE INDEX idx_client_dense_summary_complexity_name ON client_dense_summary (complexity_indicator, left(coalesce(group_name, ''), 250), client_group_id);
    CREATE INDEX idx_client_dense_summary_complexity_value ON client_dense_summary (complexity_indicator, total_active_value, client_group_id);
    CREATE INDEX idx_client_dense_summary_complexity ON client_dense_summary (complexity_indicator, total_products, client_group_id);
    CREATE INDEX idx_client_dense_summary_complexity_activity ON client_dense_summary (complexity_indicator, coalesce(last_activity, '-infinity'::timestamptz), client_group_id);
    COMMENT ON TABLE client_dense_summary IS 'One row per client group for information-dense lists; refreshed, never written by hand';
    COMMENT ON COLUMN client_dense_summary.description IS 'client groups have no description: always NULL';
    COMMENT ON COLUMN client_dense_summary.last_activity IS 'NULL when there is none';
    COMMENT ON COLUMN client_dense_summary.complexity_indicator IS 'by number of products: over 50, over 20';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('summary_dirty') THEN
    CREATE TABLE summary_dirty (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      client_group_id BIGINT NOT NULL,
      marked_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      CONSTRAINT summary_dirty_pkey PRIMARY KEY (id)
    );
    COMMENT ON TABLE summary_dirty IS 'Client groups that changed since their summaries were refreshed; appended by triggers';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('summary_refresh_log') THEN
    CREATE TABLE summary_refresh_log (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      summary_name TEXT NOT NULL,
      client_groups INTEGER,
      rows_changed BIGINT NOT NULL,
      started_at TIMESTAMP WITH TIME ZONE NOT NULL,
      finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
      CONSTRAINT summary_refresh_log_pkey PRIMARY KEY (id)
    );
    CREATE INDEX idx_summary_refresh_log_finished ON summary_refresh_log (summary_name, finished_at DESC);
    COMMENT ON TABLE summary_refresh_log IS 'When each summary was refreshed, how long it took and how much it changed';
    COMMENT ON COLUMN summary_refresh_log.client_groups IS 'how many were asked for; NULL for all';
  END IF;
END $kingston$;

-- view client_complete_summary_source
-- What client_complete_summary must hold, computed now: one row per active client group (C-050).
-- Each child table is aggregated before it is joined, so no value is multiplied by another table's rows
-- (errata E-062).  Managed and unmanaged values come from networth_parts, the definition that net-worth
-- statements use: active products, the latest valuation of each portfolio (E-063), and a portfolio that
-- several active products of one group share counts once, with the product of the lowest id.
-- last_updated is the latest change of a product, unmanaged product, item, action or objective, deletions
-- included, from the row history; what is older than the history counts from created_at or updated_at;
-- NULL when there is nothing (E-069).
-- LATERAL: the cost is index scans per client group, so one group and one percent of them cost their
-- share of the whole, and the whole costs the same per group at any size.  OFFSET 0 keeps the look-up of the last change
-- on the index by group: with statistics from before the fill the one by table looks as good, and reads the whole history.
-- Called by refresh_summary.  Tests: tests/sql/test_client_complete_summary.py
CREATE OR REPLACE VIEW client_complete_summary_source AS
SELECT g.id AS client_group_id,
       g.name AS client_name,
       g.type AS client_type,
       g.status,
       m.products AS managed_product_count,
       v.managed AS total_managed_value,
       u.products AS unmanaged_product_count,
       v.unmanaged AS total_unmanaged_value,
       i.items AS information_item_count,
       i.assets AS asset_item_count,
       a.actions AS total_actions,
       a.outstanding AS outstanding_actions,
       o.objectives AS total_objectives,
       o.active AS active_objectives,
       (v.managed + v.unmanaged)::numeric(20, 2) AS total_client_value,
       s.statements AS networth_statement_count,
       s.latest AS last_networth_statement,
       greatest(m.changed, u.changed, i.changed, a.changed, o.changed, h.changed) AS last_updated
FROM client_groups AS g
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE p.status = 'active') AS products, max(p.created_at) AS changed
    FROM client_products AS p
    WHERE p.client_id = g.id
) AS m
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END)
                        FILTER (WHERE n.source = 'managed_products'), 0)::numeric(20, 2) AS managed,
           coalesce(sum(CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END)
                        FILTER (WHERE n.source = 'unmanaged_products'), 0)::numeric(20, 2) AS unmanaged
    FROM networth_parts AS n
    WHERE n.client_group_id = g.id AND n.source IN ('managed_products', 'unmanaged_products')
) AS v
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE p.status = 'active') AS products, max(p.updated_at) AS changed
    FROM client_unmanaged_products AS p
    WHERE p.client_group_id = g.id
) AS u
CROSS JOIN LATERAL (
    SELECT count(*) AS items, count(*) FILTER (WHERE c.item_type = 'assets_liabilities') AS assets,
           max(c.updated_at) AS changed
    FROM client_information_items AS c
    WHERE c.client_group_id = g.id
) AS i
CROSS JOIN LATERAL (
    SELECT count(*) AS actions, count(*) FILTER (WHERE c.status = 'outstanding') AS outstanding,
           max(c.updated_at) AS changed
    FROM client_actions AS c
    WHERE c.client_group_id = g.id
) AS a
CROSS JOIN LATERAL (
    SELECT count(*) AS objectives, count(*) FILTER (WHERE c.status = 'active') AS active,
           max(c.updated_at) AS changed
    FROM client_objectives AS c
    WHERE c.client_group_id = g.id
) AS o
CROSS JOIN LATERAL (
    SELECT count(*) AS statements, max(c.created_at) AS latest
    FROM networth_statements AS c
    WHERE c.client_group_id = g.id
) AS s
CROSS JOIN LATERAL (
    SELECT (SELECT c.occurred_at
            FROM (SELECT r.table_name, r.occurred_at FROM row_history AS r
                  WHERE r.client_group_id = g.id
                  ORDER BY r.occurred_at DESC OFFSET 0) AS c
            WHERE c.table_name IN ('client_products', 'client_unmanaged_products', 'client_information_items',
                                   'client_actions', 'client_objectives')
            ORDER BY c.occurred_at DESC
            LIMIT 1) AS changed
) AS h
WHERE g.status = 'active';
COMMENT ON VIEW client_complete_summary_source IS
    'What client_complete_summary must hold, computed now from the tables';

SELECT kingston.give_back_grants('view', 'client_complete_summary_source');

-- view client_ownership_summary_source
-- What client_ownership_summary must hold, computed now: one row per active client group and owner who is
-- a member of the group and owns at least one active product or information item of it (C-051).
-- Ownership is unnested to one row per product and owner first, then added up (errata E-064); joint owners
-- have equal shares.  Values are those of networth_parts (latest valuation; a portfolio shared by several
-- products of the group counts once, with the product of the lowest id) times the share; nothing is
-- rounded to the penny, so that the owners of a product add up to its value wherever their shares add up
-- to 100.  An owner who is not a member of the group is not listed, as the plan has it.
-- The members are collected once per query: the link table of the portal has no index on the group.
-- LIMIT 1 keeps the look-ups of a name and of a document index scans, whatever the planner expects of the rows before
-- them: statistics from before the fill must not make it join every document of the portal for each group.
-- Called by refresh_summary.  Tests: tests/sql/test_client_ownership_summary.py
CREATE OR REPLACE VIEW client_ownership_summary_source AS
SELECT l.client_group_id,
       w.product_owner_id,
       o.owner_name,
       w.managed_products_owned,
       w.managed_ownership_value,
       w.unmanaged_products_owned,
       w.unmanaged_ownership_value,
       w.information_items_owned
FROM (
    SELECT c.client_group_id, array_agg(DISTINCT c.product_owner_id) AS members
    FROM client_group_product_owners AS c
    WHERE c.client_group_id IS NOT NULL AND c.product_owner_id IS NOT NULL
    GROUP BY c.client_group_id
) AS l
JOIN client_groups AS g ON g.id = l.client_group_id AND g.status = 'active'
CROSS JOIN LATERAL (
    SELECT t.product_owner_id,
           count(*) FILTER (WHERE t.source = 'managed_products') AS managed_products_owned,
           coalesce(sum(t.worth) FILTER (WHERE t.source = 'managed_products'), 0)::numeric(22, 6)
               AS managed_ownership_value,
           count(*) FILTER (WHERE t.source = 'unmanaged_products') AS unmanaged_products_owned,
           coalesce(sum(t.worth) FILTER (WHERE t.source = 'unmanaged_products'), 0)::numeric(22, 6)
               AS unmanaged_ownership_value,
           count(DISTINCT t.source_id) FILTER (WHERE t.source = 'information_items') AS information_items_owned
    FROM (
        SELECT n.source, n.source_id, s.product_owner_id,
               CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END * s.percentage / 100 AS worth
        FROM networth_parts AS n
        CROSS JOIN LATERAL (
            SELECT p.ownership_details FROM client_products AS p WHERE p.id = n.source_id LIMIT 1
        ) AS d
        CROSS JOIN LATERAL ownership_shares(d.ownership_details) AS s
        WHERE n.client_group_id = l.client_group_id AND n.source = 'managed_products'
        UNION ALL
        SELECT n.source, n.source_id, s.product_owner_id,
               CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END * s.percentage / 100
        FROM networth_parts AS n
        JOIN client_unmanaged_products AS p ON p.id = n.source_id
        CROSS JOIN LATERAL ownership_shares(p.ownership_details) AS s
        WHERE n.client_group_id = l.client_group_id AND n.source = 'unmanaged_products'
        UNION ALL
        SELECT 'information_items', c.id, s.product_owner_id, NULL
        FROM client_information_items AS c
        CROSS JOIN LATERAL ownership_shares(c.data_content -> 'associated_product_owners') AS s
        WHERE c.client_group_id = l.client_group_id
        UNION ALL
        SELECT 'information_items', c.id, e.value::numeric::bigint, NULL
        FROM client_information_items AS c
        CROSS JOIN LATERAL jsonb_path_query(c.data_content, 'lax $.product_owners[*] ? (@.type() == "number")')
            AS e (value)
        WHERE c.client_group_id = l.client_group_id
    ) AS t
    WHERE t.product_owner_id = ANY (l.members)
    GROUP BY t.product_owner_id
) AS w
CROSS JOIN LATERAL (
    SELECT coalesce(p.known_as, concat(p.firstname, ' ', p.surname)) AS owner_name
    FROM product_owners AS p
    WHERE p.id = w.product_owner_id
    LIMIT 1
) AS o;
COMMENT ON VIEW client_ownership_summary_source IS
    'What client_ownership_summary must hold, computed now from the tables';

SELECT kingston.give_back_grants('view', 'client_ownership_summary_source');

-- view client_dense_summary_source
-- What client_dense_summary must hold, computed now: one row per client group, whatever its status (C-079).
-- Aggregated before joined (errata E-066); statuses and item types that exist (E-067): an active action is
-- outstanding and not put aside, asset and liability items are told apart by is_liability_item, income
-- items are those of type income_expenditure.  Owners are counted in the canonical ownership document
-- (E-068).  total_active_value as in client_complete_summary_source; complexity counts products, not
-- joined rows: more than 50 is HIGH, more than 20 MEDIUM (N-083).  last_activity as last_updated in
-- client_complete_summary_source.  description is NULL: client groups of the real portal have none.
-- Called by refresh_summary, and by get_client_dense_page while dense_ui_optimization is off.
-- Tests: tests/sql/test_client_dense_summary.py
CREATE OR REPLACE VIEW client_dense_summary_source AS
SELECT g.id AS client_group_id,
       g.name AS group_name,
       NULL::text AS description,
       m.products AS total_products,
       m.active AS active_products,
       v.managed AS total_active_value,
       w.records AS ownership_records,
       w.most AS max_owners_per_product,
       i.assets AS asset_items,
       i.liabilities AS liability_items,
       i.income AS income_items,
       a.active AS active_actions,
       o.active AS active_objectives,
       greatest(m.changed, u.changed, i.changed, a.changed, o.changed, h.changed) AS last_activity,
       CASE WHEN m.products > 50 THEN 'HIGH_COMPLEXITY'
            WHEN m.products > 20 THEN 'MEDIUM_COMPLEXITY'
            ELSE 'LOW_COMPLEXITY' END AS complexity_indicator
FROM client_groups AS g
CROSS JOIN LATERAL (
    SELECT count(*) AS products, count(*) FILTER (WHERE p.status = 'active') AS active,
           max(p.created_at) AS changed
    FROM client_products AS p
    WHERE p.client_id = g.id
) AS m
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END), 0)::numeric(20, 2) AS managed
    FROM networth_parts AS n
    WHERE n.client_group_id = g.id AND n.source = 'managed_products'
) AS v
CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.owners), 0)::bigint AS records, coalesce(max(c.owners), 0) AS most
    FROM (
        SELECT count(*) AS owners
        FROM client_products AS p
        JOIN product_ownership AS s ON s.product_id = p.id
        WHERE p.client_id = g.id
        GROUP BY p.id
    ) AS c
) AS w
CROSS JOIN LATERAL (
    SELECT max(p.updated_at) AS changed
    FROM client_unmanaged_products AS p
    WHERE p.client_group_id = g.id
) AS u
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.item_type = 'assets_liabilities'
                              AND NOT is_liability_item(c.item_category, c.data_content)) AS assets,
           count(*) FILTER (WHERE c.item_type = 'assets_liabilities'
                              AND is_liability_item(c.item_category, c.data_content)) AS liabilities,
           count(*) FILTER (WHERE c.item_type = 'income_expenditure') AS income,
           max(c.updated_at) AS changed
    FROM client_information_items AS c
    WHERE c.client_group_id = g.id
) AS i
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.status = 'outstanding' AND c.active) AS active, max(c.updated_at) AS changed
    FROM client_actions AS c
    WHERE c.client_group_id = g.id
) AS a
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.status = 'active') AS active, max(c.updated_at) AS changed
    FROM client_objectives AS c
    WHERE c.client_group_id = g.id
) AS o
CROSS JOIN LATERAL (
    SELECT (SELECT c.occurred_at
            FROM (SELECT r.table_name, r.occurred_at FROM row_history AS r
                  WHERE r.client_group_id = g.id
                  ORDER BY r.occurred_at DESC OFFSET 0) AS c
            WHERE c.table_name IN ('client_products', 'client_unmanaged_products', 'client_information_items',
                                   'client_actions', 'client_objectives')
            ORDER BY c.occurred_at DESC
            LIMIT 1) AS changed
) AS h;
COMMENT ON VIEW client_dense_summary_source IS
    'What client_dense_summary must hold, computed now from the tables';

SELECT kingston.give_back_grants('view', 'client_dense_summary_source');

-- function performance_limits()
-- The limits that times are graded with, in milliseconds, each with the number of the target it comes
-- from (phase 2 inventory, section 5).  below excellent_ms is EXCELLENT, below good_ms GOOD, below
-- acceptable_ms ACCEPTABLE, else POOR.
-- Called by performance_grade.  Tests: tests/sql/test_performance_grade.py
CREATE OR REPLACE FUNCTION performance_limits()
RETURNS TABLE (limit_name text, excellent_ms numeric, good_ms numeric, acceptable_ms numeric, source text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
VALUES ('client_ownership_retrieval'::text, 100::numeric, 500::numeric, 2000::numeric, 'N-059'::text),
       ('json_ownership_queries', 50, 200, 1000, 'N-060'),
       ('information_items_retrieval', 100, 300, 1500, 'N-061'),
       ('materialized_view_performance', 20, 100, 500, 'N-062'),
       ('dense_view_refresh', 1000, 5000, 15000, 'N-085'),
       ('dense_query', 100, 300, 500, 'N-087')
$body$;
COMMENT ON FUNCTION performance_limits() IS 'Limits in milliseconds that measured times are graded with, and where each comes from';

SELECT kingston.give_back_grants('function', 'performance_limits()');

-- function performance_grade(text, numeric)
-- EXCELLENT, GOOD, ACCEPTABLE or POOR for a time in milliseconds under a limit of performance_limits();
-- NULL for no time: nothing measured is graded nothing (errata E-145).
-- Errors: 22023 for an unknown limit.
-- Called by refresh_dense_data_views and the monitoring functions.  Tests: tests/sql/test_performance_grade.py
CREATE OR REPLACE FUNCTION performance_grade(p_limit_name text, p_ms numeric) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_limit record;
BEGIN
    SELECT l.* INTO v_limit FROM performance_limits() AS l WHERE l.limit_name = p_limit_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no limit named "%"', p_limit_name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT limit_name FROM performance_limits()';
    END IF;
    RETURN CASE WHEN p_ms < v_limit.excellent_ms THEN 'EXCELLENT'
                WHEN p_ms < v_limit.good_ms THEN 'GOOD'
                WHEN p_ms < v_limit.acceptable_ms THEN 'ACCEPTABLE'
                WHEN p_ms IS NOT NULL THEN 'POOR' END;
END
$body$;
COMMENT ON FUNCTION performance_grade(text, numeric) IS 'Grade of a time in milliseconds under a named limit; NULL for no time';

SELECT kingston.give_back_grants('function', 'performance_grade(text, numeric)');

-- function apply_summary(text, bigint[])
-- Brings one summary table into line with its source view: for the given client groups, or for all (NULL).
-- Set-based, and only rows that differ are written: rows that are gone are deleted, new and changed ones
-- upserted; a row that is right is not even locked.  Returns how many rows it wrote or deleted.
-- The caller holds the advisory lock of refresh_summary, so no two sessions write summaries at a time.
-- A client group or owner that the application is deleting at this moment is skipped, never waited for
-- (the application would wait for us in turn), and its group is marked to be looked at again.
-- Called by refresh_summary and fill_summaries.  Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION apply_summary(p_summary_name text, p_client_groups bigint[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
SET jit = off
AS $body$
DECLARE
    v_keys text[] := CASE p_summary_name
        WHEN 'client_complete_summary' THEN '{client_group_id}'
        WHEN 'client_ownership_summary' THEN '{client_group_id,product_owner_id}'
        WHEN 'client_dense_summary' THEN '{client_group_id}' END;
    v_columns text[];
    v_owner_is_free text := 'true';
    v_changed bigint;
BEGIN
    IF v_keys IS NULL THEN
        RAISE EXCEPTION '"%" is not a summary', coalesce(p_summary_name, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_summary_name = 'client_ownership_summary' THEN
        v_owner_is_free := 'c.product_owner_id IN (SELECT o.id FROM free_owner AS o)';
    END IF;
    SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO v_columns
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = p_summary_name
      AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format(
        $sql$
        WITH fresh AS MATERIALIZED (
            SELECT s.* FROM %1$I AS s WHERE $1 IS NULL OR s.client_group_id = ANY ($1)
        ), gone AS (
            DELETE FROM %2$I AS t
            WHERE ($1 IS NULL OR t.client_group_id = ANY ($1))
              AND NOT EXISTS (SELECT 1 FROM fresh AS f WHERE (%3$s) = (%4$s))
            RETURNING 1
        ), changed AS MATERIALIZED (
            SELECT f.*, t.client_group_id IS NULL AS is_new
            FROM fresh AS f
            LEFT JOIN %2$I AS t ON (%3$s) = (%4$s)
            WHERE t.client_group_id IS NULL OR (%5$s) IS DISTINCT FROM (%6$s)
        ), free_group AS MATERIALIZED (
            SELECT g.id FROM client_groups AS g
            WHERE g.id IN (SELECT c.client_group_id FROM changed AS c WHERE c.is_new)
            FOR KEY SHARE SKIP LOCKED
        ), free_owner AS MATERIALIZED (
            SELECT o.id FROM product_owners AS o
            WHERE o.id IN (SELECT (to_jsonb(c) ->> 'product_owner_id')::bigint FROM changed AS c WHERE c.is_new)
            FOR KEY SHARE SKIP LOCKED
        ), ready AS MATERIALIZED (
            SELECT c.*, NOT c.is_new OR (c.client_group_id IN (SELECT g.id FROM free_group AS g) AND %10$s) AS is_ready
            FROM changed AS c
        ), again AS (
            INSERT INTO summary_dirty (client_group_id)
            SELECT DISTINCT r.client_group_id FROM ready AS r WHERE NOT r.is_ready
        ), written AS (
            INSERT INTO %2$I AS t (%7$s)
            SELECT %7$s FROM ready AS r WHERE r.is_ready
            ON CONFLICT (%8$s) DO UPDATE SET (%7$s) = ROW (%9$s)
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
        $sql$,
        p_summary_name || '_source',
        p_summary_name,
        't.' || array_to_string(v_keys, ', t.'),
        'f.' || array_to_string(v_keys, ', f.'),
        't.' || array_to_string(v_columns, ', t.'),
        'f.' || array_to_string(v_columns, ', f.'),
        array_to_string(v_columns, ', '),
        array_to_string(v_keys, ', '),
        'EXCLUDED.' || array_to_string(v_columns, ', EXCLUDED.'),
        v_owner_is_free)
    INTO v_changed USING p_client_groups;
    RETURN v_changed;
END
$body$;
COMMENT ON FUNCTION apply_summary(text, bigint[]) IS
    'brings a summary table into line with its source view for some client groups or all; returns the rows written';

SELECT kingston.give_back_grants('function', 'apply_summary(text, bigint[])');

-- function refresh_summary(text, bigint[])
-- Refreshes one summary, for the given client groups or for all of them (NULL), and returns the row that
-- it wrote to summary_refresh_log (errata E-025, E-070: refreshes have their own log, with true times).
-- Readers are never blocked.  Two refreshes of one portal wait for each other (a transaction advisory
-- lock), so none overwrites newer figures with older ones.
-- Called by the three refresh functions.  Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_summary(p_summary_name text, p_client_groups bigint[] DEFAULT NULL)
RETURNS summary_refresh_log
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_started timestamptz;
    v_changed bigint;
    v_log summary_refresh_log;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('summaries of ' || current_schema(), 0));
    v_started := clock_timestamp();
    v_changed := apply_summary(p_summary_name, p_client_groups);
    INSERT INTO summary_refresh_log AS l (summary_name, client_groups, rows_changed, started_at, finished_at)
    VALUES (p_summary_name, cardinality(p_client_groups), v_changed, v_started, clock_timestamp())
    RETURNING l.* INTO v_log;
    RETURN v_log;
END
$body$;
COMMENT ON FUNCTION refresh_summary(text, bigint[]) IS
    'refreshes one summary for some client groups or all, and logs it';

SELECT kingston.give_back_grants('function', 'refresh_summary(text, bigint[])');

-- function refresh_client_complete_summary(bigint[])
-- Refreshes client_complete_summary for the given client groups, or for all of them; returns how many rows
-- it wrote or deleted (0 when everything was right already).
-- SECURITY DEFINER: applications may have it refreshed, and write no summary themselves (granted to portal_app).
-- Called by applications and schedules.  Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_client_complete_summary(p_client_groups bigint[] DEFAULT NULL) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
    SELECT (refresh_summary('client_complete_summary', p_client_groups)).rows_changed
$body$;
COMMENT ON FUNCTION refresh_client_complete_summary(bigint[]) IS
    'refreshes client_complete_summary for some client groups or all; returns the rows it changed';
REVOKE ALL ON FUNCTION refresh_client_complete_summary(bigint[]) FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'refresh_client_complete_summary(bigint[])');

-- function refresh_client_ownership_summary(bigint[])
-- Refreshes client_ownership_summary for the given client groups, or for all of them; returns how many rows
-- it wrote or deleted (0 when everything was right already).
-- SECURITY DEFINER: applications may have it refreshed, and write no summary themselves (granted to portal_app).
-- Called by applications and schedules.  Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_client_ownership_summary(p_client_groups bigint[] DEFAULT NULL) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
    SELECT (refresh_summary('client_ownership_summary', p_client_groups)).rows_changed
$body$;
COMMENT ON FUNCTION refresh_client_ownership_summary(bigint[]) IS
    'refreshes client_ownership_summary for some client groups or all; returns the rows it changed';
REVOKE ALL ON FUNCTION refresh_client_ownership_summary(bigint[]) FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'refresh_client_ownership_summary(bigint[])');

-- function refresh_dense_data_views(bigint[])
-- Refreshes client_dense_summary for the given client groups, or for all of them, and reports the time
-- it took, measured, the rows the summary holds afterwards, and a grade (N-085).  A refresh of the whole
-- is kept as benchmark dense_view_refresh, within tolerance below 10 s (C-081, N-086).
-- SECURITY DEFINER: applications may have it refreshed, and write no summary themselves (granted to portal_app).
-- Called by applications, schedules and optimize_dense_query_performance.
-- Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_dense_data_views(p_client_groups bigint[] DEFAULT NULL)
RETURNS TABLE (view_name text, refresh_duration_ms numeric, rows_refreshed bigint, performance_rating text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    v_log summary_refresh_log;
    v_ms numeric;
BEGIN
    v_log := refresh_summary('client_dense_summary', p_client_groups);
    v_ms := round(1000 * extract(epoch FROM v_log.finished_at - v_log.started_at), 3);
    IF p_client_groups IS NULL THEN
        INSERT INTO migration_benchmarks (test_name, phase, current_ms, within_tolerance)
        VALUES ('dense_view_refresh', 'performance', v_ms, v_ms < 10000);
    END IF;
    RETURN QUERY
    SELECT 'client_dense_summary'::text, v_ms,
           (SELECT count(*) FROM client_dense_summary AS s
            WHERE p_client_groups IS NULL OR s.client_group_id = ANY (p_client_groups)),
           CASE WHEN performance_grade('dense_view_refresh', v_ms) = 'POOR' THEN 'NEEDS_OPTIMIZATION'
                ELSE performance_grade('dense_view_refresh', v_ms) END;
END
$body$;
COMMENT ON FUNCTION refresh_dense_data_views(bigint[]) IS
    'refreshes client_dense_summary for some client groups or all; measured time and grade';
REVOKE ALL ON FUNCTION refresh_dense_data_views(bigint[]) FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'refresh_dense_data_views(bigint[])');

-- function refresh_dirty_summaries()
-- Refreshes the three summaries for the client groups that changed since they were last refreshed, and
-- returns one row per summary; no rows when nothing changed.
-- The marks are deleted first and the figures computed in a later statement: a change that commits in
-- between leaves its own mark behind, so none is lost.  When more than a fifth of the groups changed,
-- everything is refreshed instead, which costs less.
-- While revision phase_6_summaries is filling the summaries, it does nothing: the fill would wait for it, and refreshes at
-- its end what is marked by then.
-- SECURITY DEFINER: applications may have it refreshed, and write no summary themselves (granted to portal_app).
-- Called by applications, schedules, run_due_monitoring and fill_summaries.
-- Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_dirty_summaries()
RETURNS TABLE (summary_name text, client_groups integer, rows_changed bigint, duration_ms numeric)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    v_groups bigint[];
    v_dirty integer;
BEGIN
    IF EXISTS (SELECT 1 FROM kingston.backfill_progress AS p WHERE p.step = 'fill_summaries' AND p.finished_at IS NULL) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('summaries of ' || current_schema(), 0));
    WITH taken AS (DELETE FROM summary_dirty AS d RETURNING d.client_group_id)
    SELECT array_agg(DISTINCT t.client_group_id) INTO v_groups FROM taken AS t;
    v_dirty := cardinality(v_groups);
    IF v_dirty IS NULL THEN
        RETURN;
    END IF;
    IF v_dirty > 1000 AND 5 * v_dirty > (SELECT count(*) FROM client_groups AS g) THEN
        v_groups := NULL;
    END IF;
    RETURN QUERY
    SELECT l.summary_name::text, v_dirty, l.rows_changed,
           round(1000 * extract(epoch FROM l.finished_at - l.started_at), 3)
    FROM unnest(ARRAY['client_complete_summary', 'client_ownership_summary', 'client_dense_summary']) AS n (name)
    CROSS JOIN LATERAL refresh_summary(n.name, v_groups) AS l;
END
$body$;
COMMENT ON FUNCTION refresh_dirty_summaries() IS
    'refreshes the three summaries for the client groups that changed since the last refresh';
REVOKE ALL ON FUNCTION refresh_dirty_summaries() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'refresh_dirty_summaries()');

-- function get_client_dense_page(integer, integer, text, text, text, text, bigint, boolean)
-- A page of client_dense_summary for lists with thousands of rows (C-080, C-083).
--   p_sort_column     group_name, total_active_value, total_products or last_activity; p_sort_direction ASC
--                     or DESC, in any case.  Ties are broken by client_group_id in the same direction, so
--                     that pages never overlap (errata E-107).  Clients without a name or without activity
--                     sort below all others; names sort by their first 250 characters.
--   p_filter_complexity  HIGH_COMPLEXITY, MEDIUM_COMPLEXITY, LOW_COMPLEXITY, or NULL for all
--   p_limit           1 to 500
-- Two ways to page:
--   by offset: p_offset rows are skipped, counted from the nearer end where the total is known, so that the last page
--     costs as little as the first and none more than the one in the middle;
--   by key: p_after_id and p_after_value are the client_group_id and the sort value (as text, NULL for none)
--     of the last row seen; the page begins behind it, at the same cost at any depth.  p_offset then only
--     says how many rows were seen before, for row_number.
-- total_count counts all rows under the filter; counting reads an index of the whole table, so by key it is
-- NULL unless p_with_total is true.  An unknown column, direction, filter or limit is an error 22023, never
-- silently something else (E-026, E-106).  While the setting dense_ui_optimization is false the page is
-- computed from the tables instead of the summary: never out of date, and slow.
-- Called by applications.  Tests: tests/sql/test_get_client_dense_page.py
CREATE OR REPLACE FUNCTION get_client_dense_page(
    p_offset integer DEFAULT 0,
    p_limit integer DEFAULT 50,
    p_sort_column text DEFAULT 'group_name',
    p_sort_direction text DEFAULT 'ASC',
    p_filter_complexity text DEFAULT NULL,
    p_after_value text DEFAULT NULL,
    p_after_id bigint DEFAULT NULL,
    p_with_total boolean DEFAULT NULL
) RETURNS TABLE (client_group_id bigint, group_name text, description text, total_products bigint,
                 active_products bigint, total_active_value numeric, complexity_indicator text,
                 last_activity timestamptz, row_number bigint, total_count bigint)
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_key text := CASE p_sort_column
        WHEN 'group_name' THEN 'left(coalesce(s.group_name, ''''), 250)'
        WHEN 'total_active_value' THEN 's.total_active_value'
        WHEN 'total_products' THEN 's.total_products'
        WHEN 'last_activity' THEN 'coalesce(s.last_activity, ''-infinity''::timestamptz)' END;
    v_after text := CASE p_sort_column
        WHEN 'group_name' THEN 'left(coalesce($2, ''''), 250)'
        WHEN 'total_active_value' THEN '$2::numeric'
        WHEN 'total_products' THEN '$2::bigint'
        WHEN 'last_activity' THEN 'coalesce($2::timestamptz, ''-infinity''::timestamptz)' END;
    v_direction text := upper(p_sort_direction);
    v_from text := CASE (SELECT c.value FROM migration_control AS c WHERE c.setting = 'dense_ui_optimization')
        WHEN 'false' THEN 'client_dense_summary_source' ELSE 'client_dense_summary' END;
    v_filter text := CASE WHEN p_filter_complexity IS NULL THEN 'true' ELSE 's.complexity_indicator = $1' END;
    v_by_key boolean := p_after_id IS NOT NULL;
    v_total bigint;
    v_rows bigint := p_limit;
    v_skipped bigint := p_offset;
    v_backwards boolean := false;
BEGIN
    IF v_key IS NULL THEN
        RAISE EXCEPTION 'p_sort_column is "%", but must be group_name, total_active_value, total_products or last_activity',
            coalesce(p_sort_column, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    ELSIF v_direction IS NULL OR v_direction NOT IN ('ASC', 'DESC') THEN
        RAISE EXCEPTION 'p_sort_direction is "%", but must be ASC or DESC', coalesce(p_sort_direction, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_filter_complexity NOT IN ('HIGH_COMPLEXITY', 'MEDIUM_COMPLEXITY', 'LOW_COMPLEXITY') THEN
        RAISE EXCEPTION 'p_filter_complexity is "%", but must be HIGH_COMPLEXITY, MEDIUM_COMPLEXITY, LOW_COMPLEXITY or NULL',
            p_filter_complexity USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_limit IS NULL OR p_limit NOT BETWEEN 1 AND 500 THEN
        RAISE EXCEPTION 'p_limit is %, but must lie between 1 and 500', coalesce(p_limit::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_offset IS NULL OR p_offset < 0 THEN
        RAISE EXCEPTION 'p_offset is %, but must not be negative', coalesce(p_offset::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF v_by_key AND p_after_value IS NULL AND p_sort_column IN ('total_active_value', 'total_products') THEN
        RAISE EXCEPTION 'p_after_value is NULL, but % never is', p_sort_column
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF NOT v_by_key AND p_after_value IS NOT NULL THEN
        RAISE EXCEPTION 'p_after_value needs p_after_id: the client_group_id of the last row seen'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF coalesce(p_with_total, NOT v_by_key) THEN
        EXECUTE format('SELECT count(*) FROM %I AS s WHERE %s', v_from, v_filter) INTO v_total USING p_filter_complexity;
    END IF;
    IF v_by_key THEN
        v_skipped := 0;
    ELSIF p_offset > v_total / 2 THEN
        v_backwards := true;
        v_rows := least(p_limit, greatest(v_total - p_offset, 0));
        v_skipped := greatest(v_total - p_offset, 0) - v_rows;
    END IF;
    RETURN QUERY EXECUTE format(
        $sql$
        SELECT p.client_group_id, p.group_name, p.description, p.total_products, p.active_products,
               p.total_active_value, p.complexity_indicator, p.last_activity,
               $4 + row_number() OVER (ORDER BY p.sort_key %7$s, p.client_group_id %7$s), $6
        FROM (
            SELECT s.client_group_id, s.group_name, s.description, s.total_products, s.active_products,
                   s.total_active_value, s.complexity_indicator, s.last_activity, %4$s AS sort_key
            FROM %1$I AS s
            WHERE %2$s AND %3$s
            ORDER BY %4$s %5$s, s.client_group_id %5$s
            LIMIT $5 OFFSET %6$s
        ) AS p
        ORDER BY p.sort_key %7$s, p.client_group_id %7$s
        $sql$,
        v_from,
        v_filter,
        CASE WHEN v_by_key
             THEN format('(%s, s.client_group_id) %s (%s, $3)', v_key, CASE v_direction WHEN 'ASC' THEN '>' ELSE '<' END, v_after)
             ELSE 'true' END,
        v_key,
        CASE WHEN v_backwards = (v_direction = 'ASC') THEN 'DESC' ELSE 'ASC' END,
        v_skipped,
        v_direction)
    USING p_filter_complexity, p_after_value, p_after_id, p_offset, v_rows, v_total;
END
$body$;
COMMENT ON FUNCTION get_client_dense_page(integer, integer, text, text, text, text, bigint, boolean) IS
    'a page of the dense client list, by offset or by key, sorted and filtered';

SELECT kingston.give_back_grants('function', 'get_client_dense_page(integer, integer, text, text, text, text, bigint, boolean)');

-- procedure kingston.fill_summaries()
-- Fills the three summaries, or brings restored ones up to date: client groups in order of id, committed
-- batch by batch (the batch adapts to about 250 ms; a batch holds no lock that the application could want).
-- Rows whose client group is gone are removed first.  What changes behind the position is marked by the
-- triggers, which stand already, and refreshed at the end.  After a crash the same CALL goes on behind the
-- last committed batch; after a completed run it starts again and writes only what differs.
-- Called by revision phase_6_summaries.  Tests: tests/revisions/test_phase_6_summaries.py
CREATE OR REPLACE PROCEDURE kingston.fill_summaries()
LANGUAGE plpgsql
AS $body$
DECLARE
    v_step CONSTANT text := 'fill_summaries';
    v_names CONSTANT text[] := ARRAY['client_complete_summary', 'client_ownership_summary', 'client_dense_summary'];
    v_lock CONSTANT bigint := hashtextextended('summaries of public', 0);
    -- For a refresh that somebody began before us, of everything perhaps; nobody else waits in this queue.
    v_patience CONSTANT text := '10min';
    v_position bigint;
    v_batch integer := 200;
    v_groups bigint[];
    v_started timestamptz;
    v_elapsed interval;
    v_changed bigint[] := '{0,0,0}';
BEGIN
    INSERT INTO kingston.backfill_progress AS p (step, position, done, total, batch)
    VALUES (v_step, 0, 0, (SELECT count(*) FROM public.client_groups), v_batch)
    ON CONFLICT (step) DO UPDATE
    SET position = 0, done = 0, total = EXCLUDED.total, batch = EXCLUDED.batch,
        started_at = clock_timestamp(), updated_at = clock_timestamp(), finished_at = NULL
    WHERE p.finished_at IS NOT NULL;
    SELECT p.position INTO v_position FROM kingston.backfill_progress AS p WHERE p.step = v_step;
    COMMIT;
    PERFORM set_config('lock_timeout', v_patience, true), pg_advisory_xact_lock(v_lock);
    DELETE FROM public.client_complete_summary AS s
    WHERE NOT EXISTS (SELECT 1 FROM public.client_groups AS g WHERE g.id = s.client_group_id);
    DELETE FROM public.client_ownership_summary AS s
    WHERE NOT EXISTS (SELECT 1 FROM public.client_groups AS g WHERE g.id = s.client_group_id);
    DELETE FROM public.client_dense_summary AS s
    WHERE NOT EXISTS (SELECT 1 FROM public.client_groups AS g WHERE g.id = s.client_group_id);
    COMMIT;
    LOOP
        PERFORM set_config('lock_timeout', v_patience, true), pg_advisory_xact_lock(v_lock);
        v_started := clock_timestamp();
        SELECT array_agg(n.id ORDER BY n.id) INTO v_groups
        FROM (SELECT g.id FROM public.client_groups AS g WHERE g.id > v_position ORDER BY g.id LIMIT v_batch) AS n;
        EXIT WHEN v_groups IS NULL;
        FOR v_summary IN 1 .. cardinality(v_names) LOOP
            v_changed[v_summary] := v_changed[v_summary] + public.apply_summary(v_names[v_summary], v_groups);
        END LOOP;
        v_position := v_groups[cardinality(v_groups)];
        v_elapsed := clock_timestamp() - v_started;
        UPDATE kingston.backfill_progress AS p
        SET position = v_position, done = p.done + cardinality(v_groups), batch = v_batch, updated_at = clock_timestamp()
        WHERE p.step = v_step;
        COMMIT;
        v_batch := CASE WHEN v_elapsed < interval '125 milliseconds' THEN least(2 * v_batch, 5000)
                        WHEN v_elapsed > interval '500 milliseconds' THEN greatest(v_batch / 2, 50)
                        ELSE v_batch END;
    END LOOP;
    COMMIT;
    PERFORM set_config('lock_timeout', v_patience, true);
    -- First this: refresh_dirty_summaries does nothing while the fill is not finished.
    UPDATE kingston.backfill_progress AS p
    SET updated_at = clock_timestamp(), finished_at = clock_timestamp()
    WHERE p.step = v_step;
    PERFORM public.refresh_dirty_summaries();
    INSERT INTO public.summary_refresh_log (summary_name, rows_changed, started_at, finished_at)
    SELECT n.name, n.changed, p.started_at, clock_timestamp()
    FROM kingston.backfill_progress AS p, unnest(v_names, v_changed) AS n (name, changed)
    WHERE p.step = v_step;
    PERFORM kingston.fresh_statistics(n.name) FROM unnest(v_names) AS n (name);
    COMMIT;
END
$body$;
COMMENT ON PROCEDURE kingston.fill_summaries() IS 'fills the three summaries of a portal in committed batches';

SELECT kingston.give_back_grants('procedure', 'kingston.fill_summaries()');

-- function mark_summary_dirty()
-- Notes, once per statement, the client groups whose summaries no longer agree with the tables.
-- Trigger argument: how a changed row leads to its client group:
--   a column of the row (client_group_id, client_id, id), 'portfolio' (the groups whose products have that
--   portfolio) or 'owner' (the groups that owner is a member of: the name is shown there).
-- summary_dirty is only ever appended to here: no unique key, so two sessions that change one client never
-- wait for each other, and no lost mark: refresh_dirty_summaries deletes exactly the marks it has seen.
-- SECURITY DEFINER: the application's role needs no right on summary_dirty.  jit off: the row estimate of a
-- transition table makes the server compile for longer than the statement runs.
-- Called by the triggers summary_dirty_* of every table the summaries read.
-- Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE FUNCTION mark_summary_dirty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET jit = off
AS $body$
BEGIN
    IF TG_ARGV[0] = 'client_group_id' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT c.client_group_id FROM changed AS c WHERE c.client_group_id IS NOT NULL;
        IF TG_OP = 'UPDATE' THEN
            INSERT INTO summary_dirty (client_group_id)
            SELECT DISTINCT c.client_group_id FROM changed_before AS c WHERE c.client_group_id IS NOT NULL
            EXCEPT SELECT c.client_group_id FROM changed AS c;
        END IF;
    ELSIF TG_ARGV[0] = 'client_id' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT c.client_id FROM changed AS c WHERE c.client_id IS NOT NULL;
        IF TG_OP = 'UPDATE' THEN
            INSERT INTO summary_dirty (client_group_id)
            SELECT DISTINCT c.client_id FROM changed_before AS c WHERE c.client_id IS NOT NULL
            EXCEPT SELECT c.client_id FROM changed AS c;
        END IF;
    ELSIF TG_ARGV[0] = 'id' THEN
        INSERT INTO summary_dirty (client_group_id) SELECT c.id FROM changed AS c;
    ELSIF TG_ARGV[0] = 'portfolio' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT p.client_id
        FROM changed AS c
        JOIN client_products AS p ON p.portfolio_id = c.portfolio_id
        WHERE p.client_id IS NOT NULL;
        IF TG_OP = 'UPDATE' THEN
            INSERT INTO summary_dirty (client_group_id)
            SELECT DISTINCT p.client_id
            FROM (SELECT b.portfolio_id FROM changed_before AS b EXCEPT SELECT c.portfolio_id FROM changed AS c) AS b
            JOIN client_products AS p ON p.portfolio_id = b.portfolio_id
            WHERE p.client_id IS NOT NULL;
        END IF;
    ELSIF TG_ARGV[0] = 'owner' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT l.client_group_id
        FROM changed AS c
        JOIN changed_before AS b ON b.id = c.id
        JOIN client_group_product_owners AS l ON l.product_owner_id = c.id
        WHERE l.client_group_id IS NOT NULL
          AND (c.known_as, c.firstname, c.surname) IS DISTINCT FROM (b.known_as, b.firstname, b.surname);
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;
COMMENT ON FUNCTION mark_summary_dirty() IS
    'notes the client groups a statement touched, for refresh_dirty_summaries; the argument says how a row leads to its group';
REVOKE ALL ON FUNCTION mark_summary_dirty() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'mark_summary_dirty()');

SELECT kingston.take_locks(ARRAY['client_actions']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_actions
-- The summaries show actions of a client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_actions
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_actions
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_actions
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_group_product_owners']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_group_product_owners
-- The summaries show who belongs to a client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_group_product_owners
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_group_product_owners
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_group_product_owners
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_groups']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_groups
-- The summaries show a new, renamed, closed or deleted client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_groups
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_groups
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_groups
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_information_items']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_information_items
-- The summaries show information items of a client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_information_items
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_information_items
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_information_items
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_objectives']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_objectives
-- The summaries show objectives of a client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_objectives
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_objectives
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_objectives
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_products']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_products
-- The summaries show products of a client group, their ownership included (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_products
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_products
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_products
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_unmanaged_products']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_unmanaged_products
-- The summaries show unmanaged products of a client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_unmanaged_products
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_unmanaged_products
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_unmanaged_products
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['networth_statements']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on networth_statements
-- The summaries show statements of a client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON networth_statements
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON networth_statements
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON networth_statements
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['portfolio_valuations']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on portfolio_valuations
-- The summaries show the value of every product of the portfolio (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON portfolio_valuations
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('portfolio');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON portfolio_valuations
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('portfolio');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON portfolio_valuations
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('portfolio');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers summary_dirty_update on product_owners
-- client_ownership_summary shows the names of owners (mark_summary_dirty says how marks work).  A new owner is in
-- no group yet, and a deleted one goes with the links and summary rows that name it.
-- Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON product_owners
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('owner');

COMMIT;

BEGIN;

COMMIT;

CALL kingston.fill_summaries();

BEGIN;

SELECT kingston.add_foreign_key('client_complete_summary', 'fk_client_complete_summary_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_complete_summary', 'fk_client_complete_summary_client_group');

SELECT kingston.validate_constraint('client_complete_summary', 'fk_client_complete_summary_client_group');

BEGIN;

SELECT kingston.add_foreign_key('client_ownership_summary', 'fk_client_ownership_summary_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_ownership_summary', 'fk_client_ownership_summary_client_group');

SELECT kingston.validate_constraint('client_ownership_summary', 'fk_client_ownership_summary_client_group');

BEGIN;

SELECT kingston.add_foreign_key('client_dense_summary', 'fk_client_dense_summary_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_dense_summary', 'fk_client_dense_summary_client_group');

SELECT kingston.validate_constraint('client_dense_summary', 'fk_client_dense_summary_client_group');

BEGIN;

SELECT kingston.add_foreign_key('client_ownership_summary', 'fk_client_ownership_summary_product_owner',
  'FOREIGN KEY (product_owner_id) REFERENCES product_owners (id) ON DELETE CASCADE', 'product_owners');

COMMIT;

SELECT kingston.quarantine_orphans('client_ownership_summary', 'fk_client_ownership_summary_product_owner');

SELECT kingston.validate_constraint('client_ownership_summary', 'fk_client_ownership_summary_product_owner');

BEGIN;

SELECT kingston.grant_roles(ARRAY['client_complete_summary', 'client_ownership_summary', 'client_dense_summary', 'summary_refresh_log', 'client_complete_summary_source', 'client_ownership_summary_source', 'client_dense_summary_source', 'performance_limits', 'performance_grade', 'apply_summary', 'refresh_summary', 'refresh_client_complete_summary', 'refresh_client_ownership_summary', 'refresh_dense_data_views', 'refresh_dirty_summaries', 'get_client_dense_page', 'fill_summaries']::text[]);

UPDATE alembic_version SET version_num='phase_6_summaries' WHERE alembic_version.version_num = 'phase_5';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_6_summaries', '{"outcome": "done", "revision": "phase_6_summaries", "detail": "by a script", "files": {"versions/0600_phase_6_summaries.py": "SHA-256", "sql/apply_summary/0600.sql": "SHA-256", "sql/client_complete_summary_source/0600.sql": "SHA-256", "sql/client_dense_summary_source/0600.sql": "SHA-256", "sql/client_ownership_summary_source/0600.sql": "SHA-256", "sql/fill_summaries/0600.sql": "SHA-256", "sql/get_client_dense_page/0600.sql": "SHA-256", "sql/mark_summary_dirty/0600.sql": "SHA-256", "sql/performance_grade/0600.sql": "SHA-256", "sql/performance_limits/0600.sql": "SHA-256", "sql/refresh_client_complete_summary/0600.sql": "SHA-256", "sql/refresh_client_ownership_summary/0600.sql": "SHA-256", "sql/refresh_dense_data_views/0600.sql": "SHA-256", "sql/refresh_dirty_summaries/0600.sql": "SHA-256", "sql/refresh_summary/0600.sql": "SHA-256", "sql/summary_dirty_client_actions/0600.sql": "SHA-256", "sql/summary_dirty_client_group_product_owners/0600.sql": "SHA-256", "sql/summary_dirty_client_groups/0600.sql": "SHA-256", "sql/summary_dirty_client_information_items/0600.sql": "SHA-256", "sql/summary_dirty_client_objectives/0600.sql": "SHA-256", "sql/summary_dirty_client_products/0600.sql": "SHA-256", "sql/summary_dirty_client_unmanaged_products/0600.sql": "SHA-256", "sql/summary_dirty_networth_statements/0600.sql": "SHA-256", "sql/summary_dirty_portfolio_valuations/0600.sql": "SHA-256", "sql/summary_dirty_product_owners/0600.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


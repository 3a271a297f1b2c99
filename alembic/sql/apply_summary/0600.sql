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
SET search_path = @schema@, pg_temp
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
    WHERE c.relnamespace = '@schema@'::regnamespace AND c.relname = p_summary_name
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

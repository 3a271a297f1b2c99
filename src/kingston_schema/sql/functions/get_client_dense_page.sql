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
SET search_path = @schema@, pg_temp
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

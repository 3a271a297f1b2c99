-- function @control@.fill_ownership_range(bigint, bigint, boolean)
-- The documents of the products without one behind p_after and up to p_upto, made from their links; how many it wrote.
-- Five of eight products (p_moving) or the other three: the new versions of the five go to other pages with an entry in
-- every index.  Once that is committed and nobody sees the old versions any more, their space is free for the three, whose
-- versions then stay on the page and touch no index (HOT): a quarter less work than all at once.
-- A product that somebody holds for more than 50 ms is left: the free ones of the range are filled, the others in the next
-- pass.  Both ends of the range stand on every side of the joins: otherwise each range becomes a scan of the table.
-- Called by fill_ownership_batches.  Tests: tests/revisions/test_phase_3_ownership_workers.py
CREATE OR REPLACE FUNCTION @control@.fill_ownership_range(p_after bigint, p_upto bigint, p_moving boolean) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
SET jit = off
SET plan_cache_mode = force_custom_plan
AS $function$
DECLARE
    v_rows bigint;
    v_free bigint[];
BEGIN
    PERFORM set_config('lock_timeout', '50ms', true);
    UPDATE client_products AS p SET ownership_details = n.ownership
    FROM (SELECT q.id, coalesce(l.ownership_details,
                                '{"association_type": "individual", "note": "no_previous_ownership"}') AS ownership
          FROM client_products AS q
          LEFT JOIN (SELECT f.product_id, f.ownership_details FROM ownership_from_links AS f
                     WHERE f.product_id > p_after AND f.product_id <= p_upto
                       AND (f.product_id % 8 < 5) = p_moving) AS l ON l.product_id = q.id
          WHERE q.id > p_after AND q.id <= p_upto AND q.ownership_details IS NULL
            AND (q.id % 8 < 5) = p_moving) AS n
    WHERE p.id = n.id AND p.id > p_after AND p.id <= p_upto AND p.ownership_details IS NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
EXCEPTION WHEN lock_not_available THEN
    SELECT array_agg(n.id) INTO v_free
    FROM (SELECT p.id FROM client_products AS p
          WHERE p.id > p_after AND p.id <= p_upto AND p.ownership_details IS NULL
          ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED) AS n;
    RETURN coalesce(rebuild_ownership(v_free), 0);
END
$function$;

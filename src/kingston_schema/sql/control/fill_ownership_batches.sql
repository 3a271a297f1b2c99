-- procedure @control@.fill_ownership_batches()
-- One pass over the products without ownership_details behind the position of step fill_ownership: several sessions at once
-- take the next batch each (the position moves on in the commit before), so no two work on the same keys and new
-- row versions lie nearly in the order of the old ones.  Returns when no batch is left and nobody works on one any more.
-- A batch has 250 to 5,000 products and takes about 25 milliseconds: that long a writer waits for one of them.  A
-- batch that meets a row somebody holds for more than 50 ms gives way: the free rows of that range are filled, the
-- others in the next pass.  Both ends of the batch stand on every side of its joins: otherwise each batch becomes a
-- scan of the table.
-- Called by fill_ownership and help_fill_ownership.  Tests: tests/revisions/test_phase_3_ownership_workers.py
CREATE OR REPLACE PROCEDURE @control@.fill_ownership_batches()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_ownership';
    c_busy CONSTANT bigint := hashtextextended('fill_ownership batch of @schema@', 0);
    v_rows bigint := 0;
    v_batch integer := 1000;
    v_after bigint;
    v_upto bigint;
    v_free bigint[];
    v_started timestamptz;
    v_ms double precision;
BEGIN
    LOOP
        SELECT b.position INTO v_after FROM @control@.backfill_progress AS b WHERE b.step = c_step FOR UPDATE;
        SELECT max(n.id) INTO v_upto
        FROM (SELECT p.id FROM @schema@.client_products AS p WHERE p.id > v_after AND p.ownership_details IS NULL
              ORDER BY p.id LIMIT v_batch) AS n;
        UPDATE @control@.backfill_progress AS b
           SET position = coalesce(v_upto, v_after), done = b.done + v_rows, batch = v_batch, updated_at = clock_timestamp()
         WHERE b.step = c_step;
        COMMIT;
        EXIT WHEN v_upto IS NULL;
        v_started := clock_timestamp();
        PERFORM pg_advisory_xact_lock_shared(c_busy),
                set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true);
        BEGIN
            PERFORM set_config('lock_timeout', '50ms', true);
            UPDATE @schema@.client_products AS p SET ownership_details = n.ownership
            FROM (SELECT q.id, coalesce(l.ownership_details,
                                        '{"association_type": "individual", "note": "no_previous_ownership"}'
                                       ) AS ownership
                  FROM @schema@.client_products AS q
                  LEFT JOIN (SELECT f.product_id, f.ownership_details FROM @schema@.ownership_from_links AS f
                             WHERE f.product_id > v_after AND f.product_id <= v_upto) AS l ON l.product_id = q.id
                  WHERE q.id > v_after AND q.id <= v_upto AND q.ownership_details IS NULL) AS n
            WHERE p.id = n.id AND p.id > v_after AND p.id <= v_upto AND p.ownership_details IS NULL;
            GET DIAGNOSTICS v_rows = ROW_COUNT;
        EXCEPTION WHEN lock_not_available THEN
            SELECT array_agg(n.id) INTO v_free
            FROM (SELECT p.id FROM @schema@.client_products AS p
                  WHERE p.id > v_after AND p.id <= v_upto AND p.ownership_details IS NULL
                  ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED) AS n;
            v_rows := coalesce(@schema@.rebuild_ownership(v_free), 0);
        END;
        PERFORM set_config('lock_timeout', '10s', true);  -- for the position, which another session holds for an instant
        v_ms := greatest(extract(epoch FROM clock_timestamp() - v_started) * 1000, 1);
        v_batch := least(5000, greatest(250, v_batch * least(1.5, greatest(0.5, 25 / v_ms))));
    END LOOP;
    BEGIN
        PERFORM set_config('lock_timeout', '2s', true), pg_advisory_xact_lock(c_busy);
    EXCEPTION WHEN lock_not_available THEN
        NULL;  -- what is left then is taken by the next pass
    END;
    COMMIT;
END
$procedure$;

-- procedure @control@.fill_ownership()
-- client_products.ownership_details for every product that has none: archived documents come back first
-- (restore_ownership), all others are made from the links (ownership_from_links; E-004, E-047, E-048, E-195).
-- A small table (up to c_small products) is filled in one step that keeps the order of its rows; a larger one in batches by
-- key, each committed, of 1,000 to 5,000 products and about 25 milliseconds.  Both ends of a batch stand on every side of
-- its joins and the new column is analysed first: otherwise each batch becomes a scan of the table.
-- A batch that meets a row somebody holds for more than 50 ms gives way: the free rows of that range are filled, the
-- others in the next round.  Links changed meanwhile are the link trigger's business: it fills, too, and what it filled
-- is left alone.  Ends only when no product is left, with inserts going on (they carry the default).
-- Crash: the same CALL goes on behind the last committed batch.  Nothing that is not NULL is ever written.
-- Progress: @control@.backfill_progress, step fill_ownership.
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE @control@.fill_ownership()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_ownership';
    c_small CONSTANT bigint := 2000;
    c_cap CONSTANT interval := interval '60 seconds';
    c_first CONSTANT bigint := -9223372036854775808;
    v_all bigint;
    v_left bigint;
    v_filled bigint := 0;
    v_rows bigint;
    v_batch integer := 1000;
    v_after bigint;
    v_upto bigint;
    v_free bigint[];
    v_ms double precision;
    v_started timestamptz;
    v_progress timestamptz := clock_timestamp();
BEGIN
    SELECT count(*), count(*) FILTER (WHERE p.ownership_details IS NULL) INTO v_all, v_left FROM @schema@.client_products AS p;
    INSERT INTO @control@.backfill_progress AS b (step, total) VALUES (c_step, v_left)
    ON CONFLICT (step) DO UPDATE
       SET position = CASE WHEN b.finished_at IS NULL THEN b.position END,
           done = CASE WHEN b.finished_at IS NULL THEN b.done ELSE 0 END,
           total = CASE WHEN b.finished_at IS NULL THEN b.done ELSE 0 END + EXCLUDED.total,
           started_at = CASE WHEN b.finished_at IS NULL THEN b.started_at ELSE clock_timestamp() END,
           updated_at = clock_timestamp(), finished_at = NULL
    RETURNING coalesce(b.position, c_first) INTO v_after;
    COMMIT;
    IF v_left > 0 AND v_all <= c_small THEN  -- not v_left: what a crash left of a large table is filled in batches, too
        SELECT coalesce(f.filled, 0) INTO v_filled FROM @control@.fill_ownership_in_place() AS f;
        UPDATE @control@.backfill_progress AS b SET done = b.done + v_filled, updated_at = clock_timestamp()
         WHERE b.step = c_step;
        COMMIT;
    ELSIF v_left > 0 THEN
        ANALYZE @schema@.client_products (id, ownership_details);
        COMMIT;
    END IF;
    IF to_regclass('@archive@.client_products__phase_3_ownership') IS NOT NULL THEN
        CALL @control@.restore_ownership();
    END IF;

    LOOP
        EXIT WHEN NOT EXISTS (SELECT 1 FROM @schema@.client_products AS p WHERE p.ownership_details IS NULL);
        LOOP
            SELECT max(n.id) INTO v_upto
            FROM (SELECT p.id FROM @schema@.client_products AS p WHERE p.id > v_after ORDER BY p.id LIMIT v_batch) AS n;
            EXIT WHEN v_upto IS NULL;
            v_started := clock_timestamp();
            PERFORM set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true),
                    set_config('lock_timeout', '50ms', true);
            BEGIN
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
            v_filled := v_filled + v_rows;
            UPDATE @control@.backfill_progress AS b
               SET position = v_upto, done = b.done + v_rows, batch = v_batch, updated_at = clock_timestamp()
             WHERE b.step = c_step;
            COMMIT;
            v_after := v_upto;
            v_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
            v_batch := CASE WHEN v_ms < 15 THEN least(5000, v_batch * 3 / 2)
                            WHEN v_ms > 35 THEN greatest(1000, v_batch * 2 / 3) ELSE v_batch END;
            IF v_rows > 0 THEN
                v_progress := clock_timestamp();
            END IF;
        END LOOP;
        v_after := c_first;
        IF clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION 'products without ownership_details have been held by other transactions for %', c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        END IF;
        IF EXISTS (SELECT 1 FROM @schema@.client_products AS p WHERE p.ownership_details IS NULL) THEN
            PERFORM pg_sleep(0.05);
        END IF;
    END LOOP;

    UPDATE @control@.backfill_progress AS b SET updated_at = clock_timestamp(), finished_at = clock_timestamp()
     WHERE b.step = c_step;
    IF v_filled > 0 THEN
        PERFORM @control@.log_movement('filled', 'client_products', NULL, ARRAY['ownership_details'], v_filled);
    END IF;
    COMMIT;
END
$procedure$;

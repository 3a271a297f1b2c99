-- procedure @control@.fill_ownership()
-- client_products.ownership_details for every product that has none: archived documents come back first
-- (restore_ownership), all others are made from the links (ownership_from_links; E-004, E-047, E-048, E-195).
-- A small table (up to c_small products) is filled in one step that keeps the order of its rows; a larger one in batches
-- in the order of the keys, each committed (fill_ownership_batches), in which other sessions may take part
-- (help_fill_ownership) while this one holds the advisory lock "fill_ownership of <schema>".
-- Links changed meanwhile are the link trigger's business: it fills, too, and what it filled is left alone.  Ends only when
-- no product is left, with inserts going on (they carry the default).
-- Crash: the same CALL goes on with the first product that has no document.  Nothing that is not NULL is ever written.
-- Progress: @control@.backfill_progress, step fill_ownership.
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE @control@.fill_ownership()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_ownership';
    c_small CONSTANT bigint := 2000;
    c_cap CONSTANT interval := interval '60 seconds';
    v_all bigint;
    v_left bigint;
    v_filled bigint := 0;
    v_done bigint;
    v_before bigint;
    v_first bigint;
    v_progress timestamptz := clock_timestamp();
BEGIN
    SELECT count(*), count(*) FILTER (WHERE p.ownership_details IS NULL) INTO v_all, v_left FROM @schema@.client_products AS p;
    INSERT INTO @control@.backfill_progress AS b (step, total) VALUES (c_step, v_left)
    ON CONFLICT (step) DO UPDATE
       SET position = NULL,
           done = CASE WHEN b.finished_at IS NULL THEN b.done ELSE 0 END,
           total = CASE WHEN b.finished_at IS NULL THEN b.done ELSE 0 END + EXCLUDED.total,
           started_at = CASE WHEN b.finished_at IS NULL THEN b.started_at ELSE clock_timestamp() END,
           updated_at = clock_timestamp(), finished_at = NULL;
    COMMIT;
    IF v_left > 0 AND v_all <= c_small THEN  -- not v_left: what a crash left of a large table is filled in batches, too
        SELECT coalesce(f.filled, 0) INTO v_filled FROM @control@.fill_ownership_in_place() AS f;
        UPDATE @control@.backfill_progress AS b SET done = b.done + v_filled, updated_at = clock_timestamp()
         WHERE b.step = c_step;
        COMMIT;
    ELSIF v_left > 0 THEN
        -- Nothing known about a new column makes a plan scan the table for each batch.
        PERFORM @control@.fresh_statistics('client_products', ARRAY['id', 'ownership_details']);
        COMMIT;
    END IF;
    IF to_regclass('@archive@.client_products__phase_3_ownership') IS NOT NULL THEN
        CALL @control@.restore_ownership();
    END IF;

    PERFORM pg_try_advisory_lock(hashtextextended('fill_ownership of @schema@', 0));
    SELECT b.done INTO v_before FROM @control@.backfill_progress AS b WHERE b.step = c_step;
    v_filled := v_filled - v_before;
    LOOP
        SELECT min(p.id) INTO v_first FROM @schema@.client_products AS p WHERE p.ownership_details IS NULL;
        EXIT WHEN v_first IS NULL;
        UPDATE @control@.backfill_progress AS b SET position = v_first - 1 WHERE b.step = c_step;
        COMMIT;
        CALL @control@.fill_ownership_batches();
        SELECT b.done INTO v_done FROM @control@.backfill_progress AS b WHERE b.step = c_step;
        IF v_done > v_before THEN
            v_before := v_done;
            v_progress := clock_timestamp();
        ELSIF clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION 'products without ownership_details have been held by other transactions for %', c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        ELSE
            PERFORM pg_sleep(0.05);
        END IF;
        COMMIT;
    END LOOP;
    PERFORM pg_advisory_unlock(hashtextextended('fill_ownership of @schema@', 0));

    UPDATE @control@.backfill_progress AS b SET updated_at = clock_timestamp(), finished_at = clock_timestamp()
     WHERE b.step = c_step
    RETURNING v_filled + b.done INTO v_filled;  -- what all sessions did; each counts in the commit of what it wrote
    IF v_left > 0 THEN
        PERFORM @control@.fresh_statistics('client_products', ARRAY['id', 'ownership_details']);
    END IF;
    IF v_filled > 0 THEN
        PERFORM @control@.log_movement('filled', 'client_products', NULL, ARRAY['ownership_details'], v_filled);
    END IF;
    COMMIT;
END
$procedure$;

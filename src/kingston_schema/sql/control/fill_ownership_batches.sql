-- procedure @control@.fill_ownership_batches()
-- One pass over the products without ownership_details behind the position of step fill_ownership: several sessions at once
-- take the next batch each (the position moves on in the commit before), so no two work on the same keys and new
-- row versions lie nearly in the order of the old ones.  Returns when no batch is left and nobody works on one any more.
-- A batch has 250 to 5,000 products and its longer part takes about 25 milliseconds: that long a writer waits for one of
-- them.  It has two parts, each committed (fill_ownership_range says why): the second is done two batches later, when
-- statements that still saw the old versions have ended.  What a crash leaves between them is what it leaves of any batch.
-- Called by fill_ownership and help_fill_ownership.  Tests: tests/revisions/test_phase_3_ownership_workers.py
CREATE OR REPLACE PROCEDURE @control@.fill_ownership_batches()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_ownership';
    c_busy CONSTANT bigint := hashtextextended('fill_ownership batch of @schema@', 0);
    c_behind CONSTANT integer := 2;
    v_rows bigint;
    v_batch integer := 1000;
    v_after bigint;
    v_upto bigint;
    v_ends bigint[] := '{}';  -- of the batches whose second part is to be done: after, up to, after, up to ...
    v_started timestamptz;
    v_ms double precision;
BEGIN
    LOOP
        SELECT b.position INTO v_after FROM @control@.backfill_progress AS b WHERE b.step = c_step FOR UPDATE;
        SELECT max(n.id) INTO v_upto
        FROM (SELECT p.id FROM @schema@.client_products AS p WHERE p.id > v_after AND p.ownership_details IS NULL
              ORDER BY p.id LIMIT v_batch) AS n;
        UPDATE @control@.backfill_progress AS b
           SET position = coalesce(v_upto, v_after), batch = v_batch, updated_at = clock_timestamp()
         WHERE b.step = c_step;
        COMMIT;
        EXIT WHEN v_upto IS NULL AND v_ends = '{}';
        IF v_upto IS NOT NULL THEN
            v_started := clock_timestamp();
            PERFORM pg_advisory_xact_lock_shared(c_busy);
            v_rows := @control@.fill_ownership_range(v_after, v_upto, true);
            -- In the commit that frees the range, and patiently: another session holds the line for an instant.
            PERFORM set_config('lock_timeout', '10s', true);
            UPDATE @control@.backfill_progress AS b SET done = b.done + v_rows WHERE b.step = c_step;
            COMMIT;
            v_ends := v_ends || v_after || v_upto;
            v_ms := greatest(extract(epoch FROM clock_timestamp() - v_started) * 1000, 1);
            v_batch := least(5000, greatest(250, v_batch * least(1.5, greatest(0.5, 25 / v_ms))));
        END IF;
        IF v_upto IS NULL OR cardinality(v_ends) > 2 * c_behind THEN
            PERFORM pg_advisory_xact_lock_shared(c_busy);
            v_rows := @control@.fill_ownership_range(v_ends[1], v_ends[2], false);
            PERFORM set_config('lock_timeout', '10s', true);
            UPDATE @control@.backfill_progress AS b SET done = b.done + v_rows WHERE b.step = c_step;
            COMMIT;
            v_ends := v_ends[3:];
        END IF;
        PERFORM set_config('lock_timeout', '10s', true);
    END LOOP;
    BEGIN
        PERFORM set_config('lock_timeout', '2s', true), pg_advisory_xact_lock(c_busy);
    EXCEPTION WHEN lock_not_available THEN
        NULL;  -- what is left then is taken by the next pass
    END;
    COMMIT;
END
$procedure$;

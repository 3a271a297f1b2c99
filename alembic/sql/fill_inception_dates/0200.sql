-- procedure @control@.fill_inception_dates()
-- inception_date := created_at for product owners who were there before the column (erratum E-036).  Filled are rows
-- that nobody has written at this level: inception_date empty and updated_at empty.  So a date that came back from the
-- archive stays, and so does one that somebody emptied on purpose.
-- A small table (one megabyte, some 12,000 owners) is rewritten in one step of about 15 ms under the lock budget: the
-- rows keep their physical order, which answers of the Phase 1 application without ORDER BY follow (promise P3).
-- A larger one is filled in physical order, page range by page range, one committed batch of about 25 ms each;
-- a batch that meets a locked row is passed over and done later.  Repeatable; ends when nothing is left to fill.
-- A column the portal had before us is not filled.  Progress: @control@.backfill_progress, step fill_inception_dates.
-- Called by op.backfill in revision phase_2_product_owners.  Tests: tests/revisions/test_phase_2_product_owners.py
CREATE OR REPLACE PROCEDURE @control@.fill_inception_dates()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_inception_dates';
    c_small CONSTANT bigint := 1024 * 1024;
    c_cap CONSTANT interval := interval '60 seconds';
    v_ours text[] := @control@.our_columns('product_owners', ARRAY['inception_date', 'updated_at']);
    v_open text;
    v_pages bigint;
    v_page bigint;
    v_range integer := 20;
    v_rows bigint;
    v_left bigint;
    v_done bigint := 0;
    v_started timestamptz;
    v_progress timestamptz := clock_timestamp();
    v_ms double precision;
BEGIN
    IF NOT 'inception_date' = ANY (v_ours) THEN
        RETURN;
    END IF;
    v_open := 'inception_date IS NULL' || CASE WHEN 'updated_at' = ANY (v_ours) THEN ' AND updated_at IS NULL' ELSE '' END;
    EXECUTE format('SELECT count(*) FROM @schema@.product_owners WHERE %s', v_open) INTO v_left;
    INSERT INTO @control@.backfill_progress AS b (step, total) VALUES (c_step, v_left)
    ON CONFLICT (step) DO UPDATE
       SET position = NULL, done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;

    IF v_left > 0 AND pg_relation_size('@schema@.product_owners') <= c_small THEN
        PERFORM @control@.take_locks(ARRAY['product_owners']);
        EXECUTE format('ALTER TABLE @schema@.product_owners ALTER COLUMN inception_date TYPE timestamptz'
                       ' USING CASE WHEN %s THEN created_at ELSE inception_date END', v_open);
        v_done := v_left;
        v_left := 0;
    END IF;
    COMMIT;

    WHILE v_left > 0 LOOP
        v_pages := pg_relation_size('@schema@.product_owners') / current_setting('block_size')::bigint;
        v_page := 0;
        WHILE v_page <= v_pages LOOP
            v_started := clock_timestamp();
            v_rows := 0;
            BEGIN
                PERFORM set_config('lock_timeout', '50ms', true);
                EXECUTE format('UPDATE @schema@.product_owners SET inception_date = created_at'
                               ' WHERE ctid >= %L::tid AND ctid < %L::tid AND %s',
                               format('(%s,0)', v_page), format('(%s,0)', v_page + v_range), v_open);
                GET DIAGNOSTICS v_rows = ROW_COUNT;
            EXCEPTION WHEN lock_not_available THEN
                NULL;  -- somebody is writing one of these rows: the next round fills this range
            END;
            v_done := v_done + v_rows;
            UPDATE @control@.backfill_progress AS b
               SET position = v_page, done = v_done, batch = v_rows, updated_at = clock_timestamp()
             WHERE b.step = c_step;
            COMMIT;
            v_page := v_page + v_range;
            v_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
            IF v_rows > 0 THEN
                v_progress := clock_timestamp();
                v_range := least(60, greatest(4, CASE WHEN v_ms < 12 THEN v_range * 2
                                                      WHEN v_ms > 40 THEN v_range / 2 ELSE v_range END));
            END IF;
        END LOOP;
        EXECUTE format('SELECT count(*) FROM @schema@.product_owners WHERE %s', v_open) INTO v_left;
        IF v_left > 0 AND clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION '% product owners have been locked by others for %', v_left, c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        ELSIF v_left > 0 THEN
            PERFORM pg_sleep(0.05);
        END IF;
    END LOOP;

    UPDATE @control@.backfill_progress AS b SET done = v_done, finished_at = clock_timestamp() WHERE b.step = c_step;
    IF v_done > 0 THEN
        PERFORM @control@.log_movement('filled', 'product_owners', NULL, ARRAY['inception_date'], v_done);
    END IF;
    COMMIT;
END
$procedure$;

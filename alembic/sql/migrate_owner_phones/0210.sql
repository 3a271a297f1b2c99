-- procedure @control@.migrate_owner_phones()
-- Brings telephone numbers from columns that a portal may have on product_owners (phone, phone_1, phone_2, phone_3) into
-- product_owner_phones.  The source columns are only read; none of them there: nothing to do, which is success.
-- A source value is handled once: product_owner_phone_sources remembers owner, column and the text that was read.  A
-- value that is new or was changed since, also while the database was below this revision, is picked up.  So the
-- procedure may be called again at any time: CALL @control@.migrate_owner_phones().
-- (Once an encryption key is active only the application can write new numbers: then new values are refused, not stored.)
-- Batches of 1,000 owners (migrate_phone_batch), committed one by one; owners that somebody is deleting are passed over
-- and looked at in the next round.  Ends when every source value is remembered, else raises (errata E-034, E-035).
-- Progress: @control@.backfill_progress, step migrate_owner_phones.
-- Called by op.backfill in revision phase_2_owner_phones.  Tests: tests/revisions/test_phase_2_owner_phones.py
CREATE OR REPLACE PROCEDURE @control@.migrate_owner_phones()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'migrate_owner_phones';
    c_rounds CONSTANT integer := 20;
    c_first CONSTANT bigint := -9223372036854775808;
    c_last CONSTANT bigint := 9223372036854775807;
    v_changed text;
    v_highest bigint;
    v_after bigint;
    v_upto bigint;
    v_sum bigint := 0;
    v_left bigint;
BEGIN
    SELECT string_agg(format(
               'SELECT t.id AS owner_id, %1$L::varchar AS source_column, %2$s AS nr,'
               ' CASE WHEN t.%1$I::text ~ ''[^[:space:]]'' THEN t.%1$I::text END AS cell'
               ' FROM @schema@.product_owners AS t WHERE t.id > $1 AND t.id <= $2', c.name, c.nr), ' UNION ALL ')
      INTO v_changed
      FROM unnest(ARRAY['phone', 'phone_1', 'phone_2', 'phone_3']) WITH ORDINALITY AS c (name, nr)
      JOIN pg_attribute AS a ON a.attrelid = '@schema@.product_owners'::regclass AND a.attname = c.name
       AND NOT a.attisdropped;
    IF v_changed IS NULL THEN
        RETURN;
    END IF;
    v_changed := 'SELECT c.* FROM (' || v_changed || ') AS c LEFT JOIN @schema@.product_owner_phone_sources AS s'
        ' ON s.product_owner_id = c.owner_id AND s.source_column = c.source_column'
        ' AND s.product_owner_id > $1 AND s.product_owner_id <= $2'  -- on both sides, or each batch reads the whole memory
        ' WHERE c.cell IS DISTINCT FROM s.source_text';
    CREATE TEMP TABLE IF NOT EXISTS phone_cells (owner_id bigint, source_column varchar(63), nr integer, cell text,
        PRIMARY KEY (owner_id, source_column)) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS phone_parts (owner_id bigint, source_column varchar(63), nr integer, part integer, part_text text,
        phone_number text, extension text, phone_type text, label text, reason text, number_key text,
        duplicate boolean DEFAULT false, PRIMARY KEY (owner_id, nr, part)) ON COMMIT DELETE ROWS;
    SELECT coalesce(max(t.id), 0) INTO v_highest FROM @schema@.product_owners AS t;
    INSERT INTO @control@.backfill_progress AS b (step, total) VALUES (c_step, v_highest)
    ON CONFLICT (step) DO UPDATE
       SET position = NULL, done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;
    COMMIT;

    FOR v_round IN 1 .. c_rounds LOOP
        v_after := c_first;
        LOOP
            SELECT max(o.id) INTO v_upto
              FROM (SELECT t.id FROM @schema@.product_owners AS t WHERE t.id > v_after ORDER BY t.id LIMIT 1000) AS o;
            EXIT WHEN v_upto IS NULL;
            EXECUTE 'INSERT INTO pg_temp.phone_cells ' || v_changed USING v_after, v_upto;
            IF FOUND THEN
                v_sum := v_sum + @control@.migrate_phone_batch();
            END IF;
            UPDATE @control@.backfill_progress AS b
               SET position = v_upto, done = greatest(0, least(v_upto, v_highest)), updated_at = clock_timestamp()
             WHERE b.step = c_step;
            COMMIT;
            v_after := v_upto;
        END LOOP;
        EXECUTE 'SELECT count(*) FROM (' || v_changed || ') AS n' INTO v_left USING c_first, c_last;
        EXIT WHEN v_left = 0;
        PERFORM pg_sleep(0.05);
    END LOOP;
    IF v_left > 0 THEN
        RAISE EXCEPTION '% telephone values of product owners are neither migrated nor rejected after % rounds', v_left, c_rounds
            USING ERRCODE = '55P03', HINT = 'their owners are locked, or written faster than they are read; run the same command again';
    END IF;
    DROP TABLE pg_temp.phone_cells, pg_temp.phone_parts;
    UPDATE @control@.backfill_progress AS b SET finished_at = clock_timestamp() WHERE b.step = c_step;
    IF v_sum > 0 THEN
        PERFORM @control@.log_movement('filled', 'product_owner_phones', NULL, NULL, v_sum);
    END IF;
    COMMIT;
END
$procedure$;

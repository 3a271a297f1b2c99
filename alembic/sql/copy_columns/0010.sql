-- procedure @control@.copy_columns(text, text[])
-- First part of taking columns out: their values are copied, page by page of the table as it lies, in committed batches
-- of about a quarter of a second, without a lock that anybody waits for.  A trigger notes rows changed meanwhile, and these are copied
-- again until few are left; archive_columns does the last ones under its lock.  Nothing counts as archived before that.
-- Crash: the same CALL goes on behind the last committed batch.  Going up instead forgets the copies (forget_copy).
-- Progress: @control@.backfill_progress, step archive <table>; position is a page.
-- Called by op.copy_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE PROCEDURE @control@.copy_columns(p_table text, p_names text[])
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_few CONSTANT bigint := 100;
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_step text := 'archive ' || p_table;
    v_copy text := format('@archive@.%I', @control@.column_copy(p_table, v_revision, 'copy'));
    v_table regclass := format('@schema@.%I', p_table)::regclass;
    v_ours text[] := @control@.columns_to_archive(p_table, p_names);
    v_pages bigint;
    v_page bigint;
    v_range bigint := 500;
    v_rows bigint;
    v_started timestamptz;
    v_ms double precision;
BEGIN
    IF cardinality(v_ours) = 0 THEN
        RETURN;
    END IF;
    IF split_part(obj_description(to_regclass(v_copy), 'pg_class'), ',', 1)
       <> 'copied from file ' || pg_relation_filenode(v_table) THEN
        PERFORM @control@.forget_copy(p_table);
        COMMIT;
    END IF;
    IF to_regclass(v_copy) IS NULL THEN
        PERFORM @control@.begin_copy(p_table, v_revision, v_ours);
        COMMIT;
    END IF;
    SELECT b.position INTO v_page FROM @control@.backfill_progress AS b WHERE b.step = v_step;
    -- Rows that came to lie behind the last page since the trigger stands were noted by it.
    v_pages := pg_relation_size(v_table) / current_setting('block_size')::bigint;
    WHILE v_page < v_pages LOOP
        v_started := clock_timestamp();
        v_rows := @control@.copy_rows(p_table, v_revision, v_ours, format(
            't.ctid >= %L::tid AND t.ctid < %L::tid', format('(%s,0)', v_page), format('(%s,0)', v_page + v_range)));
        v_page := v_page + v_range;
        UPDATE @control@.backfill_progress AS b
           SET position = v_page, done = b.done + v_rows, batch = v_range, updated_at = clock_timestamp()
         WHERE b.step = v_step;
        COMMIT;
        v_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
        v_range := CASE WHEN v_ms < 125 THEN v_range * 2 WHEN v_ms > 500 THEN greatest(10, v_range / 2) ELSE v_range END;
    END LOOP;
    PERFORM @control@.finish_copy(p_table, v_revision);
    COMMIT;
    FOR v_round IN 1 .. 100 LOOP
        v_rows := @control@.copy_changed_rows(p_table, v_revision, v_ours, 2000);
        COMMIT;
        EXIT WHEN v_rows < c_few;
    END LOOP;
END
$procedure$;

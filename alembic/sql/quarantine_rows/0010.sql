-- function @control@.quarantine_rows(text, text, text, text[])
-- Keep rows of a table in "@archive@.quarantine__<table>" with the reason, value for value in the types they have.
-- p_condition picks them.  p_columns NULL: they are taken out of the table; else they stay there, and p_columns names
-- the columns that are about to lose their value (quarantine_columns).  Returns how many.
-- Called by quarantine_orphans, settle_phone_ciphertexts.  Tests: tests/ddl/test_quarantine.py
CREATE OR REPLACE FUNCTION @control@.quarantine_rows(
    p_table text, p_condition text, p_reason text, p_columns text[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_quarantine text := left('quarantine__' || p_table, 63);
    v_columns text;
    v_missing text;
    v_rows bigint;
BEGIN
    EXECUTE format('CREATE TABLE IF NOT EXISTS @archive@.%I (quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp(),'
                   ' quarantine_reason text NOT NULL, quarantine_run text, quarantine_columns text[])', v_quarantine);
    SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '),
           string_agg(format('%I', a.attname), ', ')
      INTO v_missing, v_columns
      FROM pg_attribute AS a
     WHERE a.attrelid = to_regclass(quote_ident(p_table)) AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format('ALTER TABLE @archive@.%I %s', v_quarantine, v_missing);
    EXECUTE format(
        CASE WHEN p_columns IS NULL
             THEN 'WITH gone AS (DELETE FROM %1$I AS t WHERE %2$s RETURNING t.*)'
             ELSE 'WITH gone AS (SELECT t.* FROM %1$I AS t WHERE %2$s)' END
        || ' INSERT INTO @archive@.%3$I (%4$s, quarantine_reason, quarantine_run, quarantine_columns)'
        || ' SELECT %4$s, %5$s, nullif(current_setting(''kingston.run'', true), ''''), %6$L::text[] FROM gone AS t',
        p_table, p_condition, v_quarantine, v_columns, p_reason, p_columns);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    IF v_rows > 0 THEN
        PERFORM @control@.log_movement('quarantined', p_table, v_quarantine, p_columns, v_rows, p_condition);
    END IF;
    RETURN v_rows;
END
$function$;

-- function @control@.only_key(text)
-- The primary key column of a table; refuses a table whose key is not one column.
-- Called by copy_columns, archive_columns and restore_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION @control@.only_key(p_table text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_key text[];
BEGIN
    SELECT array_agg(a.attname) INTO v_key
      FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = to_regclass(quote_ident(p_table)) AND i.indisprimary;
    IF v_key IS NULL OR cardinality(v_key) <> 1 THEN
        RAISE EXCEPTION 'table % has no primary key of one column, by which values of its columns could be kept', p_table
            USING ERRCODE = 'KS003';
    END IF;
    RETURN v_key[1];
END
$function$;

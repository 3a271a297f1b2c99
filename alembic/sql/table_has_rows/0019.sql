-- function table_has_rows(text)
-- Does a table of this portal hold at least one row?  NULL when there is no such table, so that a
-- gate can report every finding at once instead of stopping at the first missing table (errata E-088).
-- Called by the gates and the checklists.  Tests: tests/sql/test_table_has_rows.py
CREATE OR REPLACE FUNCTION table_has_rows(p_table text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_relation regclass;
    v_found boolean;
BEGIN
    SELECT c.oid::regclass INTO v_relation
    FROM pg_class AS c
    WHERE c.relnamespace = '@schema@'::regnamespace AND c.relname = p_table AND c.relkind IN ('r', 'p');
    IF v_relation IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', v_relation) INTO v_found;
    RETURN v_found;
END
$body$;
COMMENT ON FUNCTION table_has_rows(text) IS
    'Whether a table of this portal holds a row; NULL when there is no such table';

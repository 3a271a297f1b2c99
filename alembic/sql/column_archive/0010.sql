-- function @control@.column_archive(text, text)
-- The name of the archive table that holds values of columns which a revision added to a legacy table.
-- Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION @control@.column_archive(p_table text, p_revision text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
SELECT left(p_table || '__' || p_revision, 63)
$function$;

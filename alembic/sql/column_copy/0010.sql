-- function @control@.column_copy(text, text, text)
-- Names in the archive schema while a rollback copies columns: the table that takes the copies (p_what copy) and the one
-- that notes the keys of rows changed meanwhile (changed).
-- Called by copy_columns and what it calls.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION @control@.column_copy(p_table text, p_revision text, p_what text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
SELECT left(p_table || '__' || p_revision, 52) || '__' || p_what
$function$;

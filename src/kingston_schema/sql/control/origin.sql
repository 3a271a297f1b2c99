-- function @control@.origin()
-- 'new' or 'production': whether emptiness is a note or critical (design section 5).
-- Tests: tests/ddl/test_control.py
CREATE OR REPLACE FUNCTION @control@.origin() RETURNS text
LANGUAGE sql STABLE
SET search_path = @control@, pg_temp
AS $function$
SELECT coalesce((SELECT p.origin FROM portal AS p WHERE p.application_schema = '@schema@'), 'production')
$function$;

-- function @control@.index_dropped(text)
-- Forget an index that a downgrade dropped.  Called by op.drop_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION @control@.index_dropped(p_index text) RETURNS void
LANGUAGE sql
SET search_path = @control@, pg_temp
AS $function$
DELETE FROM index_journal AS j WHERE j.index_name = p_index
$function$;

-- function @control@.index_intended(text, text, text)
-- Before a concurrent build: write down what is about to be built.  Called by op.create_index_online.
-- Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION @control@.index_intended(p_index text, p_table text, p_statement text) RETURNS void
LANGUAGE sql
SET search_path = @control@, pg_temp
AS $function$
INSERT INTO index_journal (index_name, table_name, statement) VALUES (p_index, p_table, p_statement)
ON CONFLICT (index_name) DO UPDATE SET table_name = EXCLUDED.table_name, statement = EXCLUDED.statement,
    intended_at = clock_timestamp(), published_at = NULL, published_oid = NULL
$function$;

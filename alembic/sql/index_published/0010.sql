-- function @control@.index_published(text, text)
-- After a concurrent build: refuse an invalid result, give the index its name, write that down.
-- Called by op.create_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION @control@.index_published(p_index text, p_building text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_building));
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indexrelid = v_oid AND i.indisvalid) THEN
        RAISE EXCEPTION 'index % was not built: % is missing or invalid', p_index, p_building
            USING ERRCODE = 'KS004', HINT = 'run the same command again; the leftover is dropped and built anew';
    END IF;
    EXECUTE format('ALTER INDEX %I RENAME TO %I', p_building, p_index);
    UPDATE @control@.index_journal AS j SET published_at = clock_timestamp(), published_oid = v_oid
     WHERE j.index_name = p_index;
END
$function$;

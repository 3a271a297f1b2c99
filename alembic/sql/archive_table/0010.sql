-- function @control@.archive_table(text)
-- Move a table to the archive schema with its rows, indexes, constraints and identity sequence.  Foreign keys from
-- and to it are dropped, so that the Phase 1 application behaves as before.  Catalogue only: the time does not
-- depend on the number of rows.  Refuses where triggers are left on the table.  Repeatable.
-- Called by op.archive_table.  Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION @control@.archive_table(p_table text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_triggers text;
    v_key record;
BEGIN
    IF v_oid IS NULL OR (SELECT c.relnamespace FROM pg_class AS c WHERE c.oid = v_oid) <> '@schema@'::regnamespace THEN
        RETURN;  -- in the archive already, or never made (an upgrade that was interrupted before it)
    END IF;
    SELECT string_agg(t.tgname, ', ') INTO v_triggers FROM pg_trigger AS t WHERE t.tgrelid = v_oid AND NOT t.tgisinternal;
    IF v_triggers IS NOT NULL THEN
        RAISE EXCEPTION 'table % cannot be archived while it has triggers: %', p_table, v_triggers USING ERRCODE = 'KS003';
    END IF;
    PERFORM @control@.take_locks(@control@.tied_by_keys(ARRAY[p_table]));
    FOR v_key IN
        SELECT k.conrelid::regclass AS holder, k.conname FROM pg_constraint AS k
         WHERE k.contype = 'f' AND v_oid IN (k.conrelid, k.confrelid)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', v_key.holder, v_key.conname);
    END LOOP;
    EXECUTE format('ALTER TABLE %I SET SCHEMA @archive@', p_table);
    PERFORM @control@.log_movement('archived', p_table, p_table, NULL, NULL);
END
$function$;

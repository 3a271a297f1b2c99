-- control event_log_guard
-- Nobody changes, removes or empties what stands in the event log, also under session_replication_role = replica.  The
-- owner of the table can switch the triggers off: an explicit act, which kingston history --verify names.
-- Tests: tests/ddl/test_event_log.py
CREATE OR REPLACE FUNCTION @control@.refuse_event_rewrite() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % is refused', TG_OP
        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
              HINT = 'what was recorded stays; kingston history shows it';
END
$function$;

DO $guard$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_trigger AS t WHERE t.tgrelid = '@control@.event_log'::regclass
                      AND t.tgname = 'event_log_append_only' AND t.tgenabled = 'A') THEN
        CREATE OR REPLACE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @control@.event_log
            FOR EACH STATEMENT EXECUTE FUNCTION @control@.refuse_event_rewrite();
        ALTER TABLE @control@.event_log ENABLE ALWAYS TRIGGER event_log_append_only;
    END IF;
END
$guard$;

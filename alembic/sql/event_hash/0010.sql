-- function @control@.event_hash(@control@.event_log)
-- SHA-256, in hexadecimal, of the canonical text of an event: a JSON array of all its fields, the hash of the event before
-- it first.  Times are written in UTC to the microsecond, so that no setting of a session changes the text.
-- Called by log_event and kingston history --verify.  Tests: tests/ddl/test_event_log.py
CREATE OR REPLACE FUNCTION @control@.event_hash(e @control@.event_log) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
SELECT encode(sha256(convert_to(jsonb_build_array(
    e.previous, e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.run_id, e.stage, e.event, e.subject,
    e.revision, e.outcome, e.seconds::text, e.rows_moved, e.detail, e.files, e.role, e.os_user, e.actor, e.host, e.address,
    e.application, e.pid, e.version, e.backend, to_char(e.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
)::text, 'UTF8')), 'hex')
$function$;

-- function @control@.log_event(uuid, text, text, text, jsonb)
-- Appends one event and returns its hash.  p_fields: outcome, seconds, rows, detail, files, revision, os_user, actor,
-- host, pid, version; the database adds the number, the time, the role, the address, the application and the session.
-- Without a revision: the one that is recorded.  Writers wait for each other, so that the chain has no fork; to be called
-- outside of a transaction that lasts.
-- Called by the runner on its second connection, and by commands on a connection of their own.
-- Tests: tests/ddl/test_event_log.py
CREATE OR REPLACE FUNCTION @control@.log_event(
    p_run uuid, p_stage text, p_event text, p_subject text DEFAULT NULL, p_fields jsonb DEFAULT '{}'
) RETURNS text
LANGUAGE plpgsql
SET search_path = @control@, pg_temp
AS $function$
DECLARE
    e event_log%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('event_log of @schema@', 19732));
    SELECT l.id, l.hash INTO e.id, e.previous FROM event_log AS l ORDER BY l.id DESC LIMIT 1;
    e.id := coalesce(e.id, 0) + 1;
    e.previous := coalesce(e.previous, repeat('0', 64));
    e.at := clock_timestamp();
    e.run_id := p_run;
    e.stage := p_stage;
    e.event := p_event;
    e.subject := p_subject;
    e.revision := p_fields ->> 'revision';
    IF e.revision IS NULL AND to_regclass('@schema@.alembic_version') IS NOT NULL THEN
        SELECT string_agg(v.version_num, ', ' ORDER BY v.version_num) INTO e.revision FROM @schema@.alembic_version AS v;
    END IF;
    e.outcome := p_fields ->> 'outcome';
    e.seconds := round((p_fields ->> 'seconds')::numeric, 3);
    e.rows_moved := (p_fields ->> 'rows')::bigint;
    e.detail := left(p_fields ->> 'detail', 4000);
    e.files := nullif(p_fields -> 'files', 'null');
    e.role := session_user;
    e.os_user := p_fields ->> 'os_user';
    e.actor := nullif(p_fields ->> 'actor', '');
    e.host := p_fields ->> 'host';
    e.address := host(inet_client_addr());
    e.application := current_setting('application_name');
    e.pid := (p_fields ->> 'pid')::integer;
    e.version := p_fields ->> 'version';
    e.backend := pg_backend_pid();
    e.backend_start := (SELECT a.backend_start FROM pg_stat_get_activity(pg_backend_pid()) AS a);
    e.hash := event_hash(e);
    INSERT INTO event_log VALUES (e.*);
    RETURN e.hash;
END
$function$;

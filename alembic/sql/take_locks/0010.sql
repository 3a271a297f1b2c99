-- function @control@.take_locks(text[], text)
-- Lock all the tables at once, in short attempts with jitter, so that whoever queues behind us waits no longer
-- than one attempt (promise P4).  Settings: kingston.lock_attempt_ms (50), kingston.lock_cap_seconds (60).
-- Gives up with 55P03 and names who is in the way.  Tables that do not exist are passed over.
-- Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION @control@.take_locks(p_tables text[], p_mode text DEFAULT 'ACCESS EXCLUSIVE') RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_attempt text := coalesce(nullif(current_setting('kingston.lock_attempt_ms', true), ''), '50') || 'ms';
    v_cap interval := make_interval(
        secs => coalesce(nullif(current_setting('kingston.lock_cap_seconds', true), ''), '60')::double precision);
    v_before text := current_setting('lock_timeout');
    v_since timestamptz := clock_timestamp();
    v_attempts integer := 0;
    v_names text;
    v_blockers text;
BEGIN
    SELECT string_agg(format('%I', t.name), ', ' ORDER BY t.name) INTO v_names
      FROM unnest(p_tables) AS t (name) WHERE to_regclass(quote_ident(t.name)) IS NOT NULL;
    IF v_names IS NULL THEN
        RETURN;
    END IF;
    LOOP
        BEGIN
            PERFORM set_config('lock_timeout', v_attempt, true);
            EXECUTE format('LOCK TABLE ONLY %s IN %s MODE', replace(v_names, ', ', ', ONLY '), p_mode);
            PERFORM set_config('lock_timeout', v_before, true);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            v_attempts := v_attempts + 1;
        END;
        IF clock_timestamp() - v_since > v_cap THEN
            SELECT string_agg(DISTINCT format('pid %s (%s, %s, for %s): %s', a.pid, a.usename, a.state,
                                              date_trunc('second', clock_timestamp() - a.xact_start), left(a.query, 100)), '; ')
              INTO v_blockers
              FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
             WHERE l.granted AND l.pid <> pg_backend_pid()
               AND l.relation IN (SELECT to_regclass(quote_ident(t.name)) FROM unnest(p_tables) AS t (name));
            RAISE EXCEPTION 'no % lock on % after % attempts in %', p_mode, v_names, v_attempts,
                date_trunc('second', clock_timestamp() - v_since)
                USING ERRCODE = '55P03',
                      DETAIL = 'in the way: ' || coalesce(v_blockers, 'nobody any more'),
                      HINT = 'nothing was changed by this step; end what is in the way and run the same command again';
        END IF;
        PERFORM pg_sleep(0.02 + random() * 0.1);
    END LOOP;
END
$function$;

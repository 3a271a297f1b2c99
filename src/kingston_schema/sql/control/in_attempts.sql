-- function @control@.in_attempts(text[], text[], text)
-- Run statements that take strong locks on p_tables (p_mode, for messages) in short attempts with jitter: all of them
-- within one attempt, or none, so that whoever queues behind us waits no longer than one attempt (promise P4).
-- Settings: kingston.lock_attempt_ms (50), kingston.lock_cap_seconds (60).  While it waits it says who is in the way,
-- after one second and then every three (NOTICE with code KS010); at the cap it gives up with 55P03 and names them.
-- Inside op.lock_tables (kingston.locked) nothing is waited for: whoever waits there would hold what it has locked.
-- A session that keeps out DDL only (VACUUM, ANALYZE, an index build) is met in the one mode in which waiting blocks
-- nobody; an autovacuum gives way to such a wait, and to no shorter one than deadlock_timeout.
-- Called by take_locks, drop_view, validate_constraint.  Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION @control@.in_attempts(p_statements text[], p_tables text[], p_mode text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_attempt CONSTANT numeric := coalesce(nullif(current_setting('kingston.lock_attempt_ms', true), ''), '50')::numeric;
    v_cap CONSTANT interval := CASE WHEN current_setting('kingston.locked', true) = 'yes' THEN interval '0'
        ELSE make_interval(secs => coalesce(nullif(current_setting('kingston.lock_cap_seconds', true), ''),
                                            '60')::double precision) END;
    v_harmless CONSTANT text[] := CASE p_mode
        WHEN 'ACCESS EXCLUSIVE' THEN '{}'
        WHEN 'SHARE ROW EXCLUSIVE' THEN '{AccessShareLock,RowShareLock}'
        ELSE '{AccessShareLock,RowShareLock,RowExclusiveLock}' END;
    v_before CONSTANT text := current_setting('lock_timeout');
    v_since CONSTANT timestamptz := clock_timestamp();
    v_told timestamptz := v_since - interval '2 seconds';
    v_began timestamptz;
    v_attempts integer := 0;
    v_statement text;
    v_pids integer[];
    v_busy boolean;
BEGIN
    LOOP
        v_began := clock_timestamp();
        v_attempts := v_attempts + 1;
        BEGIN
            FOREACH v_statement IN ARRAY p_statements LOOP
                PERFORM set_config('lock_timeout', greatest(1, round(
                    v_attempt - 1000 * extract(epoch FROM clock_timestamp() - v_began))) || 'ms', true);
                EXECUTE v_statement;
            END LOOP;
            PERFORM set_config('lock_timeout', v_before, true);
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            NULL;
        END;
        SELECT array_agg(DISTINCT l.pid), bool_or(l.mode = 'ShareUpdateExclusiveLock') INTO v_pids, v_busy
          FROM pg_locks AS l
         WHERE l.granted AND l.pid <> pg_backend_pid() AND NOT l.mode = ANY (v_harmless)
           AND l.relation IN (SELECT to_regclass(quote_ident(t.name)) FROM unnest(p_tables) AS t (name));
        IF clock_timestamp() - v_since > v_cap THEN
            RAISE EXCEPTION 'no % lock on % after % attempts in %', p_mode, array_to_string(p_tables, ', '), v_attempts,
                date_trunc('second', clock_timestamp() - v_since)
                USING ERRCODE = '55P03',
                      DETAIL = 'in the way: ' || coalesce(@control@.who_is_in_the_way(v_pids), 'nobody any more'),
                      HINT = 'nothing was changed by this step; end what is in the way and run the same command again';
        ELSIF clock_timestamp() - v_told > interval '3 seconds' THEN
            v_told := clock_timestamp();
            RAISE NOTICE USING ERRCODE = 'KS010',
                MESSAGE = format('waiting for %s (%s) for %s; in the way: %s', array_to_string(p_tables, ', '), p_mode,
                                 date_trunc('second', clock_timestamp() - v_since),
                                 coalesce(@control@.who_is_in_the_way(v_pids), 'nobody any more'));
        END IF;
        IF v_busy THEN
            BEGIN
                PERFORM set_config('lock_timeout', extract(epoch FROM current_setting('deadlock_timeout')::interval
                                                           + interval '500 milliseconds') || 's', true);
                EXECUTE (SELECT string_agg(format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', t.name), '; '
                                           ORDER BY t.name COLLATE "C") FROM unnest(p_tables) AS t (name));
                PERFORM set_config('lock_timeout', v_before, true);
            EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
                NULL;
            END;
        ELSE
            PERFORM pg_sleep(0.02 + random() * 0.1);
        END IF;
    END LOOP;
END
$function$;

-- function @control@.record_step(uuid, text, text, integer, integer, integer, text, text[])
-- The acknowledgement of one step and the intent of the next in one call; either may be missing (NULL).
-- An acknowledged step is applied at once where the working session has nothing uncommitted, else when its transaction
-- is found committed: by the next step that committed on the way, or by record_run at the end.
-- Called by the runner on its second connection.  Tests: tests/ddl/test_steps.py
CREATE OR REPLACE FUNCTION @control@.record_step(
    p_run uuid, p_revision text, p_direction text, p_acknowledged integer, p_backend integer,
    p_step integer, p_operation text, p_arguments text[]
) RETURNS void
LANGUAGE plpgsql
SET search_path = @control@, pg_temp
AS $function$
DECLARE
    v_open xid8;
BEGIN
    IF p_acknowledged IS NOT NULL THEN
        -- The 32 bits of backend_xid with the epoch that brings them nearest to now.
        SELECT (x.low + ((x.next - x.low + 2147483648) >> 32 << 32))::text::xid8 INTO v_open
          FROM (SELECT a.backend_xid::text::bigint AS low, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
                FROM pg_stat_get_activity(p_backend) AS a) AS x;
        UPDATE step_journal AS s
           SET acknowledged_at = clock_timestamp(), transaction = v_open,
               outcome = CASE WHEN v_open IS NULL THEN 'applied' END
         WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.step = p_acknowledged;
        UPDATE step_journal AS s SET outcome = 'applied', settled = 'transaction ' || s.transaction || ' is committed'
         WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.outcome IS NULL
           AND s.acknowledged_at IS NOT NULL AND s.transaction IS DISTINCT FROM v_open
           AND pg_xact_status(s.transaction) = 'committed';
    END IF;
    IF p_step IS NOT NULL THEN
        INSERT INTO step_journal (run_id, revision, direction, step, operation, arguments)
        VALUES (p_run, p_revision, p_direction, p_step, p_operation, p_arguments);
    END IF;
END
$function$;

-- function @control@.settle_steps(uuid, text, text, boolean, integer, text)
-- What became of the acknowledged steps of a revision that has ended: its commit made all of them durable; otherwise
-- the transaction that was open at the acknowledgement tells, if it was one of this server.  Steps that were not
-- acknowledged stay open: the runner looks for what they should have left.  p_failed: the step that raised an error.
-- Called by record_run.  Tests: tests/ddl/test_steps.py, tests/ddl/test_settling.py
CREATE OR REPLACE FUNCTION @control@.settle_steps(
    p_run uuid, p_revision text, p_direction text, p_committed boolean, p_failed integer, p_how text
) RETURNS void
LANGUAGE plpgsql
SET search_path = @control@, pg_temp
AS $function$
DECLARE
    v_here boolean := EXISTS (SELECT 1 FROM runner AS r WHERE r.run_id = p_run
                                AND r.cluster = (pg_control_system()).system_identifier);
BEGIN
    UPDATE step_journal AS s
       SET outcome = CASE
               WHEN p_committed OR s.acknowledged_at IS NOT NULL AND s.transaction IS NULL THEN 'applied'
               WHEN s.acknowledged_at IS NULL THEN 'failed'
               WHEN NOT v_here THEN 'unknown'
               ELSE CASE pg_xact_status(s.transaction)
                        WHEN 'committed' THEN 'applied' WHEN 'aborted' THEN 'rolled back' ELSE 'unknown' END
           END,
           settled = CASE
               WHEN p_committed THEN p_how
               WHEN s.acknowledged_at IS NULL THEN 'it raised the error of the revision'
               WHEN NOT v_here THEN 'its transaction was on another server'
               ELSE 'transaction ' || s.transaction || ' is ' || coalesce(pg_xact_status(s.transaction), 'too old to be known')
           END
     WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.outcome IS NULL
       AND (p_committed OR s.acknowledged_at IS NOT NULL OR s.step = p_failed);
END
$function$;

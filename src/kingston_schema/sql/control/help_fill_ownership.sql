-- procedure @control@.help_fill_ownership(interval)
-- A second session for a large fill: takes batches beside fill_ownership as long as that is at work (its advisory lock says
-- so) and returns when it is done, or dead, or has not begun p_patience after the call, or when too few products are
-- left to be worth it (c_worth).  Helps only; fill_ownership finishes without it, too.  May be called by hand while a
-- script runs: CALL @control@.help_fill_ownership().
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership_workers.py
CREATE OR REPLACE PROCEDURE @control@.help_fill_ownership(p_patience interval DEFAULT interval '10 seconds')
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_worth CONSTANT bigint := 20000;
    c_lock CONSTANT bigint := hashtextextended('fill_ownership of @schema@', 0);
    v_called CONSTANT timestamptz := clock_timestamp();
    v_seen boolean := false;
    v_at_work boolean;
    v_left bigint;
BEGIN
    LOOP
        SELECT EXISTS (SELECT 1 FROM pg_locks AS l
                       WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.mode = 'ExclusiveLock'
                         AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                         AND ((l.classid::bigint << 32) | l.objid::bigint) = c_lock)
          INTO v_at_work;
        EXIT WHEN NOT v_at_work AND (v_seen OR clock_timestamp() - v_called > p_patience);
        IF v_at_work THEN
            v_seen := true;
            SELECT b.total - b.done INTO v_left FROM @control@.backfill_progress AS b WHERE b.step = 'fill_ownership';
            EXIT WHEN v_left < c_worth;
            COMMIT;
            CALL @control@.fill_ownership_batches();
        END IF;
        COMMIT;
        PERFORM pg_sleep(0.01);
    END LOOP;
    COMMIT;
END
$procedure$;

-- procedure @control@.restore_ownership()
-- Archived ownership documents come back or are quarantined with a reason (settle_archived_ownership), in the order of their
-- ids, 2,000 to a committed batch.  A batch that meets a row somebody holds for more than 50 ms is done later.
-- What is settled has left the pending part of the archive in the same transaction, so a crash resumes by itself.
-- Called by fill_ownership where the archive holds such documents.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE @control@.restore_ownership()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_cap CONSTANT interval := interval '60 seconds';
    c_archive CONSTANT text := 'client_products__phase_3_ownership';
    v_after bigint;
    v_upto bigint;
    v_settled record;
    v_restored bigint := 0;
    v_quarantined bigint := 0;
    v_rebuilt bigint := 0;
    v_progress timestamptz := clock_timestamp();
BEGIN
    LOOP
        v_after := -9223372036854775808;
        LOOP
            SELECT max(n.id) INTO v_upto
            FROM (SELECT a.id FROM @archive@.client_products__phase_3_ownership AS a
                  WHERE a.quarantined_at IS NULL AND a.id > v_after ORDER BY a.id LIMIT 2000) AS n;
            EXIT WHEN v_upto IS NULL;
            PERFORM set_config('lock_timeout', '50ms', true);
            BEGIN
                SELECT s.restored, s.quarantined, s.rebuilt INTO v_settled
                FROM @control@.settle_archived_ownership(v_after, v_upto) AS s;
                IF v_settled.restored + v_settled.quarantined > 0 THEN
                    v_restored := v_restored + v_settled.restored;
                    v_quarantined := v_quarantined + v_settled.quarantined;
                    v_rebuilt := v_rebuilt + v_settled.rebuilt;
                    v_progress := clock_timestamp();
                    UPDATE @control@.backfill_progress AS b
                       SET done = least(b.total, b.done + v_settled.restored + v_settled.rebuilt),
                           updated_at = clock_timestamp()
                     WHERE b.step = 'fill_ownership';
                END IF;
            EXCEPTION WHEN lock_not_available THEN
                NULL;  -- the next round
            END;
            COMMIT;
            v_after := v_upto;
        END LOOP;
        EXIT WHEN NOT EXISTS (SELECT 1 FROM @archive@.client_products__phase_3_ownership AS a
                              WHERE a.quarantined_at IS NULL);
        IF clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION 'products with archived ownership have been held by other transactions for %', c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;
    IF v_restored > 0 THEN
        PERFORM @control@.log_movement('restored', 'client_products', c_archive, ARRAY['ownership_details'], v_restored);
    END IF;
    IF v_rebuilt > 0 THEN
        PERFORM @control@.log_movement('filled', 'client_products', NULL, ARRAY['ownership_details'], v_rebuilt);
    END IF;
    IF v_quarantined > 0 THEN
        PERFORM @control@.log_movement('quarantined', 'client_products', c_archive, ARRAY['ownership_details'],
                                       v_quarantined, 'the product or its owners changed below');
    END IF;
    COMMIT;
END
$procedure$;

-- procedure @control@.check_ownership_column()
-- Refuses a portal whose client_products has an ownership_details of its own that is not jsonb: nothing could keep it in
-- step with the links.  Run before anything is changed.
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE @control@.check_ownership_column()
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $procedure$
DECLARE
    v_type text;
BEGIN
    SELECT format_type(a.atttypid, a.atttypmod) INTO v_type
      FROM pg_attribute AS a
     WHERE a.attrelid = 'client_products'::regclass AND a.attname = 'ownership_details' AND NOT a.attisdropped;
    IF v_type <> 'jsonb' THEN
        RAISE EXCEPTION 'client_products has a column ownership_details of type %, jsonb is needed', v_type
            USING ERRCODE = 'KS003',
                  HINT = 'ALTER TABLE client_products ALTER COLUMN ownership_details TYPE jsonb USING ownership_details::jsonb;'
                         ' or rename it, then run the same command again; nothing was changed';
    END IF;
END
$procedure$;

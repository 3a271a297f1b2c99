-- function refuse_when_off()
-- No new row while a feature is switched off in migration_control: rollback of level 1 (C-099).  Rows that are there may be
-- read, changed and deleted; a revision that moves data is no new row.
-- Trigger argument: the switch.  INSERT only: a delete of the Phase 1 application may set a reference of such a row to NULL.
-- Called by the triggers client_information_items_switch, client_unmanaged_products_switch, client_objectives_switch and
-- client_actions_switch; global_actions has a function of its own.
-- Refusal: SQLSTATE 55000.
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE FUNCTION refuse_when_off() RETURNS trigger
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') = '' AND NOT feature_enabled(TG_ARGV[0]) THEN
        RAISE EXCEPTION 'no new row in %: the feature is switched off (% in migration_control)', TG_TABLE_NAME, TG_ARGV[0]
            USING ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = format('UPDATE migration_control SET value = ''true'' WHERE setting = %L', TG_ARGV[0]);
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION refuse_when_off() IS
    'trigger: refuses new rows while the switch named as argument is off in migration_control';
REVOKE ALL ON FUNCTION refuse_when_off() FROM PUBLIC;

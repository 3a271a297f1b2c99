SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_5_constraints';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_5_constraints -> phase_4

SELECT kingston.take_locks(ARRAY['client_information_items']::text[], 'ACCESS EXCLUSIVE');

ALTER TABLE IF EXISTS client_information_items DROP CONSTRAINT IF EXISTS valid_item_data_structure;

COMMIT;

BEGIN;

SELECT kingston.refuse_breaking_rows('client_unmanaged_products', 'valid_ownership_percentages', 'validate_ownership_percentages(ownership_details)');

SELECT kingston.add_check('client_unmanaged_products', 'valid_ownership_percentages', 'validate_ownership_percentages(ownership_details)');

COMMIT;

SELECT kingston.validate_constraint('client_unmanaged_products', 'valid_ownership_percentages');

BEGIN;

SELECT kingston.take_locks(ARRAY['client_unmanaged_products']::text[], 'ACCESS EXCLUSIVE');

ALTER TABLE IF EXISTS client_unmanaged_products DROP CONSTRAINT IF EXISTS valid_ownership_percentages_precise;

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_products']::text[], 'ACCESS EXCLUSIVE', false);

ALTER TABLE client_products ALTER COLUMN ownership_details DROP NOT NULL;

ALTER TABLE IF EXISTS client_products DROP CONSTRAINT IF EXISTS product_ownership_share_is_number, DROP CONSTRAINT IF EXISTS product_ownership_share_not_negative, DROP CONSTRAINT IF EXISTS product_ownership_has_owners, DROP CONSTRAINT IF EXISTS valid_product_ownership_details, DROP CONSTRAINT IF EXISTS valid_product_ownership_details_precise;

COMMIT;

BEGIN;

SELECT kingston.keep_grants('procedure', 'kingston.check_phase_5_rows()');

DROP PROCEDURE IF EXISTS kingston.check_phase_5_rows();

UPDATE alembic_version SET version_num='phase_4' WHERE alembic_version.version_num = 'phase_5_constraints';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_5_constraints', '{"outcome": "done", "revision": "phase_5_constraints", "detail": "by a script", "files": {"versions/0500_phase_5_constraints.py": "SHA-256", "sql/check_phase_5_rows/0500.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_4', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_4';
  END IF;
END $kingston$;

COMMIT;


SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_product_owners';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_product_owners -> phase_1

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owners_updated_at;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_product_owners_updated_at');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owners_next_meeting;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_product_owners_next_meeting');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owners_inception_date;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_product_owners_inception_date');

BEGIN;

COMMIT;

CALL kingston.copy_columns('product_owners', ARRAY['security_words', 'notes', 'next_meeting_date', 'date_signed_tc', 'last_fee_agreement_date', 'inception_date', 'updated_at', 'updated_by']::text[]);

BEGIN;

SELECT kingston.hold_tables(ARRAY['product_owners']::text[], 'ACCESS EXCLUSIVE', false);

DROP TRIGGER IF EXISTS product_owners_dates_insert ON product_owners;
DROP TRIGGER IF EXISTS product_owners_dates_update ON product_owners;

DROP TRIGGER IF EXISTS product_owners_touch_insert ON product_owners;
DROP TRIGGER IF EXISTS product_owners_touch_update ON product_owners;

SELECT kingston.archive_columns('product_owners', ARRAY['security_words', 'notes', 'next_meeting_date', 'date_signed_tc', 'last_fee_agreement_date', 'inception_date', 'updated_at', 'updated_by']::text[]);

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'check_product_owner_dates()');

DROP FUNCTION IF EXISTS check_product_owner_dates();

SELECT kingston.keep_grants('function', 'touch_product_owner()');

DROP FUNCTION IF EXISTS touch_product_owner();

SELECT kingston.keep_grants('function', 'touch_updated_at()');

DROP FUNCTION IF EXISTS touch_updated_at();

SELECT kingston.keep_grants('procedure', 'kingston.fill_inception_dates()');

DROP PROCEDURE IF EXISTS kingston.fill_inception_dates();

UPDATE alembic_version SET version_num='phase_1' WHERE alembic_version.version_num = 'phase_2_product_owners';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_product_owners', '{"outcome": "done", "revision": "phase_2_product_owners", "detail": "by a script", "files": {"versions/0200_phase_2_product_owners.py": "SHA-256", "sql/check_product_owner_dates/0200.sql": "SHA-256", "sql/fill_inception_dates/0200.sql": "SHA-256", "sql/product_owners_dates/0200.sql": "SHA-256", "sql/product_owners_touch/0200.sql": "SHA-256", "sql/touch_product_owner/0200.sql": "SHA-256", "sql/touch_updated_at/0200.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_1', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_1';
  END IF;
END $kingston$;

COMMIT;


SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_3_ownership';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_3_ownership -> phase_2

SELECT kingston.keep_grants('function', 'reconcile_ownership()');

DROP FUNCTION IF EXISTS reconcile_ownership();

SELECT kingston.keep_grants('view', 'ownership_link_findings');

SELECT kingston.drop_view('ownership_link_findings');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'ownership_review');

SELECT kingston.drop_view('ownership_review');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'product_ownership');

SELECT kingston.drop_view('product_ownership');

COMMIT;

BEGIN;

COMMIT;

CALL kingston.copy_columns('client_products', ARRAY['ownership_details']::text[]);

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_products', 'product_owner_products']::text[], 'ACCESS EXCLUSIVE', false);

DROP TRIGGER IF EXISTS owner_links_insert ON client_products;
DROP TRIGGER IF EXISTS owner_links_update ON client_products;

DROP TRIGGER IF EXISTS ownership_insert ON product_owner_products;
DROP TRIGGER IF EXISTS ownership_update ON product_owner_products;
DROP TRIGGER IF EXISTS ownership_delete ON product_owner_products;
DROP TRIGGER IF EXISTS ownership_truncate ON product_owner_products;

SELECT kingston.archive_columns('client_products', ARRAY['ownership_details']::text[]);

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'sync_links_from_ownership()');

DROP FUNCTION IF EXISTS sync_links_from_ownership();

SELECT kingston.keep_grants('procedure', 'kingston.adopt_link_percentages()');

DROP PROCEDURE IF EXISTS kingston.adopt_link_percentages();

SELECT kingston.keep_grants('procedure', 'kingston.fill_ownership()');

DROP PROCEDURE IF EXISTS kingston.fill_ownership();

SELECT kingston.keep_grants('procedure', 'kingston.help_fill_ownership(interval)');

DROP PROCEDURE IF EXISTS kingston.help_fill_ownership(interval);

SELECT kingston.keep_grants('procedure', 'kingston.fill_ownership_batches()');

DROP PROCEDURE IF EXISTS kingston.fill_ownership_batches();

SELECT kingston.keep_grants('function', 'kingston.fill_ownership_range(bigint, bigint, boolean)');

DROP FUNCTION IF EXISTS kingston.fill_ownership_range(bigint, bigint, boolean);

SELECT kingston.keep_grants('function', 'kingston.fill_ownership_in_place()');

DROP FUNCTION IF EXISTS kingston.fill_ownership_in_place();

SELECT kingston.keep_grants('procedure', 'kingston.restore_ownership()');

DROP PROCEDURE IF EXISTS kingston.restore_ownership();

SELECT kingston.keep_grants('function', 'kingston.settle_archived_ownership(bigint, bigint)');

DROP FUNCTION IF EXISTS kingston.settle_archived_ownership(bigint, bigint);

SELECT kingston.keep_grants('function', 'sync_ownership_from_links()');

DROP FUNCTION IF EXISTS sync_ownership_from_links();

SELECT kingston.keep_grants('function', 'rebuild_ownership(bigint[])');

DROP FUNCTION IF EXISTS rebuild_ownership(bigint[]);

SELECT kingston.keep_grants('view', 'ownership_from_links');

SELECT kingston.drop_view('ownership_from_links');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'is_assumed_ownership(jsonb)');

DROP FUNCTION IF EXISTS is_assumed_ownership(jsonb);

SELECT kingston.keep_grants('function', 'ownership_owner_ids(jsonb)');

DROP FUNCTION IF EXISTS ownership_owner_ids(jsonb);

SELECT kingston.keep_grants('function', 'ownership_shares(jsonb)');

DROP FUNCTION IF EXISTS ownership_shares(jsonb);

SELECT kingston.keep_grants('function', 'explain_ownership(jsonb)');

DROP FUNCTION IF EXISTS explain_ownership(jsonb);

SELECT kingston.keep_grants('function', 'validate_ownership_percentages_precise(jsonb)');

DROP FUNCTION IF EXISTS validate_ownership_percentages_precise(jsonb);

SELECT kingston.keep_grants('procedure', 'kingston.check_ownership_column()');

DROP PROCEDURE IF EXISTS kingston.check_ownership_column();

SELECT kingston.archive_table('ownership_memory');

COMMIT;

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owner_products_product;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_product_owner_products_product');

BEGIN;

UPDATE alembic_version SET version_num='phase_2' WHERE alembic_version.version_num = 'phase_3_ownership';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_3_ownership', '{"outcome": "done", "revision": "phase_3_ownership", "detail": "by a script", "files": {"versions/0300_phase_3_ownership.py": "SHA-256", "sql/adopt_link_percentages/0300.sql": "SHA-256", "sql/check_ownership_column/0300.sql": "SHA-256", "sql/client_products_owner_links/0300.sql": "SHA-256", "sql/explain_ownership/0300.sql": "SHA-256", "sql/fill_ownership/0300.sql": "SHA-256", "sql/fill_ownership_batches/0300.sql": "SHA-256", "sql/fill_ownership_in_place/0300.sql": "SHA-256", "sql/fill_ownership_range/0300.sql": "SHA-256", "sql/help_fill_ownership/0300.sql": "SHA-256", "sql/is_assumed_ownership/0300.sql": "SHA-256", "sql/ownership_from_links/0300.sql": "SHA-256", "sql/ownership_link_findings/0300.sql": "SHA-256", "sql/ownership_owner_ids/0300.sql": "SHA-256", "sql/ownership_review/0300.sql": "SHA-256", "sql/ownership_shares/0300.sql": "SHA-256", "sql/product_owner_products_ownership/0300.sql": "SHA-256", "sql/product_ownership/0300.sql": "SHA-256", "sql/rebuild_ownership/0300.sql": "SHA-256", "sql/reconcile_ownership/0300.sql": "SHA-256", "sql/restore_ownership/0300.sql": "SHA-256", "sql/settle_archived_ownership/0300.sql": "SHA-256", "sql/sync_links_from_ownership/0300.sql": "SHA-256", "sql/sync_ownership_from_links/0300.sql": "SHA-256", "sql/validate_ownership_percentages_precise/0300.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;


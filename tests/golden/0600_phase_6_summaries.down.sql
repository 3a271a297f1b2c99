SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_6_summaries';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_6_summaries -> phase_5

SELECT kingston.keep_grants('procedure', 'kingston.fill_summaries()');

DROP PROCEDURE IF EXISTS kingston.fill_summaries();

SELECT kingston.keep_grants('function', 'get_client_dense_page(integer, integer, text, text, text, text, bigint, boolean)');

DROP FUNCTION IF EXISTS get_client_dense_page(integer, integer, text, text, text, text, bigint, boolean);

SELECT kingston.keep_grants('function', 'refresh_dirty_summaries()');

DROP FUNCTION IF EXISTS refresh_dirty_summaries();

SELECT kingston.keep_grants('function', 'refresh_dense_data_views(bigint[])');

DROP FUNCTION IF EXISTS refresh_dense_data_views(bigint[]);

SELECT kingston.keep_grants('function', 'refresh_client_ownership_summary(bigint[])');

DROP FUNCTION IF EXISTS refresh_client_ownership_summary(bigint[]);

SELECT kingston.keep_grants('function', 'refresh_client_complete_summary(bigint[])');

DROP FUNCTION IF EXISTS refresh_client_complete_summary(bigint[]);

SELECT kingston.keep_grants('function', 'refresh_summary(text, bigint[])');

DROP FUNCTION IF EXISTS refresh_summary(text, bigint[]);

SELECT kingston.keep_grants('function', 'apply_summary(text, bigint[])');

DROP FUNCTION IF EXISTS apply_summary(text, bigint[]);

SELECT kingston.keep_grants('function', 'performance_grade(text, numeric)');

DROP FUNCTION IF EXISTS performance_grade(text, numeric);

SELECT kingston.keep_grants('function', 'performance_limits()');

DROP FUNCTION IF EXISTS performance_limits();

SELECT kingston.keep_grants('view', 'client_dense_summary_source');

SELECT kingston.drop_view('client_dense_summary_source');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'client_ownership_summary_source');

SELECT kingston.drop_view('client_ownership_summary_source');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'client_complete_summary_source');

SELECT kingston.drop_view('client_complete_summary_source');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_update ON product_owners;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['portfolio_valuations']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON portfolio_valuations;
DROP TRIGGER IF EXISTS summary_dirty_update ON portfolio_valuations;
DROP TRIGGER IF EXISTS summary_dirty_delete ON portfolio_valuations;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['networth_statements']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON networth_statements;
DROP TRIGGER IF EXISTS summary_dirty_update ON networth_statements;
DROP TRIGGER IF EXISTS summary_dirty_delete ON networth_statements;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_unmanaged_products']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON client_unmanaged_products;
DROP TRIGGER IF EXISTS summary_dirty_update ON client_unmanaged_products;
DROP TRIGGER IF EXISTS summary_dirty_delete ON client_unmanaged_products;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_products']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON client_products;
DROP TRIGGER IF EXISTS summary_dirty_update ON client_products;
DROP TRIGGER IF EXISTS summary_dirty_delete ON client_products;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_objectives']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON client_objectives;
DROP TRIGGER IF EXISTS summary_dirty_update ON client_objectives;
DROP TRIGGER IF EXISTS summary_dirty_delete ON client_objectives;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_information_items']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON client_information_items;
DROP TRIGGER IF EXISTS summary_dirty_update ON client_information_items;
DROP TRIGGER IF EXISTS summary_dirty_delete ON client_information_items;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_groups']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON client_groups;
DROP TRIGGER IF EXISTS summary_dirty_update ON client_groups;
DROP TRIGGER IF EXISTS summary_dirty_delete ON client_groups;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_group_product_owners']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON client_group_product_owners;
DROP TRIGGER IF EXISTS summary_dirty_update ON client_group_product_owners;
DROP TRIGGER IF EXISTS summary_dirty_delete ON client_group_product_owners;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_actions']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS summary_dirty_insert ON client_actions;
DROP TRIGGER IF EXISTS summary_dirty_update ON client_actions;
DROP TRIGGER IF EXISTS summary_dirty_delete ON client_actions;

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'mark_summary_dirty()');

DROP FUNCTION IF EXISTS mark_summary_dirty();

SELECT kingston.archive_table('client_complete_summary');

COMMIT;

BEGIN;

SELECT kingston.archive_table('client_ownership_summary');

COMMIT;

BEGIN;

SELECT kingston.archive_table('client_dense_summary');

COMMIT;

BEGIN;

SELECT kingston.archive_table('summary_dirty');

COMMIT;

BEGIN;

SELECT kingston.archive_table('summary_refresh_log');

COMMIT;

BEGIN;

UPDATE alembic_version SET version_num='phase_5' WHERE alembic_version.version_num = 'phase_6_summaries';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_6_summaries', '{"outcome": "done", "revision": "phase_6_summaries", "detail": "by a script", "files": {"versions/0600_phase_6_summaries.py": "SHA-256", "sql/apply_summary/0600.sql": "SHA-256", "sql/client_complete_summary_source/0600.sql": "SHA-256", "sql/client_dense_summary_source/0600.sql": "SHA-256", "sql/client_ownership_summary_source/0600.sql": "SHA-256", "sql/fill_summaries/0600.sql": "SHA-256", "sql/get_client_dense_page/0600.sql": "SHA-256", "sql/mark_summary_dirty/0600.sql": "SHA-256", "sql/performance_grade/0600.sql": "SHA-256", "sql/performance_limits/0600.sql": "SHA-256", "sql/refresh_client_complete_summary/0600.sql": "SHA-256", "sql/refresh_client_ownership_summary/0600.sql": "SHA-256", "sql/refresh_dense_data_views/0600.sql": "SHA-256", "sql/refresh_dirty_summaries/0600.sql": "SHA-256", "sql/refresh_summary/0600.sql": "SHA-256", "sql/summary_dirty_client_actions/0600.sql": "SHA-256", "sql/summary_dirty_client_group_product_owners/0600.sql": "SHA-256", "sql/summary_dirty_client_groups/0600.sql": "SHA-256", "sql/summary_dirty_client_information_items/0600.sql": "SHA-256", "sql/summary_dirty_client_objectives/0600.sql": "SHA-256", "sql/summary_dirty_client_products/0600.sql": "SHA-256", "sql/summary_dirty_client_unmanaged_products/0600.sql": "SHA-256", "sql/summary_dirty_networth_statements/0600.sql": "SHA-256", "sql/summary_dirty_portfolio_valuations/0600.sql": "SHA-256", "sql/summary_dirty_product_owners/0600.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_5', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_5';
  END IF;
END $kingston$;

COMMIT;


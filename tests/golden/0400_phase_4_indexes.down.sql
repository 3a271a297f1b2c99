SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_4_indexes';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_4_indexes -> phase_3

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_net_worth;

SELECT kingston.index_dropped('idx_networth_statements_net_worth');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_created_at;

SELECT kingston.index_dropped('idx_networth_statements_created_at');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_client_group;

SELECT kingston.index_dropped('idx_networth_statements_client_group');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_target_date;

SELECT kingston.index_dropped('idx_client_objectives_target_date');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_priority;

SELECT kingston.index_dropped('idx_client_objectives_priority');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_status;

SELECT kingston.index_dropped('idx_client_objectives_status');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_client_group;

SELECT kingston.index_dropped('idx_client_objectives_client_group');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_target_date;

SELECT kingston.index_dropped('idx_client_actions_target_date');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_active;

SELECT kingston.index_dropped('idx_client_actions_active');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_owner;

SELECT kingston.index_dropped('idx_client_actions_owner');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_status;

SELECT kingston.index_dropped('idx_client_actions_status');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_client_group;

SELECT kingston.index_dropped('idx_client_actions_client_group');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_valuation_date;

SELECT kingston.index_dropped('idx_unmanaged_products_valuation_date');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_status;

SELECT kingston.index_dropped('idx_unmanaged_products_status');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_type;

SELECT kingston.index_dropped('idx_unmanaged_products_type');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_provider;

SELECT kingston.index_dropped('idx_unmanaged_products_provider');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_client_group;

SELECT kingston.index_dropped('idx_unmanaged_products_client_group');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_type_client;

SELECT kingston.index_dropped('idx_client_items_type_client');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_recent;

SELECT kingston.index_dropped('idx_client_items_recent');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_updated_at;

SELECT kingston.index_dropped('idx_client_items_updated_at');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_category;

SELECT kingston.index_dropped('idx_client_items_category');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_type;

SELECT kingston.index_dropped('idx_client_items_type');

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_client_group;

SELECT kingston.index_dropped('idx_client_items_client_group');

BEGIN;

UPDATE alembic_version SET version_num='phase_3' WHERE alembic_version.version_num = 'phase_4_indexes';

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_3', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_3';
  END IF;
END $kingston$;

COMMIT;


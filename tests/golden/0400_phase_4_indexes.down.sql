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

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_net_worth;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_networth_statements_net_worth');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_created_at;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_networth_statements_created_at');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_client_group;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_networth_statements_client_group');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_target_date;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_objectives_target_date');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_priority;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_objectives_priority');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_status;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_objectives_status');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_client_group;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_objectives_client_group');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_target_date;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_actions_target_date');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_active;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_actions_active');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_owner;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_actions_owner');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_status;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_actions_status');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_client_group;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_actions_client_group');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_valuation_date;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_unmanaged_products_valuation_date');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_status;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_unmanaged_products_status');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_type;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_unmanaged_products_type');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_provider;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_unmanaged_products_provider');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_client_group;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_unmanaged_products_client_group');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_type_client;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_items_type_client');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_recent;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_items_recent');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_updated_at;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_items_updated_at');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_category;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_items_category');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_type;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_items_type');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_client_group;

SET lock_timeout = '2s';

SELECT kingston.index_dropped('idx_client_items_client_group');

BEGIN;

UPDATE alembic_version SET version_num='phase_3' WHERE alembic_version.version_num = 'phase_4_indexes';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_4_indexes', '{"outcome": "done", "revision": "phase_4_indexes", "detail": "by a script", "files": {"versions/0400_phase_4_indexes.py": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_3', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_3';
  END IF;
END $kingston$;

COMMIT;


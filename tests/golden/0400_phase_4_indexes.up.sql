SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_4_indexes';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_3 -> phase_4_indexes

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_client_group__building;

SELECT kingston.index_intended('idx_client_items_client_group', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_client_group__building ON client_information_items USING btree (client_group_id) INCLUDE (item_type, updated_at)');

CREATE INDEX CONCURRENTLY idx_client_items_client_group__building ON client_information_items USING btree (client_group_id) INCLUDE (item_type, updated_at);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_client_group', 'idx_client_items_client_group__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_type__building;

SELECT kingston.index_intended('idx_client_items_type', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_type__building ON client_information_items USING btree (item_type)');

CREATE INDEX CONCURRENTLY idx_client_items_type__building ON client_information_items USING btree (item_type);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_type', 'idx_client_items_type__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_category__building;

SELECT kingston.index_intended('idx_client_items_category', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_category__building ON client_information_items USING btree (item_category)');

CREATE INDEX CONCURRENTLY idx_client_items_category__building ON client_information_items USING btree (item_category);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_category', 'idx_client_items_category__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_updated_at__building;

SELECT kingston.index_intended('idx_client_items_updated_at', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_updated_at__building ON client_information_items USING btree (updated_at DESC)');

CREATE INDEX CONCURRENTLY idx_client_items_updated_at__building ON client_information_items USING btree (updated_at DESC);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_updated_at', 'idx_client_items_updated_at__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_recent__building;

SELECT kingston.index_intended('idx_client_items_recent', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_recent__building ON client_information_items USING btree (client_group_id, updated_at DESC)');

CREATE INDEX CONCURRENTLY idx_client_items_recent__building ON client_information_items USING btree (client_group_id, updated_at DESC);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_recent', 'idx_client_items_recent__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_type_client__building;

SELECT kingston.index_intended('idx_client_items_type_client', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_type_client__building ON client_information_items USING btree (client_group_id, item_type, item_category)');

CREATE INDEX CONCURRENTLY idx_client_items_type_client__building ON client_information_items USING btree (client_group_id, item_type, item_category);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_type_client', 'idx_client_items_type_client__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_client_group__building;

SELECT kingston.index_intended('idx_unmanaged_products_client_group', 'client_unmanaged_products', 'CREATE INDEX CONCURRENTLY idx_unmanaged_products_client_group__building ON client_unmanaged_products USING btree (client_group_id) INCLUDE (status, latest_valuation, updated_at)');

CREATE INDEX CONCURRENTLY idx_unmanaged_products_client_group__building ON client_unmanaged_products USING btree (client_group_id) INCLUDE (status, latest_valuation, updated_at);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_unmanaged_products_client_group', 'idx_unmanaged_products_client_group__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_provider__building;

SELECT kingston.index_intended('idx_unmanaged_products_provider', 'client_unmanaged_products', 'CREATE INDEX CONCURRENTLY idx_unmanaged_products_provider__building ON client_unmanaged_products USING btree (provider_id)');

CREATE INDEX CONCURRENTLY idx_unmanaged_products_provider__building ON client_unmanaged_products USING btree (provider_id);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_unmanaged_products_provider', 'idx_unmanaged_products_provider__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_type__building;

SELECT kingston.index_intended('idx_unmanaged_products_type', 'client_unmanaged_products', 'CREATE INDEX CONCURRENTLY idx_unmanaged_products_type__building ON client_unmanaged_products USING btree (product_type)');

CREATE INDEX CONCURRENTLY idx_unmanaged_products_type__building ON client_unmanaged_products USING btree (product_type);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_unmanaged_products_type', 'idx_unmanaged_products_type__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_status__building;

SELECT kingston.index_intended('idx_unmanaged_products_status', 'client_unmanaged_products', 'CREATE INDEX CONCURRENTLY idx_unmanaged_products_status__building ON client_unmanaged_products USING btree (status) WHERE status <> ''active''');

CREATE INDEX CONCURRENTLY idx_unmanaged_products_status__building ON client_unmanaged_products USING btree (status) WHERE status <> 'active';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_unmanaged_products_status', 'idx_unmanaged_products_status__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_valuation_date__building;

SELECT kingston.index_intended('idx_unmanaged_products_valuation_date', 'client_unmanaged_products', 'CREATE INDEX CONCURRENTLY idx_unmanaged_products_valuation_date__building ON client_unmanaged_products USING btree (valuation_date DESC)');

CREATE INDEX CONCURRENTLY idx_unmanaged_products_valuation_date__building ON client_unmanaged_products USING btree (valuation_date DESC);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_unmanaged_products_valuation_date', 'idx_unmanaged_products_valuation_date__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_client_group__building;

SELECT kingston.index_intended('idx_client_actions_client_group', 'client_actions', 'CREATE INDEX CONCURRENTLY idx_client_actions_client_group__building ON client_actions USING btree (client_group_id) INCLUDE (status, active, updated_at)');

CREATE INDEX CONCURRENTLY idx_client_actions_client_group__building ON client_actions USING btree (client_group_id) INCLUDE (status, active, updated_at);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_actions_client_group', 'idx_client_actions_client_group__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_status__building;

SELECT kingston.index_intended('idx_client_actions_status', 'client_actions', 'CREATE INDEX CONCURRENTLY idx_client_actions_status__building ON client_actions USING btree (client_group_id, target_date) WHERE status = ''outstanding''');

CREATE INDEX CONCURRENTLY idx_client_actions_status__building ON client_actions USING btree (client_group_id, target_date) WHERE status = 'outstanding';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_actions_status', 'idx_client_actions_status__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_owner__building;

SELECT kingston.index_intended('idx_client_actions_owner', 'client_actions', 'CREATE INDEX CONCURRENTLY idx_client_actions_owner__building ON client_actions USING btree (owner, target_date) WHERE status = ''outstanding''');

CREATE INDEX CONCURRENTLY idx_client_actions_owner__building ON client_actions USING btree (owner, target_date) WHERE status = 'outstanding';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_actions_owner', 'idx_client_actions_owner__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_active__building;

SELECT kingston.index_intended('idx_client_actions_active', 'client_actions', 'CREATE INDEX CONCURRENTLY idx_client_actions_active__building ON client_actions USING btree (client_group_id) WHERE NOT active');

CREATE INDEX CONCURRENTLY idx_client_actions_active__building ON client_actions USING btree (client_group_id) WHERE NOT active;

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_actions_active', 'idx_client_actions_active__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_actions_target_date__building;

SELECT kingston.index_intended('idx_client_actions_target_date', 'client_actions', 'CREATE INDEX CONCURRENTLY idx_client_actions_target_date__building ON client_actions USING btree (target_date) WHERE status = ''outstanding''');

CREATE INDEX CONCURRENTLY idx_client_actions_target_date__building ON client_actions USING btree (target_date) WHERE status = 'outstanding';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_actions_target_date', 'idx_client_actions_target_date__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_client_group__building;

SELECT kingston.index_intended('idx_client_objectives_client_group', 'client_objectives', 'CREATE INDEX CONCURRENTLY idx_client_objectives_client_group__building ON client_objectives USING btree (client_group_id) INCLUDE (status, updated_at)');

CREATE INDEX CONCURRENTLY idx_client_objectives_client_group__building ON client_objectives USING btree (client_group_id) INCLUDE (status, updated_at);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_objectives_client_group', 'idx_client_objectives_client_group__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_status__building;

SELECT kingston.index_intended('idx_client_objectives_status', 'client_objectives', 'CREATE INDEX CONCURRENTLY idx_client_objectives_status__building ON client_objectives USING btree (client_group_id, target_date) WHERE status = ''active''');

CREATE INDEX CONCURRENTLY idx_client_objectives_status__building ON client_objectives USING btree (client_group_id, target_date) WHERE status = 'active';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_objectives_status', 'idx_client_objectives_status__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_priority__building;

SELECT kingston.index_intended('idx_client_objectives_priority', 'client_objectives', 'CREATE INDEX CONCURRENTLY idx_client_objectives_priority__building ON client_objectives USING btree (priority, target_date) WHERE status = ''active''');

CREATE INDEX CONCURRENTLY idx_client_objectives_priority__building ON client_objectives USING btree (priority, target_date) WHERE status = 'active';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_objectives_priority', 'idx_client_objectives_priority__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_objectives_target_date__building;

SELECT kingston.index_intended('idx_client_objectives_target_date', 'client_objectives', 'CREATE INDEX CONCURRENTLY idx_client_objectives_target_date__building ON client_objectives USING btree (target_date) WHERE status = ''active''');

CREATE INDEX CONCURRENTLY idx_client_objectives_target_date__building ON client_objectives USING btree (target_date) WHERE status = 'active';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_objectives_target_date', 'idx_client_objectives_target_date__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_client_group__building;

SELECT kingston.index_intended('idx_networth_statements_client_group', 'networth_statements', 'CREATE INDEX CONCURRENTLY idx_networth_statements_client_group__building ON networth_statements USING btree (client_group_id, created_at DESC)');

CREATE INDEX CONCURRENTLY idx_networth_statements_client_group__building ON networth_statements USING btree (client_group_id, created_at DESC);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_networth_statements_client_group', 'idx_networth_statements_client_group__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_created_at__building;

SELECT kingston.index_intended('idx_networth_statements_created_at', 'networth_statements', 'CREATE INDEX CONCURRENTLY idx_networth_statements_created_at__building ON networth_statements USING btree (created_at DESC)');

CREATE INDEX CONCURRENTLY idx_networth_statements_created_at__building ON networth_statements USING btree (created_at DESC);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_networth_statements_created_at', 'idx_networth_statements_created_at__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_net_worth__building;

SELECT kingston.index_intended('idx_networth_statements_net_worth', 'networth_statements', 'CREATE INDEX CONCURRENTLY idx_networth_statements_net_worth__building ON networth_statements USING btree (net_worth DESC)');

CREATE INDEX CONCURRENTLY idx_networth_statements_net_worth__building ON networth_statements USING btree (net_worth DESC);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_networth_statements_net_worth', 'idx_networth_statements_net_worth__building');

BEGIN;

UPDATE alembic_version SET version_num='phase_4_indexes' WHERE alembic_version.version_num = 'phase_3';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_4_indexes', '{"outcome": "done", "revision": "phase_4_indexes", "detail": "by a script", "files": {"versions/0400_phase_4_indexes.py": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


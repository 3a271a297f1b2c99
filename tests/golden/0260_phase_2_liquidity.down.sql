SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_liquidity';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_liquidity -> phase_2_networth

SELECT kingston.keep_grants('function', 'networth_by_liquidity(bigint)');

DROP FUNCTION IF EXISTS networth_by_liquidity(bigint);

SELECT kingston.keep_grants('function', 'get_asset_liquidity_rank(bigint, character varying, character varying)');

DROP FUNCTION IF EXISTS get_asset_liquidity_rank(bigint, character varying, character varying);

SELECT kingston.keep_grants('function', 'asset_liquidity(bigint, character varying, character varying)');

DROP FUNCTION IF EXISTS asset_liquidity(bigint, character varying, character varying);

SELECT kingston.hold_tables(ARRAY['product_type_liquidity']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS product_type_liquidity_touch ON product_type_liquidity;

DROP TRIGGER IF EXISTS history_insert ON product_type_liquidity;
DROP TRIGGER IF EXISTS history_update ON product_type_liquidity;
DROP TRIGGER IF EXISTS history_delete ON product_type_liquidity;
DROP TRIGGER IF EXISTS history_truncate ON product_type_liquidity;

SELECT kingston.archive_table('product_type_liquidity');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_liquidity_customization']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS history_insert ON client_liquidity_customization;
DROP TRIGGER IF EXISTS history_update ON client_liquidity_customization;
DROP TRIGGER IF EXISTS history_delete ON client_liquidity_customization;
DROP TRIGGER IF EXISTS history_truncate ON client_liquidity_customization;

SELECT kingston.archive_table('client_liquidity_customization');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['asset_liquidity_config']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS asset_liquidity_config_touch ON asset_liquidity_config;

DROP TRIGGER IF EXISTS history_insert ON asset_liquidity_config;
DROP TRIGGER IF EXISTS history_update ON asset_liquidity_config;
DROP TRIGGER IF EXISTS history_delete ON asset_liquidity_config;
DROP TRIGGER IF EXISTS history_truncate ON asset_liquidity_config;

SELECT kingston.archive_table('asset_liquidity_config');

COMMIT;

BEGIN;

UPDATE alembic_version SET version_num='phase_2_networth' WHERE alembic_version.version_num = 'phase_2_liquidity';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_liquidity', '{"outcome": "done", "revision": "phase_2_liquidity", "detail": "by a script", "files": {"versions/0260_phase_2_liquidity.py": "SHA-256", "sql/asset_liquidity/0260.sql": "SHA-256", "sql/asset_liquidity_config/0260.sql": "SHA-256", "sql/asset_liquidity_config_touch/0260.sql": "SHA-256", "sql/get_asset_liquidity_rank/0260.sql": "SHA-256", "sql/history_asset_liquidity_config/0260.sql": "SHA-256", "sql/history_client_liquidity_customization/0260.sql": "SHA-256", "sql/history_product_type_liquidity/0260.sql": "SHA-256", "sql/networth_by_liquidity/0260.sql": "SHA-256", "sql/product_type_liquidity/0260.sql": "SHA-256", "sql/product_type_liquidity_touch/0260.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;


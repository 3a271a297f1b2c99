SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'pre_migration';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade pre_migration_roles -> pre_migration

-- function table_has_rows(text)
-- Does a table of this portal hold at least one row?  NULL when there is no such table, so that a
-- gate can report every finding at once instead of stopping at the first missing table (errata E-088).
-- Called by the gates and the checklists.  Tests: tests/sql/test_table_has_rows.py
CREATE OR REPLACE FUNCTION table_has_rows(p_table text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_relation regclass;
    v_found boolean;
BEGIN
    SELECT c.oid::regclass INTO v_relation
    FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = p_table AND c.relkind IN ('r', 'p');
    IF v_relation IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', v_relation) INTO v_found;
    RETURN v_found;
END
$body$;
COMMENT ON FUNCTION table_has_rows(text) IS
    'Whether a table of this portal holds a row; NULL when there is no such table';

SELECT kingston.give_back_grants('function', 'table_has_rows(text)');

-- function connection_use()
-- How many client connections the whole server has, how many an ordinary role may open, and the share
-- in percent.  Idle sessions count as well, because max_connections counts them (errata E-138, E-167).
-- Sessions of other roles are visible without privileges except for their backend_type, so a session
-- of unknown type counts as a client.
-- Called by the gates pre_migration and phase_1 and by the monitoring functions.
-- Tests: tests/sql/test_connection_use.py
CREATE OR REPLACE FUNCTION connection_use()
RETURNS TABLE (used integer, usable integer, percent numeric)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    SELECT n.used, n.usable, round(100.0 * n.used / nullif(n.usable, 0), 1)
    FROM (
        SELECT
            (SELECT count(*)::integer
             FROM pg_stat_activity AS a
             WHERE a.datid IS NOT NULL AND a.usesysid IS NOT NULL
               AND coalesce(a.backend_type, 'client backend') = 'client backend') AS used,
            current_setting('max_connections')::integer
                - current_setting('superuser_reserved_connections')::integer
                - coalesce(nullif(current_setting('reserved_connections', true), '')::integer, 0) AS usable
    ) AS n
$body$;
COMMENT ON FUNCTION connection_use() IS
    'Client connections of the whole server, how many are usable, and the share in percent';

SELECT kingston.give_back_grants('function', 'connection_use()');

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT current_setting('server_version_num')::integer >= 150000 AS ok,
       'PostgreSQL ' || current_setting('server_version') || ', at least 15 is needed' AS found
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'server_version', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT current_setting('server_encoding') = 'UTF8' AS ok,
       'the database is encoded in ' || current_setting('server_encoding') AS found
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'database_encoding', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE table_has_rows(t.name) IS NULL) = 0 AS ok,
       coalesce('missing: ' || string_agg(t.name, ', ' ORDER BY t.name) FILTER (WHERE table_has_rows(t.name) IS NULL),
                'all ' || count(*) || ' critical tables are there') AS found
FROM (VALUES ('client_groups'), ('client_products'), ('product_owners'), ('portfolios'), ('portfolio_funds'),
             ('portfolio_valuations'), ('profiles'), ('client_group_product_owners')) AS t (name)
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'critical_tables_exist', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT coalesce(table_has_rows('client_groups'), false) AS ok,
       CASE table_has_rows('client_groups') WHEN true THEN 'client_groups holds rows'
            WHEN false THEN 'client_groups is empty: is this the right database?'
            ELSE 'client_groups is missing' END AS found
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'client_groups_populated', 'critical in production',
    coalesce(v_ok, false), kingston.origin() <> 'new', v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT coalesce(table_has_rows('profiles'), false) AS ok,
       CASE table_has_rows('profiles') WHEN true THEN 'profiles holds rows'
            WHEN false THEN 'profiles is empty, but editors and creators of new rows must be profiles'
            ELSE 'profiles is missing' END AS found
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'profiles_populated', 'critical in production',
    coalesce(v_ok, false), kingston.origin() <> 'new', v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE table_has_rows(t.name) IS NOT TRUE) = 0 AS ok,
       coalesce('empty: ' || string_agg(t.name, ', ' ORDER BY t.name) FILTER (WHERE table_has_rows(t.name) IS NOT TRUE),
                'all ' || count(*) || ' hold rows') AS found
FROM (VALUES ('client_products'), ('product_owners'), ('portfolios'), ('portfolio_funds'),
             ('portfolio_valuations'), ('client_group_product_owners')) AS t (name)
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'other_critical_tables_populated', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE a.attidentity IS DISTINCT FROM 'd') = 0 AS ok,
       coalesce('not generated by default: '
                || string_agg(t.name || '.' || t.id, ', ' ORDER BY t.name) FILTER (WHERE a.attidentity IS DISTINCT FROM 'd'),
                'all ' || count(*) || ' ids are identities generated by default') AS found
FROM (VALUES ('authentication', 'auth_id'), ('available_funds', 'id'), ('available_portfolio_funds', 'id'),
             ('available_portfolios', 'id'), ('available_providers', 'id'), ('client_group_product_owners', 'id'),
             ('client_groups', 'id'), ('client_products', 'id'), ('holding_activity_log', 'id'),
             ('portfolio_fund_irr_values', 'id'), ('portfolio_fund_valuations', 'id'), ('portfolio_funds', 'id'),
             ('portfolio_irr_values', 'id'), ('portfolio_valuations', 'id'), ('portfolios', 'id'),
             ('product_owner_products', 'id'), ('product_owners', 'id'), ('profiles', 'id'),
             ('provider_switch_log', 'id'), ('template_portfolio_generations', 'id'),
             ('user_page_presence', 'id')) AS t (name, id)
LEFT JOIN pg_class AS c ON c.relnamespace = 'public'::regnamespace AND c.relname = t.name AND c.relkind IN ('r', 'p')
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = t.id AND NOT a.attisdropped
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'legacy_identities', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE f.confdeltype IS DISTINCT FROM t.action::"char") = 0 AS ok,
       coalesce('missing or with another delete action: '
                || string_agg(t.name, ', ' ORDER BY t.name) FILTER (WHERE f.confdeltype IS DISTINCT FROM t.action::"char"),
                'all ' || count(*) || ' foreign keys are as documented') AS found
FROM (VALUES
    ('authentication_profiles_id_fkey', 'c'),
    ('available_portfolio_funds_fund_id_fkey', 'c'),
    ('available_portfolio_funds_template_portfolio_generation_id_fkey', 'c'),
    ('client_group_product_owners_client_group_id_fkey', 'c'),
    ('client_group_product_owners_product_owner_id_fkey', 'c'),
    ('client_products_client_id_fkey', 'c'),
    ('client_products_portfolio_id_fkey', 'a'),
    ('client_products_provider_id_fkey', 'a'),
    ('holding_activity_log_portfolio_fund_id_fkey', 'c'),
    ('holding_activity_log_product_id_fkey', 'c'),
    ('portfolio_fund_irr_values_fund_id_fkey', 'c'),
    ('portfolio_fund_valuations_portfolio_fund_id_fkey', 'c'),
    ('portfolio_funds_available_funds_id_fkey', 'a'),
    ('portfolio_funds_portfolio_id_fkey', 'c'),
    ('portfolio_irr_values_portfolio_id_fkey', 'c'),
    ('portfolio_valuations_portfolio_id_fkey', 'c'),
    ('portfolios_template_generation_id_fkey', 'a'),
    ('product_owner_products_product_id_fkey', 'c'),
    ('product_owner_products_product_owner_id_fkey', 'c'),
    ('provider_switch_log_client_product_id_fkey', 'c'),
    ('provider_switch_log_new_provider_id_fkey', 'a'),
    ('provider_switch_log_previous_provider_id_fkey', 'a'),
    ('session_profiles_id_fkey', 'c'),
    ('template_portfolio_generations_available_portfolio_id_fkey', 'c'),
    ('user_page_presence_user_id_fkey', 'c')
     ) AS t (name, action)
LEFT JOIN pg_constraint AS f
       ON f.conname = t.name AND f.contype = 'f' AND f.connamespace = 'public'::regnamespace
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'legacy_delete_actions', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT coalesce(u.percent < 80, false) AS ok,
       u.used || ' of ' || u.usable || ' connections in use (' || u.percent || ' %, limit 80 %)' AS found
FROM connection_use() AS u
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'connections', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce('open longer than 60 s: process ' || string_agg(a.pid::text, ', ' ORDER BY a.pid), 'none') AS found
FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND a.xact_start < clock_timestamp() - interval '60 seconds'
  AND a.pid <> pg_backend_pid()
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'long_transactions', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) > 0 AS ok,
       coalesce('restore proven for checkpoint ' || max(r.checkpoint_name) || ' at ' || max(r.validated_at),
                'no checkpoint whose restore was proven is recorded: nothing here shows that a backup can be restored') AS found
FROM rollback_checkpoints AS r
WHERE r.is_active AND r.validation_status = 'valid' AND r.validated_at IS NOT NULL
  ) AS q;
  PERFORM kingston.record_gate('pre_migration', 'proven_restore', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

UPDATE migration_control SET value = 'pre_migration', updated_at = clock_timestamp() WHERE setting = 'current_phase';

UPDATE alembic_version SET version_num='pre_migration' WHERE alembic_version.version_num = 'pre_migration_roles';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'pre_migration', '{"outcome": "done", "revision": "pre_migration", "detail": "by a script", "files": {"versions/0019_pre_migration.py": "SHA-256", "sql/connection_use/0019.sql": "SHA-256", "sql/gate_pre_migration/0019.sql": "SHA-256", "sql/table_has_rows/0019.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


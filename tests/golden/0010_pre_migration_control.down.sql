SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'pre_migration_control';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade pre_migration_control -> legacy

SELECT kingston.hold_tables(ARRAY['migration_benchmarks', 'migration_control', 'migration_log', 'rollback_checkpoints']::text[], 'ACCESS EXCLUSIVE', false);

SELECT kingston.archive_table('rollback_checkpoints');

SELECT kingston.archive_table('migration_control');

SELECT kingston.archive_table('migration_benchmarks');

SELECT kingston.archive_table('migration_log');

UPDATE alembic_version SET version_num='legacy' WHERE alembic_version.version_num = 'pre_migration_control';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'pre_migration_control', '{"outcome": "done", "revision": "pre_migration_control", "detail": "by a script", "files": {"versions/0010_pre_migration_control.py": "SHA-256", "sql/add_check/0010.sql": "SHA-256", "sql/add_columns/0010.sql": "SHA-256", "sql/add_foreign_key/0010.sql": "SHA-256", "sql/archive_columns/0010.sql": "SHA-256", "sql/archive_entry/0010.sql": "SHA-256", "sql/archive_table/0010.sql": "SHA-256", "sql/backfill_progress/0010.sql": "SHA-256", "sql/begin_copy/0010.sql": "SHA-256", "sql/column_archive/0010.sql": "SHA-256", "sql/column_copy/0010.sql": "SHA-256", "sql/columns_to_archive/0010.sql": "SHA-256", "sql/copy_changed_rows/0010.sql": "SHA-256", "sql/copy_columns/0010.sql": "SHA-256", "sql/copy_rows/0010.sql": "SHA-256", "sql/drop_view/0010.sql": "SHA-256", "sql/event_hash/0010.sql": "SHA-256", "sql/event_log/0010.sql": "SHA-256", "sql/event_log_guard/0010.sql": "SHA-256", "sql/finish_copy/0010.sql": "SHA-256", "sql/forget_copy/0010.sql": "SHA-256", "sql/fresh_statistics/0010.sql": "SHA-256", "sql/gate_result/0010.sql": "SHA-256", "sql/give_back_grants/0010.sql": "SHA-256", "sql/given_rights/0010.sql": "SHA-256", "sql/grant_roles/0010.sql": "SHA-256", "sql/hold_tables/0010.sql": "SHA-256", "sql/in_attempts/0010.sql": "SHA-256", "sql/index_dropped/0010.sql": "SHA-256", "sql/index_intended/0010.sql": "SHA-256", "sql/index_journal/0010.sql": "SHA-256", "sql/index_published/0010.sql": "SHA-256", "sql/index_state/0010.sql": "SHA-256", "sql/join_owner/0010.sql": "SHA-256", "sql/journal/0010.sql": "SHA-256", "sql/keep_grants/0010.sql": "SHA-256", "sql/kept_grants/0010.sql": "SHA-256", "sql/ledger/0010.sql": "SHA-256", "sql/log_event/0010.sql": "SHA-256", "sql/log_movement/0010.sql": "SHA-256", "sql/make_roles/0010.sql": "SHA-256", "sql/migration_control/0010.sql": "SHA-256", "sql/note_changed_row/0010.sql": "SHA-256", "sql/only_key/0010.sql": "SHA-256", "sql/origin/0010.sql": "SHA-256", "sql/our_columns/0010.sql": "SHA-256", "sql/portal/0010.sql": "SHA-256", "sql/quarantine_orphans/0010.sql": "SHA-256", "sql/quarantine_rows/0010.sql": "SHA-256", "sql/record_gate/0010.sql": "SHA-256", "sql/record_run/0010.sql": "SHA-256", "sql/record_step/0010.sql": "SHA-256", "sql/refuse_breaking_rows/0010.sql": "SHA-256", "sql/restore_columns/0010.sql": "SHA-256", "sql/restore_table/0010.sql": "SHA-256", "sql/role_matrix/0010.sql": "SHA-256", "sql/role_problems/0010.sql": "SHA-256", "sql/role_rights/0010.sql": "SHA-256", "sql/role_statement/0010.sql": "SHA-256", "sql/rows_moved/0010.sql": "SHA-256", "sql/runner/0010.sql": "SHA-256", "sql/set_default/0010.sql": "SHA-256", "sql/settle_steps/0010.sql": "SHA-256", "sql/step_journal/0010.sql": "SHA-256", "sql/take_back_rights/0010.sql": "SHA-256", "sql/take_locks/0010.sql": "SHA-256", "sql/tied_by_keys/0010.sql": "SHA-256", "sql/validate_constraint/0010.sql": "SHA-256", "sql/who_is_in_the_way/0010.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'legacy', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'legacy';
  END IF;
END $kingston$;

COMMIT;


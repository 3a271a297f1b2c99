SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'pre_migration_control';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade legacy -> pre_migration_control

DO $kingston$ BEGIN
  IF to_regnamespace('kingston') IS NULL THEN
    CREATE SCHEMA kingston;
  END IF;
  IF obj_description(to_regnamespace('kingston'), 'pg_namespace') IS NULL THEN
    COMMENT ON SCHEMA kingston IS 'Kingston Schema: bookkeeping of the portal in schema public';
  END IF;
END $kingston$;
DO $kingston$ BEGIN
  IF to_regnamespace('kingston_archive') IS NULL THEN
    CREATE SCHEMA kingston_archive;
  END IF;
  IF obj_description(to_regnamespace('kingston_archive'), 'pg_namespace') IS NULL THEN
    COMMENT ON SCHEMA kingston_archive IS 'Kingston Schema: rows and values that a downgrade took out of schema public';
  END IF;
END $kingston$;

-- control portal
-- What kind of database this is: built new by revision legacy, or production (stamped).  Gates read it.
-- Tests: tests/ddl/test_control.py
CREATE TABLE IF NOT EXISTS kingston.portal (
    application_schema text PRIMARY KEY,
    origin text NOT NULL CONSTRAINT portal_origin_check CHECK (origin IN ('new', 'production')),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE kingston.portal IS 'The portal these two schemas belong to, and whether it was built new or is production';

INSERT INTO kingston.portal AS p (application_schema, origin)
SELECT 'public',
       CASE WHEN obj_description(to_regclass('public.alembic_version'), 'pg_class')
                 = 'Kingston Schema: this portal was built new by revision legacy'
            THEN 'new' ELSE 'production' END
ON CONFLICT (application_schema) DO UPDATE SET origin = EXCLUDED.origin WHERE p.origin <> EXCLUDED.origin;

-- control ledger
-- Every column added to a legacy table, and whether it was there before us.  Only what the ledger says
-- is ours is dropped on the way down (legacy schema 6.6, errata E-126).
-- Tests: tests/ddl/test_columns.py
CREATE TABLE IF NOT EXISTS kingston.ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    revision text NOT NULL,
    table_name text NOT NULL,
    column_name text NOT NULL,
    column_type text NOT NULL,
    pre_existing boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS ledger_one_live_entry ON kingston.ledger (table_name, column_name)
    WHERE removed_at IS NULL;
COMMENT ON TABLE kingston.ledger IS 'Columns of legacy tables that Phase 2 added or found';

-- control archive_entry
-- One row per movement between the application schema and the archive, and per purge of the archive: what, by which
-- revision, how many rows, by whom.
-- rows_moved is NULL where counting would have cost more than the movement (a table moved as a whole);
-- kingston archive list counts what lies in the archive.
-- Tests: tests/ddl/test_archive.py
CREATE TABLE IF NOT EXISTS kingston.archive_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id text,
    revision text NOT NULL,
    movement text NOT NULL
        CONSTRAINT archive_entry_movement_check
        CHECK (movement IN ('archived', 'restored', 'quarantined', 'filled', 'purged')),
    table_name text NOT NULL,
    archive_name text,
    columns text[],
    rows_moved bigint,
    reason text,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE kingston.archive_entry IS 'Register of everything that went into the archive, came back or was purged';

-- control kept_grants
-- Grants of functions and views that a downgrade dropped; they come back with the object.
-- Tests: tests/ddl/test_objects.py
CREATE TABLE IF NOT EXISTS kingston.kept_grants (
    kind text NOT NULL,
    identity text NOT NULL,
    statements text[] NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, identity)
);
COMMENT ON TABLE kingston.kept_grants IS 'GRANT statements of objects that a downgrade dropped';

-- control backfill_progress
-- One row per data movement: how far it is, so that a crash resumes behind the last committed batch.
-- Tests: tests/ddl/test_columns.py
CREATE TABLE IF NOT EXISTS kingston.backfill_progress (
    step text PRIMARY KEY,
    position bigint,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    batch integer,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
COMMENT ON TABLE kingston.backfill_progress IS 'Position, rows done and expected of every batched data movement';

-- control index_journal
-- Indexes built concurrently: intended, built under a temporary name, published by rename.
-- Tests: tests/ddl/test_indexes.py
CREATE TABLE IF NOT EXISTS kingston.index_journal (
    index_name text PRIMARY KEY,
    table_name text NOT NULL,
    statement text NOT NULL,
    intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    published_oid oid
);
COMMENT ON TABLE kingston.index_journal IS 'What we know about indexes that we built concurrently';

-- control gate_result
-- Every check of every gate: what was found, whether it passed, and the reason where it was allowed.
-- Tests: tests/ddl/test_gate.py
CREATE TABLE IF NOT EXISTS kingston.gate_result (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid,
    phase text NOT NULL,
    check_name text NOT NULL,
    severity text NOT NULL,
    outcome text NOT NULL
        CONSTRAINT gate_result_outcome_check CHECK (outcome IN ('passed', 'warning', 'failed', 'allowed')),
    found text,
    reason text,
    checked_by text NOT NULL DEFAULT session_user,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS gate_result_phase_idx ON kingston.gate_result (phase, checked_at DESC);
COMMENT ON TABLE kingston.gate_result IS 'Results of gate checks; they survive the rollback of the revision that they stopped';

-- control journal
-- One row per revision run, written on a second connection: a failed run leaves its record (P6).
-- "started" with no runner at work, and "unknown", are settled by the next run, which looks at the database (P5);
-- "settled" says how.  Tests: tests/ddl/test_run.py, tests/ddl/test_settling.py
CREATE TABLE IF NOT EXISTS kingston.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    revision text NOT NULL,
    direction text NOT NULL CONSTRAINT journal_direction_check CHECK (direction IN ('up', 'down')),
    status text NOT NULL
        CONSTRAINT journal_status_check CHECK (status IN ('started', 'completed', 'failed', 'unknown')),
    seconds numeric(14, 3),
    rows_moved bigint,
    error text,
    detail jsonb,
    actor text NOT NULL DEFAULT session_user,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    settled text
);
COMMENT ON TABLE kingston.journal IS 'Every revision run: started, completed, failed or unknown, by whom, how long, how many rows';
COMMENT ON COLUMN kingston.journal.settled IS 'What a later run found in the database about a run that ended without a word';

-- control step_journal
-- One row per operation of a revision: intent before it, acknowledgement after it, both on the runner's second
-- connection.  Acknowledged is not yet durable: "transaction" is the one that was open then, and the step counts as
-- applied when that has been committed.  No outcome yet: under way, or ended without a word.
-- A repair by kingston doctor is a step, too, with direction repair.  Tests: tests/ddl/test_steps.py, tests/ddl/test_settling.py
CREATE TABLE IF NOT EXISTS kingston.step_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    revision text NOT NULL,
    direction text NOT NULL CONSTRAINT step_journal_direction_check CHECK (direction IN ('up', 'down', 'repair')),
    step integer NOT NULL,
    operation text NOT NULL,
    arguments text[] NOT NULL,
    intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz,
    transaction xid8,
    outcome text
        CONSTRAINT step_journal_outcome_check CHECK (outcome IN ('applied', 'rolled back', 'failed', 'unknown')),
    settled text,
    CONSTRAINT step_journal_run_key UNIQUE (run_id, revision, direction, step)
);
COMMENT ON TABLE kingston.step_journal IS 'Every step of every revision run: intended, acknowledged, and what became of it';
COMMENT ON COLUMN kingston.step_journal.settled IS 'How the outcome is known';

-- control runner
-- One row per run that changes the portal: who, from where, with which version, and a heartbeat while it is at work.
-- The advisory lock decides who may run; this table only says who that is.  A row without an end whose lock is held
-- by nobody is stale: the next run ends it.  Tests: tests/ddl/test_runner.py
CREATE TABLE IF NOT EXISTS kingston.runner (
    run_id uuid PRIMARY KEY,
    command text NOT NULL,
    version text NOT NULL,
    os_user text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    actor text NOT NULL DEFAULT session_user,
    lock_backend integer NOT NULL DEFAULT pg_backend_pid(),
    work_backend integer NOT NULL,
    cluster bigint NOT NULL DEFAULT (pg_control_system()).system_identifier,
    revision text,
    direction text,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    outcome text CONSTRAINT runner_outcome_check CHECK (outcome IN ('verified', 'failed', 'unknown')),
    found text
);
COMMENT ON TABLE kingston.runner IS 'Every run: who started it, whether it is at work, and what was verified at its end';
COMMENT ON COLUMN kingston.runner.cluster IS 'Server it ran on: numbers of transactions mean nothing on another one';

-- control event_log
-- What was done to the portal, by whom, from where, and how it ended: one row at the beginning and one at the end of
-- each command and of each revision.  Append-only (event_log_guard); each row carries the hash of the one before it and
-- of its own text (event_hash), so that an edited, missing or inserted row shows.  Rows are written by log_event alone.
-- Tests: tests/ddl/test_event_log.py
CREATE TABLE IF NOT EXISTS kingston.event_log (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    run_id uuid NOT NULL,
    stage text NOT NULL CONSTRAINT event_log_stage_check CHECK (stage IN ('begun', 'ended', 'noted')),
    event text NOT NULL,
    subject text,
    revision text,
    outcome text,
    seconds numeric(14, 3),
    rows_moved bigint,
    detail text,
    files jsonb,
    role text NOT NULL,
    os_user text,
    actor text,
    host text,
    address text,
    application text,
    pid integer,
    version text,
    backend integer NOT NULL,
    backend_start timestamptz,
    previous text NOT NULL,
    hash text NOT NULL
);
COMMENT ON TABLE kingston.event_log IS 'Append-only, hash-chained record of everything that changed the portal: kingston history';
COMMENT ON COLUMN kingston.event_log.run_id IS 'One command: what it began and what it ended share it; runner and journal have the same';
COMMENT ON COLUMN kingston.event_log.files IS 'SHA-256 of the revision file and of its frozen SQL files as they were when it ran';
COMMENT ON COLUMN kingston.event_log.actor IS 'Name that the person gave: KINGSTON_ACTOR or --actor';
COMMENT ON COLUMN kingston.event_log.backend IS 'Session that wrote the row; while it lives, what it began is under way';
COMMENT ON COLUMN kingston.event_log.previous IS 'Hash of the row before; of the first row 64 zeros';

-- control event_log_guard
-- Nobody changes, removes or empties what stands in the event log, also under session_replication_role = replica.  The
-- owner of the table can switch the triggers off: an explicit act, which kingston history --verify names.
-- Tests: tests/ddl/test_event_log.py
CREATE OR REPLACE FUNCTION kingston.refuse_event_rewrite() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % is refused', TG_OP
        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
              HINT = 'what was recorded stays; kingston history shows it';
END
$function$;

DO $guard$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_trigger AS t WHERE t.tgrelid = 'kingston.event_log'::regclass
                      AND t.tgname = 'event_log_append_only' AND t.tgenabled = 'A') THEN
        CREATE OR REPLACE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kingston.event_log
            FOR EACH STATEMENT EXECUTE FUNCTION kingston.refuse_event_rewrite();
        ALTER TABLE kingston.event_log ENABLE ALWAYS TRIGGER event_log_append_only;
    END IF;
END
$guard$;

-- control given_rights
-- Every right that we gave one of the four roles, and no other: a downgrade takes back exactly these (take_back_rights).
-- What somebody had granted before, or grants by hand, never stands here.
-- Tests: tests/promises/test_roles.py
CREATE TABLE IF NOT EXISTS kingston.given_rights (
    role_name text NOT NULL,
    kind text NOT NULL
        CONSTRAINT given_rights_kind_check CHECK (kind IN ('table', 'sequence', 'function', 'schema', 'role')),
    object text NOT NULL,
    column_name text NOT NULL DEFAULT '',
    privilege text NOT NULL,
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    given_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (role_name, kind, object, column_name, privilege)
);
COMMENT ON TABLE kingston.given_rights IS 'Rights that the migration gave portal_app, portal_readonly, portal_auditor and portal_migrator';
COMMENT ON COLUMN kingston.given_rights.column_name IS 'Empty: the whole object';

-- function kingston.origin()
-- 'new' or 'production': whether emptiness is a note or critical (design section 5).
-- Tests: tests/ddl/test_control.py
CREATE OR REPLACE FUNCTION kingston.origin() RETURNS text
LANGUAGE sql STABLE
SET search_path = kingston, pg_temp
AS $function$
SELECT coalesce((SELECT p.origin FROM portal AS p WHERE p.application_schema = 'public'), 'production')
$function$;

-- function kingston.log_movement(text, text, text, text[], bigint, text)
-- Writes one row of the archive register for the revision that is running.
-- Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION kingston.log_movement(
    p_movement text, p_table text, p_archive text, p_columns text[], p_rows bigint, p_reason text DEFAULT NULL
) RETURNS void
LANGUAGE sql
SET search_path = kingston, pg_temp
AS $function$
INSERT INTO archive_entry (run_id, revision, movement, table_name, archive_name, columns, rows_moved, reason)
VALUES (nullif(current_setting('kingston.run', true), ''),
        coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand'),
        p_movement, p_table, p_archive, p_columns, p_rows, p_reason)
$function$;

-- function kingston.rows_moved(text, text)
-- Rows that one revision of one run archived, restored, quarantined or filled.
-- Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION kingston.rows_moved(p_run text, p_revision text) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = kingston, pg_temp
AS $function$
SELECT coalesce(sum(e.rows_moved), 0)::bigint FROM archive_entry AS e
WHERE e.run_id = p_run AND e.revision = p_revision
$function$;

-- function kingston.who_is_in_the_way(integer[])
-- Sessions in words: pid, role, what it does, how long its transaction has been open, its query.  NULL for nobody.
-- What another role's session does is seen by members of pg_read_all_stats only.
-- Called by in_attempts and by the watcher of long waits.  Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION kingston.who_is_in_the_way(p_pids integer[]) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
SELECT string_agg(format('pid %s (%s, %s%s): %s', a.pid, coalesce(a.usename::text, a.backend_type, 'another role'),
                         coalesce(a.state, 'at work'),
                         ', for ' || date_trunc('second', clock_timestamp() - a.xact_start)::text,
                         left(regexp_replace(btrim(a.query), '\s+', ' ', 'g'), 100)), '; ' ORDER BY a.xact_start, a.pid)
  FROM pg_stat_activity AS a WHERE a.pid = ANY (p_pids)
$function$;

-- function kingston.in_attempts(text[], text[], text)
-- Run statements that take strong locks on p_tables (p_mode, for messages) in short attempts with jitter: all of them
-- within one attempt, or none, so that whoever queues behind us waits no longer than one attempt (promise P4).
-- Settings: kingston.lock_attempt_ms (50), kingston.lock_cap_seconds (60).  While it waits it says who is in the way,
-- after one second and then every three (NOTICE with code KS010); at the cap it gives up with 55P03 and names them.
-- Inside op.lock_tables (kingston.locked) nothing is waited for: whoever waits there would hold what it has locked.
-- A session that keeps out DDL only (VACUUM, ANALYZE, an index build) is met in the one mode in which waiting blocks
-- nobody; an autovacuum gives way to such a wait, and to no shorter one than deadlock_timeout.
-- Called by take_locks, drop_view, validate_constraint.  Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION kingston.in_attempts(p_statements text[], p_tables text[], p_mode text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_attempt CONSTANT numeric := coalesce(nullif(current_setting('kingston.lock_attempt_ms', true), ''), '50')::numeric;
    v_cap CONSTANT interval := CASE WHEN current_setting('kingston.locked', true) = 'yes' THEN interval '0'
        ELSE make_interval(secs => coalesce(nullif(current_setting('kingston.lock_cap_seconds', true), ''),
                                            '60')::double precision) END;
    v_harmless CONSTANT text[] := CASE p_mode
        WHEN 'ACCESS EXCLUSIVE' THEN '{}'
        WHEN 'SHARE ROW EXCLUSIVE' THEN '{AccessShareLock,RowShareLock}'
        ELSE '{AccessShareLock,RowShareLock,RowExclusiveLock}' END;
    v_before CONSTANT text := current_setting('lock_timeout');
    v_since CONSTANT timestamptz := clock_timestamp();
    v_told timestamptz := v_since - interval '2 seconds';
    v_began timestamptz;
    v_attempts integer := 0;
    v_statement text;
    v_pids integer[];
    v_busy boolean;
BEGIN
    LOOP
        v_began := clock_timestamp();
        v_attempts := v_attempts + 1;
        BEGIN
            FOREACH v_statement IN ARRAY p_statements LOOP
                PERFORM set_config('lock_timeout', greatest(1, round(
                    v_attempt - 1000 * extract(epoch FROM clock_timestamp() - v_began))) || 'ms', true);
                EXECUTE v_statement;
            END LOOP;
            PERFORM set_config('lock_timeout', v_before, true);
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            NULL;
        END;
        SELECT array_agg(DISTINCT l.pid), bool_or(l.mode = 'ShareUpdateExclusiveLock') INTO v_pids, v_busy
          FROM pg_locks AS l
         WHERE l.granted AND l.pid <> pg_backend_pid() AND NOT l.mode = ANY (v_harmless)
           AND l.relation IN (SELECT to_regclass(quote_ident(t.name)) FROM unnest(p_tables) AS t (name));
        IF clock_timestamp() - v_since > v_cap THEN
            RAISE EXCEPTION 'no % lock on % after % attempts in %', p_mode, array_to_string(p_tables, ', '), v_attempts,
                date_trunc('second', clock_timestamp() - v_since)
                USING ERRCODE = '55P03',
                      DETAIL = 'in the way: ' || coalesce(kingston.who_is_in_the_way(v_pids), 'nobody any more'),
                      HINT = 'nothing was changed by this step; end what is in the way and run the same command again';
        ELSIF clock_timestamp() - v_told > interval '3 seconds' THEN
            v_told := clock_timestamp();
            RAISE NOTICE USING ERRCODE = 'KS010',
                MESSAGE = format('waiting for %s (%s) for %s; in the way: %s', array_to_string(p_tables, ', '), p_mode,
                                 date_trunc('second', clock_timestamp() - v_since),
                                 coalesce(kingston.who_is_in_the_way(v_pids), 'nobody any more'));
        END IF;
        IF v_busy THEN
            BEGIN
                PERFORM set_config('lock_timeout', extract(epoch FROM current_setting('deadlock_timeout')::interval
                                                           + interval '500 milliseconds') || 's', true);
                EXECUTE (SELECT string_agg(format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', t.name), '; '
                                           ORDER BY t.name COLLATE "C") FROM unnest(p_tables) AS t (name));
                PERFORM set_config('lock_timeout', v_before, true);
            EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
                NULL;
            END;
        ELSE
            PERFORM pg_sleep(0.02 + random() * 0.1);
        END IF;
    END LOOP;
END
$function$;

-- function kingston.take_locks(text[], text)
-- Lock all the tables at once, in the order of their names, in short attempts (in_attempts: settings, messages, cap).
-- Tables that do not exist are passed over.
-- Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION kingston.take_locks(p_tables text[], p_mode text DEFAULT 'ACCESS EXCLUSIVE') RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_tables CONSTANT text[] := ARRAY(SELECT DISTINCT t.name COLLATE "C" FROM unnest(p_tables) AS t (name)
                                       WHERE to_regclass(quote_ident(t.name)) IS NOT NULL ORDER BY 1);
BEGIN
    IF cardinality(v_tables) > 0 THEN
        PERFORM kingston.in_attempts(
            ARRAY(SELECT format('LOCK TABLE ONLY %I IN %s MODE', t.name, p_mode)
                    FROM unnest(v_tables) WITH ORDINALITY AS t (name, ord) ORDER BY t.ord), v_tables, p_mode);
    END IF;
END
$function$;

-- function kingston.tied_by_keys(text[])
-- The tables and those that foreign keys tie to them in either direction: dropping a key locks both ends.
-- Called by op.lock_tables and archive_table.  Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION kingston.tied_by_keys(p_tables text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
SELECT array_agg(DISTINCT n.name ORDER BY n.name)
  FROM (SELECT unnest(p_tables) AS name
        UNION
        SELECT c.relname::text
          FROM pg_constraint AS k JOIN pg_class AS c ON c.oid IN (k.conrelid, k.confrelid)
         WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace
           AND (SELECT array_agg(to_regclass(quote_ident(t.name))::oid) FROM unnest(p_tables) AS t (name))
               && ARRAY[k.conrelid, k.confrelid]) AS n
$function$;

-- function kingston.hold_tables(text[], text, boolean)
-- Lock all the tables (p_keys: and those tied to them by foreign keys) for several short steps of one transaction.
-- Until its end none of these steps waits for a lock: whoever waits there would hold what is locked here (in_attempts).
-- Called by op.lock_tables.  Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION kingston.hold_tables(p_tables text[], p_mode text, p_keys boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
BEGIN
    PERFORM kingston.take_locks(CASE WHEN p_keys THEN kingston.tied_by_keys(p_tables) ELSE p_tables END, p_mode);
    PERFORM set_config('kingston.locked', 'yes', true);
END
$function$;

-- function kingston.drop_view(text)
-- Drop a view under the lock budget: its readers wait no longer than one attempt.  Repeatable.
-- Called by op.drop_sql.  Tests: tests/ddl/test_objects.py
CREATE OR REPLACE FUNCTION kingston.drop_view(p_view text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
BEGIN
    PERFORM kingston.in_attempts(ARRAY[format('DROP VIEW IF EXISTS %I', p_view)], ARRAY[p_view], 'ACCESS EXCLUSIVE');
END
$function$;

-- function kingston.keep_grants(text, text)
-- Remember who may use a function or view before it is dropped.  Called by op.drop_sql.
-- Tests: tests/ddl/test_objects.py
CREATE OR REPLACE FUNCTION kingston.keep_grants(p_kind text, p_identity text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_acl aclitem[];
    v_owner oid;
    v_statements text[];
    v_keyword text := CASE p_kind WHEN 'function' THEN 'FUNCTION' WHEN 'procedure' THEN 'PROCEDURE' ELSE 'TABLE' END;
BEGIN
    IF p_kind IN ('function', 'procedure') THEN
        SELECT p.proacl, p.proowner INTO v_acl, v_owner FROM pg_proc AS p WHERE p.oid = to_regprocedure(p_identity);
    ELSE
        SELECT c.relacl, c.relowner INTO v_acl, v_owner FROM pg_class AS c WHERE c.oid = to_regclass(p_identity);
    END IF;
    SELECT array_agg(format('GRANT %s ON %s %s TO %s%s', a.privilege_type, v_keyword, p_identity,
                            coalesce(quote_ident(r.rolname), 'PUBLIC'),
                            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
      INTO v_statements
      FROM aclexplode(v_acl) AS a
      LEFT JOIN pg_roles AS r ON r.oid = a.grantee
     WHERE a.grantee <> v_owner AND (a.grantee = 0 OR r.oid IS NOT NULL);
    IF v_statements IS NOT NULL THEN
        INSERT INTO kingston.kept_grants (kind, identity, statements) VALUES (p_kind, p_identity, v_statements)
        ON CONFLICT (kind, identity) DO UPDATE SET statements = EXCLUDED.statements, kept_at = clock_timestamp();
    END IF;
END
$function$;

-- function kingston.give_back_grants(text, text)
-- Give a function or view the grants it had when it was dropped; a role that is gone is passed over with a notice.
-- Called by op.run_sql.  Tests: tests/ddl/test_objects.py
CREATE OR REPLACE FUNCTION kingston.give_back_grants(p_kind text, p_identity text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_statement text;
BEGIN
    FOR v_statement IN
        SELECT s.statement FROM kingston.kept_grants AS k, unnest(k.statements) AS s (statement)
         WHERE k.kind = p_kind AND k.identity = p_identity
    LOOP
        BEGIN
            EXECUTE v_statement;
        EXCEPTION WHEN undefined_object THEN
            RAISE NOTICE 'not given back, the role is gone: %', v_statement;
        END;
    END LOOP;
    DELETE FROM kingston.kept_grants AS k WHERE k.kind = p_kind AND k.identity = p_identity;
END
$function$;

-- function kingston.index_intended(text, text, text)
-- Before a concurrent build: write down what is about to be built.  Called by op.create_index_online.
-- Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION kingston.index_intended(p_index text, p_table text, p_statement text) RETURNS void
LANGUAGE sql
SET search_path = kingston, pg_temp
AS $function$
INSERT INTO index_journal (index_name, table_name, statement) VALUES (p_index, p_table, p_statement)
ON CONFLICT (index_name) DO UPDATE SET table_name = EXCLUDED.table_name, statement = EXCLUDED.statement,
    intended_at = clock_timestamp(), published_at = NULL, published_oid = NULL
$function$;

-- function kingston.index_published(text, text)
-- After a concurrent build: refuse an invalid result, give the index its name, write that down.
-- Called by op.create_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION kingston.index_published(p_index text, p_building text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_building));
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indexrelid = v_oid AND i.indisvalid) THEN
        RAISE EXCEPTION 'index % was not built: % is missing or invalid', p_index, p_building
            USING ERRCODE = 'KS004', HINT = 'run the same command again; the leftover is dropped and built anew';
    END IF;
    EXECUTE format('ALTER INDEX %I RENAME TO %I', p_building, p_index);
    UPDATE kingston.index_journal AS j SET published_at = clock_timestamp(), published_oid = v_oid
     WHERE j.index_name = p_index;
END
$function$;

-- function kingston.index_dropped(text)
-- Forget an index that a downgrade dropped.  Called by op.drop_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION kingston.index_dropped(p_index text) RETURNS void
LANGUAGE sql
SET search_path = kingston, pg_temp
AS $function$
DELETE FROM index_journal AS j WHERE j.index_name = p_index
$function$;

-- function kingston.index_state(text, text, text, text)
-- What there is of an index: 'published' (valid and ours), 'built' (a crash came between the build and its publication:
-- the very index, valid, under its temporary name), 'leftover' (ours and invalid: a build or a drop that was cut off),
-- 'foreign' (there, and not made by us), 'absent'.
-- An index is ours when the journal knows it by name and table.
-- Called by op.create_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION kingston.index_state(
    p_index text, p_table text, p_building text DEFAULT NULL, p_statement text DEFAULT NULL
) RETURNS text
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
SELECT coalesce(
    (SELECT CASE WHEN j.published_at IS NULL THEN 'foreign' WHEN i.indisvalid THEN 'published' ELSE 'leftover' END
       FROM pg_index AS i
       JOIN pg_class AS c ON c.oid = i.indexrelid
       LEFT JOIN kingston.index_journal AS j ON j.index_name = p_index AND j.table_name = p_table
      WHERE i.indexrelid = to_regclass(quote_ident(p_index)) AND c.relnamespace = 'public'::regnamespace),
    (SELECT 'built'
       FROM pg_index AS i
       JOIN kingston.index_journal AS j ON j.index_name = p_index AND j.table_name = p_table AND j.statement = p_statement
      WHERE i.indexrelid = to_regclass(quote_ident(p_building)) AND i.indisvalid AND j.published_at IS NULL),
    'absent')
$function$;

-- function kingston.record_gate(text, text, text, boolean, boolean, text, text)
-- For scripts made with --sql: record one gate check and raise where it is critical and failed.
-- Tests: tests/ddl/test_gate.py
CREATE OR REPLACE FUNCTION kingston.record_gate(
    p_phase text, p_check text, p_severity text, p_ok boolean, p_critical boolean, p_found text, p_reason text
) RETURNS void
LANGUAGE plpgsql
SET search_path = kingston, pg_temp
AS $function$
DECLARE
    v_outcome text := CASE WHEN p_ok THEN 'passed' WHEN p_reason IS NOT NULL THEN 'allowed'
                           WHEN p_critical THEN 'failed' ELSE 'warning' END;
BEGIN
    IF v_outcome = 'failed' THEN
        RAISE EXCEPTION 'the gate of % refuses: % found: %', p_phase, p_check, p_found
            USING ERRCODE = 'KS003', HINT = 'repair what was found, or make the script with -x allow=' || p_check || ':reason';
    ELSIF v_outcome <> 'passed' THEN
        RAISE NOTICE '%: % %: %', v_outcome, p_phase, p_check, p_found;
    END IF;
    INSERT INTO gate_result (phase, check_name, severity, outcome, found, reason)
    VALUES (p_phase, p_check, p_severity, v_outcome, p_found, p_reason);
END
$function$;

-- function kingston.settle_steps(uuid, text, text, boolean, integer, text)
-- What became of the acknowledged steps of a revision that has ended: its commit made all of them durable; otherwise
-- the transaction that was open at the acknowledgement tells, if it was one of this server.  Steps that were not
-- acknowledged stay open: the runner looks for what they should have left.  p_failed: the step that raised an error.
-- Called by record_run.  Tests: tests/ddl/test_steps.py, tests/ddl/test_settling.py
CREATE OR REPLACE FUNCTION kingston.settle_steps(
    p_run uuid, p_revision text, p_direction text, p_committed boolean, p_failed integer, p_how text
) RETURNS void
LANGUAGE plpgsql
SET search_path = kingston, pg_temp
AS $function$
DECLARE
    v_here boolean := EXISTS (SELECT 1 FROM runner AS r WHERE r.run_id = p_run
                                AND r.cluster = (pg_control_system()).system_identifier);
BEGIN
    UPDATE step_journal AS s
       SET outcome = CASE
               WHEN p_committed OR s.acknowledged_at IS NOT NULL AND s.transaction IS NULL THEN 'applied'
               WHEN s.acknowledged_at IS NULL THEN 'failed'
               WHEN NOT v_here THEN 'unknown'
               ELSE CASE pg_xact_status(s.transaction)
                        WHEN 'committed' THEN 'applied' WHEN 'aborted' THEN 'rolled back' ELSE 'unknown' END
           END,
           settled = CASE
               WHEN p_committed THEN p_how
               WHEN s.acknowledged_at IS NULL THEN 'it raised the error of the revision'
               WHEN NOT v_here THEN 'its transaction was on another server'
               ELSE 'transaction ' || s.transaction || ' is ' || coalesce(pg_xact_status(s.transaction), 'too old to be known')
           END
     WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.outcome IS NULL
       AND (p_committed OR s.acknowledged_at IS NOT NULL OR s.step = p_failed);
END
$function$;

-- function kingston.record_run(uuid, text, text, text, text, numeric, bigint, text, json, integer, text)
-- The start and the end of one revision in the journal and, while it exists, in migration_log (C-001).
-- p_failed_step: the step that raised p_error.  p_settled: how a later run found the end of one that broke off.
-- Called by the runner on its second connection.  Tests: tests/ddl/test_run.py
CREATE OR REPLACE FUNCTION kingston.record_run(
    p_run uuid, p_revision text, p_direction text, p_phase text, p_status text,
    p_seconds numeric, p_rows bigint, p_error text, p_detail json, p_failed_step integer DEFAULT NULL,
    p_settled text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_started timestamptz;
BEGIN
    IF p_status = 'started' THEN
        INSERT INTO kingston.journal (run_id, revision, direction, status, detail)
        VALUES (p_run, p_revision, p_direction, 'started', p_detail::jsonb);
        UPDATE kingston.runner AS r SET revision = p_revision, direction = p_direction, heartbeat_at = clock_timestamp()
         WHERE r.run_id = p_run;
        RETURN;
    END IF;
    UPDATE kingston.journal AS j
       SET status = p_status, seconds = p_seconds, rows_moved = p_rows, error = coalesce(p_error, j.error),
           finished_at = clock_timestamp(), settled = p_settled
     WHERE j.run_id = p_run AND j.revision = p_revision AND j.direction = p_direction
       AND j.status IN ('started', 'unknown')
    RETURNING j.started_at INTO v_started;
    IF NOT FOUND THEN  -- the journal itself was made by this revision
        v_started := clock_timestamp() - make_interval(secs => p_seconds::double precision);
        INSERT INTO kingston.journal (run_id, revision, direction, status, seconds, rows_moved, error, detail,
                                       started_at, finished_at)
        VALUES (p_run, p_revision, p_direction, p_status, p_seconds, p_rows, p_error, p_detail::jsonb,
                v_started, clock_timestamp());
    END IF;
    IF p_status = 'unknown' THEN
        RETURN;
    END IF;
    IF p_status = 'completed' AND p_settled IS NULL THEN  -- the acknowledgement of the last step comes with this call
        UPDATE kingston.step_journal AS s SET acknowledged_at = clock_timestamp()
         WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.acknowledged_at IS NULL;
    END IF;
    PERFORM kingston.settle_steps(p_run, p_revision, p_direction, p_status = 'completed', p_failed_step,
                                   coalesce(p_settled, 'committed with the revision'));
    IF to_regclass('public.migration_log') IS NOT NULL THEN
        INSERT INTO public.migration_log (run_id, phase, operation, status, error_message,
                                            execution_time_seconds, rows_affected, started_at, completed_at)
        VALUES (p_run, CASE p_direction WHEN 'down' THEN 'rollback' ELSE p_phase END,
                p_direction || ' ' || p_revision,
                CASE WHEN p_status = 'completed' AND p_direction = 'down' THEN 'rolled_back' ELSE p_status END,
                p_error, p_seconds, p_rows, v_started, clock_timestamp());
    END IF;
END
$function$;

-- function kingston.record_step(uuid, text, text, integer, integer, integer, text, text[])
-- The acknowledgement of one step and the intent of the next in one call; either may be missing (NULL).
-- An acknowledged step is applied at once where the working session has nothing uncommitted, else when its transaction
-- is found committed: by the next step that committed on the way, or by record_run at the end.
-- Called by the runner on its second connection.  Tests: tests/ddl/test_steps.py
CREATE OR REPLACE FUNCTION kingston.record_step(
    p_run uuid, p_revision text, p_direction text, p_acknowledged integer, p_backend integer,
    p_step integer, p_operation text, p_arguments text[]
) RETURNS void
LANGUAGE plpgsql
SET search_path = kingston, pg_temp
AS $function$
DECLARE
    v_open xid8;
BEGIN
    IF p_acknowledged IS NOT NULL THEN
        -- The 32 bits of backend_xid with the epoch that brings them nearest to now.
        SELECT (x.low + ((x.next - x.low + 2147483648) >> 32 << 32))::text::xid8 INTO v_open
          FROM (SELECT a.backend_xid::text::bigint AS low, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
                FROM pg_stat_get_activity(p_backend) AS a) AS x;
        UPDATE step_journal AS s
           SET acknowledged_at = clock_timestamp(), transaction = v_open,
               outcome = CASE WHEN v_open IS NULL THEN 'applied' END
         WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.step = p_acknowledged;
        UPDATE step_journal AS s SET outcome = 'applied', settled = 'transaction ' || s.transaction || ' is committed'
         WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.outcome IS NULL
           AND s.acknowledged_at IS NOT NULL AND s.transaction IS DISTINCT FROM v_open
           AND pg_xact_status(s.transaction) = 'committed';
    END IF;
    IF p_step IS NOT NULL THEN
        INSERT INTO step_journal (run_id, revision, direction, step, operation, arguments)
        VALUES (p_run, p_revision, p_direction, p_step, p_operation, p_arguments);
    END IF;
END
$function$;

-- function kingston.archive_table(text)
-- Move a table to the archive schema with its rows, indexes, constraints and identity sequence.  Foreign keys from
-- and to it are dropped, so that the Phase 1 application behaves as before.  Catalogue only: the time does not
-- depend on the number of rows.  Refuses where triggers are left on the table.  Repeatable.
-- Called by op.archive_table.  Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION kingston.archive_table(p_table text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_triggers text;
    v_key record;
BEGIN
    IF v_oid IS NULL OR (SELECT c.relnamespace FROM pg_class AS c WHERE c.oid = v_oid) <> 'public'::regnamespace THEN
        RETURN;  -- in the archive already, or never made (an upgrade that was interrupted before it)
    END IF;
    SELECT string_agg(t.tgname, ', ') INTO v_triggers FROM pg_trigger AS t WHERE t.tgrelid = v_oid AND NOT t.tgisinternal;
    IF v_triggers IS NOT NULL THEN
        RAISE EXCEPTION 'table % cannot be archived while it has triggers: %', p_table, v_triggers USING ERRCODE = 'KS003';
    END IF;
    PERFORM kingston.take_locks(kingston.tied_by_keys(ARRAY[p_table]));
    FOR v_key IN
        SELECT k.conrelid::regclass AS holder, k.conname FROM pg_constraint AS k
         WHERE k.contype = 'f' AND v_oid IN (k.conrelid, k.confrelid)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', v_key.holder, v_key.conname);
    END LOOP;
    EXECUTE format('ALTER TABLE %I SET SCHEMA kingston_archive', p_table);
    PERFORM kingston.log_movement('archived', p_table, p_table, NULL, NULL);
END
$function$;

-- function kingston.restore_table(text)
-- Bring a table back from the archive.  True when the table is there afterwards (brought back, or there already
-- because the revision is repeated), false when it has to be created.  A table that somebody made below under the name
-- of an archived one is refused: neither may stand in for the other.
-- Called by op.restore_table_or.  Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION kingston.restore_table(p_table text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
BEGIN
    IF to_regclass(format('public.%I', p_table)) IS NOT NULL THEN
        IF to_regclass(format('kingston_archive.%I', p_table)) IS NOT NULL THEN
            RAISE EXCEPTION 'a table % was made below while the archive holds the table of that name', p_table
                USING ERRCODE = 'KS003',
                      HINT = format('ALTER TABLE %I RENAME TO %I; then run the same command again and bring its rows over',
                                    p_table, left(p_table, 51) || '_made_below');
        END IF;
        RETURN true;
    ELSIF to_regclass(format('kingston_archive.%I', p_table)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER TABLE kingston_archive.%I SET SCHEMA public', p_table);
    PERFORM kingston.log_movement('restored', p_table, p_table, NULL, NULL);
    RETURN true;
END
$function$;

-- function kingston.quarantine_rows(text, text, text, text[])
-- Keep rows of a table in "kingston_archive.quarantine__<table>" with the reason, value for value in the types they have.
-- p_condition picks them.  p_columns NULL: they are taken out of the table; else they stay there, and p_columns names
-- the columns that are about to lose their value (quarantine_columns).  Returns how many.
-- Called by quarantine_orphans, settle_phone_ciphertexts.  Tests: tests/ddl/test_quarantine.py
CREATE OR REPLACE FUNCTION kingston.quarantine_rows(
    p_table text, p_condition text, p_reason text, p_columns text[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_quarantine text := left('quarantine__' || p_table, 63);
    v_columns text;
    v_missing text;
    v_rows bigint;
BEGIN
    EXECUTE format('CREATE TABLE IF NOT EXISTS kingston_archive.%I (quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp(),'
                   ' quarantine_reason text NOT NULL, quarantine_run text, quarantine_columns text[])', v_quarantine);
    SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '),
           string_agg(format('%I', a.attname), ', ')
      INTO v_missing, v_columns
      FROM pg_attribute AS a
     WHERE a.attrelid = to_regclass(quote_ident(p_table)) AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format('ALTER TABLE kingston_archive.%I %s', v_quarantine, v_missing);
    EXECUTE format(
        CASE WHEN p_columns IS NULL
             THEN 'WITH gone AS (DELETE FROM %1$I AS t WHERE %2$s RETURNING t.*)'
             ELSE 'WITH gone AS (SELECT t.* FROM %1$I AS t WHERE %2$s)' END
        || ' INSERT INTO kingston_archive.%3$I (%4$s, quarantine_reason, quarantine_run, quarantine_columns)'
        || ' SELECT %4$s, %5$s, nullif(current_setting(''kingston.run'', true), ''''), %6$L::text[] FROM gone AS t',
        p_table, p_condition, v_quarantine, v_columns, p_reason, p_columns);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    IF v_rows > 0 THEN
        PERFORM kingston.log_movement('quarantined', p_table, v_quarantine, p_columns, v_rows, p_condition);
    END IF;
    RETURN v_rows;
END
$function$;

-- function kingston.quarantine_orphans(text, text)
-- Before a foreign key is validated: rows whose parent was deleted while the table rested in the archive go to
-- quarantine with the missing key.  Where the reference may be empty and deleting the parent would not have taken the
-- row along (SET NULL, RESTRICT), the row stays with an empty reference and the lost value is kept beside it.
-- Design section 7.  Called by op.add_foreign_key_online.  Tests: tests/ddl/test_quarantine.py
CREATE OR REPLACE FUNCTION kingston.quarantine_orphans(p_table text, p_constraint text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_parent regclass;
    v_validated boolean;
    v_columns text[];
    v_join text;
    v_set text;
    v_given text;
    v_reason text;
    v_condition text;
    v_rows bigint;
BEGIN
    SELECT k.confrelid::regclass, k.convalidated,
           CASE WHEN k.confdeltype IN ('n', 'd') OR (k.confdeltype IN ('r', 'a') AND NOT bool_or(l.attnotnull))
                THEN array_agg(l.attname::text) END,
           string_agg(format('p.%I = t.%I', r.attname, l.attname), ' AND '),
           string_agg(format('%I = NULL', l.attname), ', '),
           string_agg(format('t.%I IS NOT NULL', l.attname), ' AND '),
           string_agg(format('%L || t.%I::text', l.attname || ' ', l.attname), ' || '', '' || ')
      INTO v_parent, v_validated, v_columns, v_join, v_set, v_given, v_reason
      FROM pg_constraint AS k
      CROSS JOIN unnest(k.conkey, k.confkey) AS u (local_column, remote_column)
      JOIN pg_attribute AS l ON l.attrelid = k.conrelid AND l.attnum = u.local_column
      JOIN pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = u.remote_column
     WHERE k.conname = p_constraint AND k.conrelid = to_regclass(quote_ident(p_table)) AND k.contype = 'f'
     GROUP BY k.confrelid, k.confdeltype, k.convalidated;
    IF v_validated THEN
        RETURN 0;
    END IF;
    v_condition := format('%s AND NOT EXISTS (SELECT 1 FROM %s AS p WHERE %s)', v_given, v_parent, v_join);
    v_reason := format('%s || '' is gone from %s''', v_reason, v_parent);
    v_rows := kingston.quarantine_rows(p_table, v_condition, v_reason, v_columns);
    IF v_rows > 0 AND v_columns IS NOT NULL THEN
        EXECUTE format('UPDATE %I AS t SET %s WHERE %s', p_table, v_set, v_condition);
    END IF;
    IF v_rows > 0 THEN
        RAISE NOTICE 'quarantine: % rows of %, whose row in % is gone', v_rows, p_table, v_parent;
    END IF;
    RETURN v_rows;
END
$function$;

-- function kingston.validate_constraint(text, text)
-- VALIDATE CONSTRAINT: the scan runs under SHARE UPDATE EXCLUSIVE, which blocks neither readers nor writers, and so
-- does the wait for it.  Nothing when it is valid already.
-- Called by op.add_check_online, op.add_foreign_key_online and op.set_not_null_online.  Tests: tests/ddl/test_checks.py
CREATE OR REPLACE FUNCTION kingston.validate_constraint(p_table text, p_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
BEGIN
    PERFORM kingston.in_attempts(ARRAY[format('ALTER TABLE %I VALIDATE CONSTRAINT %I', p_table, p_name)],
                                  ARRAY[p_table], 'SHARE UPDATE EXCLUSIVE');
END
$function$;

-- function kingston.add_foreign_key(text, text, text, text)
-- ADD CONSTRAINT … NOT VALID under the lock budget; nothing when the constraint is there already (a repeated upgrade).
-- Called by op.add_foreign_key_online.  Tests: tests/ddl/test_quarantine.py
CREATE OR REPLACE FUNCTION kingston.add_foreign_key(p_table text, p_name text, p_definition text, p_referent text)
RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint AS k
                WHERE k.conrelid = to_regclass(quote_ident(p_table)) AND k.conname = p_name) THEN
        RETURN;
    END IF;
    PERFORM kingston.take_locks(ARRAY[p_table, p_referent], 'SHARE ROW EXCLUSIVE');
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s NOT VALID', p_table, p_name, p_definition);
END
$function$;

-- function kingston.refuse_breaking_rows(text, text, text)
-- Before a CHECK is added: rows that break it are looked for without a lock.  If there are any it refuses with their
-- keys (at most ten); nothing has been changed then (errata E-033, E-058).  Nothing once the CHECK is there.
-- Called by op.add_check_online and op.set_not_null_online.  Tests: tests/ddl/test_checks.py
CREATE OR REPLACE FUNCTION kingston.refuse_breaking_rows(p_table text, p_name text, p_expression text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_key text;
    v_count bigint;
    v_keys text;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conrelid = v_oid AND k.conname = p_name) THEN
        RETURN;
    END IF;
    SELECT string_agg(format('t.%I::text', a.attname), ' || ''/'' || ' ORDER BY u.ord) INTO v_key
      FROM pg_index AS i
      CROSS JOIN unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (attnum, ord)
      JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
     WHERE i.indrelid = v_oid AND i.indisprimary;
    EXECUTE format(
        'SELECT count(*), string_agg(b.key, '', '' ORDER BY b.nr) FILTER (WHERE b.nr <= 10)'
        ' FROM (SELECT %s AS key, row_number() OVER () AS nr FROM %I AS t WHERE NOT (%s)) AS b',
        coalesce(v_key, 't.ctid::text'), p_table, p_expression) INTO v_count, v_keys;
    IF v_count > 0 THEN
        RAISE EXCEPTION '% rows of % break the rule %: %', v_count, p_table, p_name, v_keys
            USING ERRCODE = '23514', CONSTRAINT = p_name, TABLE = p_table,
                  HINT = 'correct these rows, then run the same command again; nothing was changed';
    END IF;
END
$function$;

-- function kingston.add_check(text, text, text)
-- ADD CONSTRAINT … CHECK … NOT VALID under the lock budget; nothing when it is there already (a repeated upgrade).
-- Called by op.add_check_online and op.set_not_null_online.  Tests: tests/ddl/test_checks.py
CREATE OR REPLACE FUNCTION kingston.add_check(p_table text, p_name text, p_expression text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint AS k
                WHERE k.conrelid = to_regclass(quote_ident(p_table)) AND k.conname = p_name) THEN
        RETURN;
    END IF;
    PERFORM kingston.take_locks(ARRAY[p_table]);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (%s) NOT VALID', p_table, p_name, p_expression);
END
$function$;

-- function kingston.our_columns(text, text[])
-- Those of the named columns that are there and were not there before us.  A database that was stamped above legacy
-- has no ledger: its columns count as ours, which is safe because their values are archived before they are dropped.
-- Called by archive_columns and set_default.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.our_columns(p_table text, p_names text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
SELECT coalesce(array_agg(n.name ORDER BY n.ord), '{}')
  FROM unnest(p_names) WITH ORDINALITY AS n (name, ord)
  JOIN pg_attribute AS a ON a.attrelid = to_regclass(quote_ident(p_table)) AND a.attname = n.name AND NOT a.attisdropped
  LEFT JOIN kingston.ledger AS l ON l.table_name = p_table AND l.column_name = n.name AND l.removed_at IS NULL
 WHERE NOT coalesce(l.pre_existing, false)
$function$;

-- function kingston.columns_to_archive(text, text[])
-- Those of the named columns that a rollback of the running revision takes out.  A column without an entry in the
-- ledger was there before us when an unfinished upgrade is being undone (the revision is not the recorded one then);
-- in a portal that was stamped above legacy it is what the revision says.
-- Called by copy_columns and archive_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.columns_to_archive(p_table text, p_names text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
SELECT coalesce(array_agg(o.name ORDER BY o.ord), '{}')
  FROM unnest(kingston.our_columns(p_table, p_names)) WITH ORDINALITY AS o (name, ord)
 WHERE EXISTS (SELECT 1 FROM kingston.ledger AS l
                WHERE l.table_name = p_table AND l.column_name = o.name AND l.removed_at IS NULL)
    OR EXISTS (SELECT 1 FROM alembic_version AS v WHERE v.version_num = current_setting('kingston.revision', true))
$function$;

-- function kingston.only_key(text)
-- The primary key column of a table; refuses a table whose key is not one column.
-- Called by copy_columns, archive_columns and restore_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION kingston.only_key(p_table text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_key text[];
BEGIN
    SELECT array_agg(a.attname) INTO v_key
      FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = to_regclass(quote_ident(p_table)) AND i.indisprimary;
    IF v_key IS NULL OR cardinality(v_key) <> 1 THEN
        RAISE EXCEPTION 'table % has no primary key of one column, by which values of its columns could be kept', p_table
            USING ERRCODE = 'KS003';
    END IF;
    RETURN v_key[1];
END
$function$;

-- function kingston.column_archive(text, text)
-- The name of the archive table that holds values of columns which a revision added to a legacy table.
-- Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.column_archive(p_table text, p_revision text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
SELECT left(p_table || '__' || p_revision, 63)
$function$;

-- function kingston.column_copy(text, text, text)
-- Names in the archive schema while a rollback copies columns: the table that takes the copies (p_what copy) and the one
-- that notes the keys of rows changed meanwhile (changed).
-- Called by copy_columns and what it calls.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION kingston.column_copy(p_table text, p_revision text, p_what text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
SELECT left(p_table || '__' || p_revision, 52) || '__' || p_what
$function$;

-- function kingston.forget_copy(text)
-- An interrupted rollback of the running revision had begun to copy columns of a table: the copies go, the columns stay.
-- Called by add_columns, and by copy_columns when the table was rewritten meanwhile.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION kingston.forget_copy(p_table text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_copy text := kingston.column_copy(p_table, v_revision, 'copy');
BEGIN
    IF to_regclass(format('kingston_archive.%I', v_copy)) IS NULL THEN
        RETURN;
    END IF;
    PERFORM kingston.take_locks(ARRAY[p_table]);
    EXECUTE format('DROP TRIGGER IF EXISTS kingston_copy ON %I', p_table);
    EXECUTE format('DROP TABLE kingston_archive.%I, kingston_archive.%I', v_copy, kingston.column_copy(p_table, v_revision, 'changed'));
    DELETE FROM kingston.backfill_progress AS b WHERE b.step = 'archive ' || p_table;
END
$function$;

-- function kingston.note_changed_row()
-- Trigger while a rollback copies columns: notes the key (argument 2) of each changed row in the table of the archive
-- schema that argument 1 names.  Whoever writes the row needs no rights there.
-- Made by copy_columns, gone with archive_columns or forget_copy.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION kingston.note_changed_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = kingston, pg_temp
AS $function$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format('INSERT INTO kingston_archive.%I SELECT ($1).%I', TG_ARGV[0], TG_ARGV[1]) USING OLD;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format('INSERT INTO kingston_archive.%I SELECT ($1).%I', TG_ARGV[0], TG_ARGV[1]) USING NEW;
    END IF;
    RETURN NULL;
END
$function$;
REVOKE ALL ON FUNCTION kingston.note_changed_row() FROM PUBLIC;

-- function kingston.begin_copy(text, text, text[])
-- What copy_columns needs, in one transaction: the table that takes the copies, with what the archive keeps already; the
-- table of notes; the trigger that writes them; the progress row.  The comment of the first says which file was copied
-- from (after a rewrite of the table its pages are others), and whether the archive holds values that have not come back
-- yet because an upgrade was interrupted.
-- Called by copy_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION kingston.begin_copy(p_table text, p_revision text, p_names text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_key text := kingston.only_key(p_table);
    v_archive text := kingston.column_archive(p_table, p_revision);
    v_copy text := kingston.column_copy(p_table, p_revision, 'copy');
    v_changed text := kingston.column_copy(p_table, p_revision, 'changed');
    v_columns text;
    v_waiting boolean := false;
    v_rows bigint := 0;
BEGIN
    EXECUTE format('CREATE TABLE kingston_archive.%I AS SELECT t.%I, %s, NULL::timestamptz AS quarantined_at, NULL::text AS reason'
                   ' FROM %I AS t WHERE false', v_copy, v_key,
                   (SELECT string_agg(format('t.%I', c.name), ', ') FROM unnest(p_names) AS c (name)), p_table);
    IF to_regclass(format('kingston_archive.%I', v_archive)) IS NOT NULL THEN
        SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ')
          INTO v_columns FROM pg_attribute AS a
         WHERE a.attrelid = to_regclass(format('kingston_archive.%I', v_archive)) AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format('ALTER TABLE kingston_archive.%I %s', v_copy, v_columns);
        EXECUTE format('ALTER TABLE kingston_archive.%I %s', v_archive,
                       (SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname,
                                                 format_type(a.atttypid, a.atttypmod)), ', ')
                          FROM pg_attribute AS a
                         WHERE a.attrelid = to_regclass(quote_ident(p_table)) AND a.attname = ANY (p_names)));
        SELECT string_agg(format('%I', a.attname), ', ') INTO v_columns FROM pg_attribute AS a
         WHERE a.attrelid = to_regclass(format('kingston_archive.%I', v_archive)) AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format('INSERT INTO kingston_archive.%1$I (%2$s) SELECT %2$s FROM kingston_archive.%3$I AS a'
                       ' WHERE a.quarantined_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM %4$I AS t WHERE t.%5$I = a.%5$I)',
                       v_copy, v_columns, v_archive, p_table, v_key);
        EXECUTE format('SELECT count(*), EXISTS (SELECT 1 FROM kingston_archive.%1$I WHERE quarantined_at IS NULL)'
                       ' FROM kingston_archive.%2$I WHERE quarantined_at IS NULL', v_archive, v_copy) INTO v_rows, v_waiting;
    END IF;
    EXECUTE format('COMMENT ON TABLE kingston_archive.%I IS %L', v_copy,
                   'copied from file ' || pg_relation_filenode(to_regclass(quote_ident(p_table)))
                   || CASE WHEN v_waiting THEN ', values in the archive not back yet' ELSE '' END);
    EXECUTE format('CREATE TABLE kingston_archive.%I AS SELECT t.%I FROM %I AS t WHERE false', v_changed, v_key, p_table);
    INSERT INTO kingston.backfill_progress AS b (step, position, done) VALUES ('archive ' || p_table, 0, v_rows)
    ON CONFLICT (step) DO UPDATE SET position = 0, done = EXCLUDED.done, total = NULL, batch = NULL,
        started_at = clock_timestamp(), updated_at = clock_timestamp(), finished_at = NULL;
    PERFORM kingston.take_locks(ARRAY[p_table], 'SHARE ROW EXCLUSIVE');
    EXECUTE format('CREATE OR REPLACE TRIGGER kingston_copy AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW'
                   ' EXECUTE FUNCTION kingston.note_changed_row(%L, %L)', p_table, v_changed, v_key);
    -- Also for sessions with session_replication_role = replica, which ordinary triggers do not see.
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER kingston_copy', p_table);
END
$function$;

-- function kingston.copy_rows(text, text, text[], text, text)
-- Copies of some rows while a rollback copies columns.  p_rows: a condition on the row t.  Rows in which all the columns
-- are NULL have no copy.  Where the archive holds a value that has not come back yet (an upgrade was interrupted), one
-- written since wins and the older is kept in quarantine; a column that is still empty keeps the archived value.
-- p_keys, an array as text: the rows with these keys are copied again, whatever became of them.
-- Returns how many copies there are more than before.
-- Called by copy_columns and copy_changed_rows.  Tests: tests/ddl/test_copy_columns.py, tests/promises/test_conflicts.py
CREATE OR REPLACE FUNCTION kingston.copy_rows(
    p_table text, p_revision text, p_names text[], p_rows text, p_keys text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    c_newer CONSTANT text := 'a newer value was written before this one came back';
    v_key text := kingston.only_key(p_table);
    v_archive text := kingston.column_archive(p_table, p_revision);
    v_copy text := kingston.column_copy(p_table, p_revision, 'copy');
    v_waiting boolean := obj_description(to_regclass(format('kingston_archive.%I', v_copy)), 'pg_class') LIKE '%not back yet';
    v_names text := (SELECT string_agg(format('%I', c.name), ', ') FROM unnest(p_names) AS c (name));
    v_less bigint := 0;
    v_rows bigint;
BEGIN
    IF p_keys IS NOT NULL THEN
        EXECUTE format('DELETE FROM kingston_archive.%1$I AS c WHERE c.%2$I = ANY (%3$L) AND (c.quarantined_at IS NULL'
                       ' OR c.reason = %4$L AND c.quarantined_at >= (SELECT b.started_at FROM kingston.backfill_progress AS b'
                       ' WHERE b.step = %5$L))', v_copy, v_key, p_keys, c_newer, 'archive ' || p_table);
        GET DIAGNOSTICS v_less = ROW_COUNT;
    END IF;
    IF NOT v_waiting THEN
        EXECUTE format('INSERT INTO kingston_archive.%1$I (%2$I, %3$s) SELECT t.%2$I, %4$s FROM %5$I AS t WHERE (%6$s) AND (%7$s)',
                       v_copy, v_key, v_names,
                       (SELECT string_agg(format('t.%I', c.name), ', ') FROM unnest(p_names) AS c (name)), p_table, p_rows,
                       (SELECT string_agg(format('t.%I IS NOT NULL', c.name), ' OR ') FROM unnest(p_names) AS c (name)));
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        RETURN v_rows - v_less;
    END IF;
    EXECUTE format('INSERT INTO kingston_archive.%1$I (%2$I, %3$s) SELECT n.%2$I, %4$s FROM (SELECT * FROM %5$I AS t WHERE %6$s) AS t'
                   ' %7$s JOIN (SELECT * FROM kingston_archive.%8$I WHERE quarantined_at IS NULL %9$s) AS a ON a.%2$I = t.%2$I'
                   ' CROSS JOIN LATERAL (SELECT coalesce(t.%2$I, a.%2$I) AS %2$I) AS n WHERE %10$s', v_copy, v_key, v_names,
                   (SELECT string_agg(format('coalesce(t.%1$I, a.%1$I)', c.name), ', ') FROM unnest(p_names) AS c (name)),
                   p_table, p_rows, CASE WHEN p_keys IS NULL THEN 'LEFT' ELSE 'FULL' END, v_archive,
                   CASE WHEN p_keys IS NULL THEN '' ELSE format('AND %I = ANY (%L)', v_key, p_keys) END,
                   (SELECT string_agg(format('t.%1$I IS NOT NULL OR a.%1$I IS NOT NULL', c.name), ' OR ')
                      FROM unnest(p_names) AS c (name)));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    EXECUTE format('INSERT INTO kingston_archive.%1$I (%2$I, %3$s, quarantined_at, reason)'
                   ' SELECT a.%2$I, %4$s, clock_timestamp(), %5$L FROM %6$I AS t JOIN kingston_archive.%7$I AS a ON a.%2$I = t.%2$I'
                   ' WHERE (%8$s) AND a.quarantined_at IS NULL AND (%9$s)', v_copy, v_key, v_names,
                   (SELECT string_agg(format('a.%I', c.name), ', ') FROM unnest(p_names) AS c (name)), c_newer, p_table,
                   v_archive, p_rows,
                   (SELECT string_agg(format('a.%1$I::text <> t.%1$I::text', c.name), ' OR ') FROM unnest(p_names) AS c (name)));
    RETURN v_rows - v_less;
END
$function$;

-- function kingston.finish_copy(text, text)
-- After the last page was copied: a row that moved meanwhile may have been copied twice; such rows were noted, so their
-- copies go and come again (copy_changed_rows).  Then each key has one copy, and the index that says so is built.
-- Called by copy_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION kingston.finish_copy(p_table text, p_revision text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_key text := kingston.only_key(p_table);
    v_copy text := kingston.column_copy(p_table, p_revision, 'copy');
    v_rows bigint;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indrelid = to_regclass(format('kingston_archive.%I', v_copy))) THEN
        RETURN;
    END IF;
    EXECUTE format('DELETE FROM kingston_archive.%1$I AS c WHERE c.%2$I IN (SELECT n.%2$I FROM kingston_archive.%3$I AS n)'
                   ' AND c.quarantined_at IS NULL', v_copy, v_key, kingston.column_copy(p_table, p_revision, 'changed'));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    EXECUTE format('CREATE UNIQUE INDEX ON kingston_archive.%I (%I) WHERE quarantined_at IS NULL', v_copy, v_key);
    UPDATE kingston.backfill_progress AS b SET done = b.done - v_rows, updated_at = clock_timestamp()
     WHERE b.step = 'archive ' || p_table;
END
$function$;

-- function kingston.copy_changed_rows(text, text, text[], integer)
-- Copies again the rows of up to p_limit notes that the trigger note_changed_row wrote, and counts the copies in the
-- progress row.  Returns how many notes it dealt with.
-- Called by copy_columns, and by archive_columns for the last ones.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION kingston.copy_changed_rows(
    p_table text, p_revision text, p_names text[], p_limit integer
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_key text := kingston.only_key(p_table);
    v_notes bigint;
    v_keys text;
    v_rows bigint;
BEGIN
    EXECUTE format('WITH noted AS (DELETE FROM kingston_archive.%1$I WHERE ctid = ANY (ARRAY('
                   ' SELECT n.ctid FROM kingston_archive.%1$I AS n LIMIT %2$s)) RETURNING %3$I)'
                   ' SELECT count(*), array_agg(DISTINCT %3$I)::text FROM noted',
                   kingston.column_copy(p_table, p_revision, 'changed'), p_limit, v_key) INTO v_notes, v_keys;
    IF v_notes > 0 THEN
        v_rows := kingston.copy_rows(p_table, p_revision, p_names, format('t.%I = ANY (%L)', v_key, v_keys), v_keys);
        UPDATE kingston.backfill_progress AS b SET done = b.done + v_rows, updated_at = clock_timestamp()
         WHERE b.step = 'archive ' || p_table;
    END IF;
    RETURN v_notes;
END
$function$;

-- procedure kingston.copy_columns(text, text[])
-- First part of taking columns out: their values are copied, page by page of the table as it lies, in committed batches
-- of about a quarter of a second, without a lock that anybody waits for.  A trigger notes rows changed meanwhile, and these are copied
-- again until few are left; archive_columns does the last ones under its lock.  Nothing counts as archived before that.
-- Crash: the same CALL goes on behind the last committed batch.  Going up instead forgets the copies (forget_copy).
-- Progress: kingston.backfill_progress, step archive <table>; position is a page.
-- Called by op.copy_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE PROCEDURE kingston.copy_columns(p_table text, p_names text[])
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_few CONSTANT bigint := 100;
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_step text := 'archive ' || p_table;
    v_copy text := format('kingston_archive.%I', kingston.column_copy(p_table, v_revision, 'copy'));
    v_table regclass := format('public.%I', p_table)::regclass;
    v_ours text[] := kingston.columns_to_archive(p_table, p_names);
    v_pages bigint;
    v_page bigint;
    v_range bigint := 500;
    v_rows bigint;
    v_started timestamptz;
    v_ms double precision;
BEGIN
    IF cardinality(v_ours) = 0 THEN
        RETURN;
    END IF;
    IF split_part(obj_description(to_regclass(v_copy), 'pg_class'), ',', 1)
       <> 'copied from file ' || pg_relation_filenode(v_table) THEN
        PERFORM kingston.forget_copy(p_table);
        COMMIT;
    END IF;
    IF to_regclass(v_copy) IS NULL THEN
        PERFORM kingston.begin_copy(p_table, v_revision, v_ours);
        COMMIT;
    END IF;
    SELECT b.position INTO v_page FROM kingston.backfill_progress AS b WHERE b.step = v_step;
    -- Rows that came to lie behind the last page since the trigger stands were noted by it.
    v_pages := pg_relation_size(v_table) / current_setting('block_size')::bigint;
    WHILE v_page < v_pages LOOP
        v_started := clock_timestamp();
        v_rows := kingston.copy_rows(p_table, v_revision, v_ours, format(
            't.ctid >= %L::tid AND t.ctid < %L::tid', format('(%s,0)', v_page), format('(%s,0)', v_page + v_range)));
        v_page := v_page + v_range;
        UPDATE kingston.backfill_progress AS b
           SET position = v_page, done = b.done + v_rows, batch = v_range, updated_at = clock_timestamp()
         WHERE b.step = v_step;
        COMMIT;
        v_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
        v_range := CASE WHEN v_ms < 125 THEN v_range * 2 WHEN v_ms > 500 THEN greatest(10, v_range / 2) ELSE v_range END;
    END LOOP;
    PERFORM kingston.finish_copy(p_table, v_revision);
    COMMIT;
    FOR v_round IN 1 .. 100 LOOP
        v_rows := kingston.copy_changed_rows(p_table, v_revision, v_ours, 2000);
        COMMIT;
        EXIT WHEN v_rows < c_few;
    END LOOP;
END
$procedure$;

-- function kingston.archive_columns(text, text[])
-- Second part of taking columns out, milliseconds under the lock: the last changed rows are copied again, the copies
-- become "kingston_archive.<table>__<revision>" (primary key, values, quarantined_at, reason), and the columns are dropped.
-- Refuses where copy_columns has not run.  Repeatable.  Called by op.archive_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.archive_columns(p_table text, p_names text[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_archive text := kingston.column_archive(p_table, v_revision);
    v_copy text := kingston.column_copy(p_table, v_revision, 'copy');
    v_ours text[] := kingston.columns_to_archive(p_table, p_names);
    v_rows bigint := 0;
BEGIN
    IF cardinality(v_ours) > 0 THEN
        PERFORM kingston.take_locks(ARRAY[p_table]);
        IF to_regclass(format('kingston_archive.%I', v_copy)) IS NULL THEN
            RAISE EXCEPTION 'the values of % in % were not copied', array_to_string(v_ours, ', '), p_table
                USING ERRCODE = 'KS003', HINT = 'op.copy_columns comes before op.archive_columns';
        ELSIF split_part(obj_description(to_regclass(format('kingston_archive.%I', v_copy)), 'pg_class'), ',', 1)
              <> 'copied from file ' || pg_relation_filenode(to_regclass(quote_ident(p_table))) THEN
            RAISE EXCEPTION 'table % was rewritten while its columns were copied', p_table
                USING ERRCODE = 'KS004', HINT = 'run the same command again; it copies anew';
        END IF;
        PERFORM kingston.copy_changed_rows(p_table, v_revision, v_ours, 2147483647);
        EXECUTE format('DROP TRIGGER kingston_copy ON %I', p_table);
        EXECUTE format('ALTER TABLE %I %s', p_table,
                       (SELECT string_agg(format('DROP COLUMN %I', c.name), ', ') FROM unnest(v_ours) AS c (name)));
        EXECUTE format('DROP TABLE kingston_archive.%I', kingston.column_copy(p_table, v_revision, 'changed'));
        EXECUTE format('DROP TABLE IF EXISTS kingston_archive.%I', v_archive);
        EXECUTE format('ALTER TABLE kingston_archive.%I RENAME TO %I', v_copy, v_archive);
        EXECUTE format('COMMENT ON TABLE kingston_archive.%I IS %L', v_archive, 'Values of columns that ' || v_revision
                       || ' added to ' || p_table || ', by primary key');
        UPDATE kingston.backfill_progress AS b SET finished_at = clock_timestamp(), updated_at = clock_timestamp()
         WHERE b.step = 'archive ' || p_table
        RETURNING b.done INTO v_rows;
        PERFORM kingston.log_movement('archived', p_table, v_archive, v_ours, v_rows);
    END IF;
    UPDATE kingston.ledger AS l SET removed_at = clock_timestamp()
     WHERE l.table_name = p_table AND l.column_name = ANY (p_names) AND l.removed_at IS NULL;
    RETURN v_rows;
END
$function$;

-- function kingston.add_columns(text, text[], text[], text[])
-- One ALTER TABLE with all the columns that are missing, under the lock budget; the ledger records each column as
-- added or pre-existing.  What an interrupted rollback had begun to copy is forgotten.  Repeatable.
-- Called by op.add_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.add_columns(
    p_table text, p_names text[], p_definitions text[], p_comments text[]
) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_adds text;
    v_column record;
BEGIN
    PERFORM kingston.forget_copy(p_table);
    INSERT INTO kingston.ledger (revision, table_name, column_name, column_type, pre_existing)
    SELECT v_revision, p_table, n.name, coalesce(format_type(a.atttypid, a.atttypmod), n.definition), a.attname IS NOT NULL
      FROM unnest(p_names, p_definitions) AS n (name, definition)
      LEFT JOIN pg_attribute AS a ON a.attrelid = v_oid AND a.attname = n.name AND NOT a.attisdropped
    ON CONFLICT (table_name, column_name) WHERE removed_at IS NULL DO NOTHING;
    SELECT string_agg('ADD COLUMN ' || n.definition, ', ' ORDER BY n.ord) INTO v_adds
      FROM unnest(p_names, p_definitions) WITH ORDINALITY AS n (name, definition, ord)
     WHERE NOT EXISTS (SELECT 1 FROM pg_attribute AS a
                        WHERE a.attrelid = v_oid AND a.attname = n.name AND NOT a.attisdropped);
    IF v_adds IS NULL THEN
        RETURN;
    END IF;
    PERFORM kingston.take_locks(ARRAY[p_table]);
    EXECUTE format('ALTER TABLE %I %s', p_table, v_adds);
    FOR v_column IN
        SELECT n.name, n.comment FROM unnest(p_names, p_comments) AS n (name, comment)
          JOIN kingston.ledger AS l ON l.table_name = p_table AND l.column_name = n.name AND l.removed_at IS NULL
         WHERE n.comment <> '' AND NOT l.pre_existing
    LOOP
        EXECUTE format('COMMENT ON COLUMN %I.%I IS %L', p_table, v_column.name, v_column.comment);
    END LOOP;
END
$function$;

-- function kingston.set_default(text, text, text)
-- SET DEFAULT on a column of ours; a pre-existing column keeps its own.  Called by op.set_default.
-- Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.set_default(p_table text, p_column text, p_expression text) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
BEGIN
    IF cardinality(kingston.our_columns(p_table, ARRAY[p_column])) = 0 THEN
        RETURN;
    END IF;
    PERFORM kingston.take_locks(ARRAY[p_table]);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %s', p_table, p_column, p_expression);
END
$function$;

-- procedure kingston.restore_columns(text, text[])
-- Put archived values back into the rows that are still there, in committed batches of about 25 ms: first page by page of
-- the table as it lies, so that rows keep the order in which they are read without ORDER BY as far as an update can keep
-- it; then, by key, rows that were held or moved meanwhile.  A value that was written meanwhile (a column somebody added
-- below under that name) stays: the latest write wins.  What could not go back, because of that or because its row was
-- deleted, stays in the archive, marked with the reason.
-- Resumes after a crash: what is restored has left the archive in the same transaction.
-- Progress: kingston.backfill_progress, step restore <table>.
-- Called by op.restore_columns.  Tests: tests/ddl/test_columns.py, tests/promises/test_conflicts.py
CREATE OR REPLACE PROCEDURE kingston.restore_columns(p_table text, p_names text[])
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_cap CONSTANT interval := interval '60 seconds';
    v_archive text := kingston.column_archive(p_table, current_setting('kingston.revision', true));
    v_step text := 'restore ' || p_table;
    v_table regclass := format('public.%I', p_table)::regclass;
    v_key text;
    v_set text;
    v_taken text;
    v_statement text;
    v_pages bigint;
    v_page bigint := 0;
    v_range integer := 10;
    v_keys text;
    v_last text;
    v_gone bigint;
    v_settled record;
    v_total bigint;
    v_back bigint := 0;
    v_kept bigint := 0;
    v_pending boolean;
    v_started timestamptz;
    v_progress timestamptz := clock_timestamp();
    v_ms double precision;
BEGIN
    IF to_regclass(format('kingston_archive.%I', v_archive)) IS NULL THEN
        RETURN;
    END IF;
    v_key := kingston.only_key(p_table);
    -- A column of another type (somebody's own, made below) takes nothing back.
    SELECT coalesce(string_agg(format('%1$I = coalesce(t.%1$I, a.%1$I)', n.name), ', ') FILTER (WHERE n.fits),
                    format('%1$I = t.%1$I', v_key)),
           string_agg(format(CASE WHEN n.fits THEN 'CASE WHEN a.%1$I::text <> t.%1$I::text THEN %2$L END'
                                  ELSE 'CASE WHEN a.%1$I IS NOT NULL THEN %2$L END' END, n.name,
                             n.name || CASE WHEN n.fits THEN '' ELSE ' (' || n.type || ' now)' END), ', ')
      INTO v_set, v_taken
      FROM (SELECT n.name, format_type(o.atttypid, o.atttypmod) AS type,
                   o.atttypid = c.atttypid AND o.atttypmod IN (-1, c.atttypmod) AS fits
              FROM unnest(p_names) AS n (name)
              JOIN pg_attribute AS c ON c.attrelid = format('kingston_archive.%I', v_archive)::regclass AND c.attname = n.name
               AND NOT c.attisdropped
              JOIN pg_attribute AS o ON o.attrelid = v_table AND o.attname = n.name AND NOT o.attisdropped) AS n;
    -- Whether a value was taken is judged by the row as it was written, not as it was read.
    v_statement := format(
        'WITH written AS (UPDATE %1$s AS t SET %2$s FROM kingston_archive.%3$I AS a'
        '  WHERE t.%4$I = a.%4$I AND a.quarantined_at IS NULL AND (%%s)'
        '  RETURNING t.%4$I AS key, concat_ws('', '', %5$s) AS taken),'
        ' kept AS (UPDATE kingston_archive.%3$I AS a SET quarantined_at = clock_timestamp(),'
        '  reason = ''a newer value stands in '' || w.taken FROM written AS w'
        '  WHERE w.taken <> '''' AND a.%4$I = w.key AND a.quarantined_at IS NULL),'
        ' back AS (DELETE FROM kingston_archive.%3$I AS a USING written AS w'
        '  WHERE w.taken = '''' AND a.%4$I = w.key AND a.quarantined_at IS NULL)'
        ' SELECT count(*) FILTER (WHERE w.taken = '''') AS back, count(*) FILTER (WHERE w.taken <> '''') AS kept'
        ' FROM written AS w', v_table, v_set, v_archive, v_key, v_taken);
    EXECUTE format('SELECT count(*) FROM kingston_archive.%I WHERE quarantined_at IS NULL', v_archive) INTO v_total;
    INSERT INTO kingston.backfill_progress AS b (step, total) VALUES (v_step, v_total)
    ON CONFLICT (step) DO UPDATE SET done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;
    EXECUTE format('ANALYZE kingston_archive.%I', v_archive);
    IF v_total > 0 THEN
        v_pages := pg_relation_size(v_table) / current_setting('block_size')::bigint;
    END IF;
    COMMIT;

    WHILE v_page < v_pages LOOP
        v_started := clock_timestamp();
        -- A few rows here, any number in the archive: anything but a look at its index would be a scan per batch.
        PERFORM set_config('lock_timeout', '50ms', true), set_config('jit', 'off', true),
                set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);
        BEGIN
            EXECUTE format(v_statement, format('t.ctid >= %L::tid AND t.ctid < %L::tid', format('(%s,0)', v_page),
                                               format('(%s,0)', least(v_pages, v_page + v_range)))) INTO v_settled;
            v_back := v_back + v_settled.back;
            v_kept := v_kept + v_settled.kept;
        EXCEPTION WHEN lock_not_available THEN
            NULL;  -- somebody holds one of these rows: by key, below
        END;
        UPDATE kingston.backfill_progress AS b
           SET position = v_page, done = v_back, batch = v_range, updated_at = clock_timestamp() WHERE b.step = v_step;
        COMMIT;
        v_page := v_page + v_range;
        v_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
        v_range := CASE WHEN v_ms < 15 THEN least(200, v_range * 3 / 2 + 1) WHEN v_ms > 35 THEN greatest(4, v_range * 2 / 3)
                        ELSE v_range END;
    END LOOP;

    LOOP
        v_last := NULL;
        LOOP
            EXECUTE format('SELECT array_agg(n.key)::text, max(n.key)::text FROM (SELECT a.%1$I AS key FROM kingston_archive.%2$I AS a'
                           ' WHERE a.quarantined_at IS NULL %3$s ORDER BY a.%1$I LIMIT 500) AS n', v_key, v_archive,
                           CASE WHEN v_last IS NULL THEN '' ELSE format('AND a.%I > %L', v_key, v_last) END)
               INTO v_keys, v_last;
            EXIT WHEN v_keys IS NULL;
            EXECUTE format('UPDATE kingston_archive.%1$I AS a SET quarantined_at = clock_timestamp(), reason = %2$L'
                           ' WHERE a.%3$I = ANY (%4$L) AND a.quarantined_at IS NULL'
                           ' AND NOT EXISTS (SELECT 1 FROM %5$s AS t WHERE t.%3$I = a.%3$I)', v_archive,
                           'the row was deleted from ' || p_table || ' below', v_key, v_keys, v_table);
            GET DIAGNOSTICS v_gone = ROW_COUNT;
            EXECUTE format('SELECT array_agg(n.key)::text FROM (SELECT t.%1$I AS key FROM %2$s AS t'
                           ' WHERE t.%1$I = ANY (%3$L) FOR NO KEY UPDATE SKIP LOCKED) AS n', v_key, v_table, v_keys)
               INTO v_keys;
            EXECUTE format(v_statement, format('t.%I = ANY (%L)', v_key, coalesce(v_keys, '{}'))) INTO v_settled;
            v_back := v_back + v_settled.back;
            v_kept := v_kept + v_gone + v_settled.kept;
            UPDATE kingston.backfill_progress AS b SET done = v_back, updated_at = clock_timestamp() WHERE b.step = v_step;
            COMMIT;
            IF v_gone + v_settled.back + v_settled.kept > 0 THEN
                v_progress := clock_timestamp();
            END IF;
        END LOOP;
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM kingston_archive.%I WHERE quarantined_at IS NULL)', v_archive) INTO v_pending;
        EXIT WHEN NOT v_pending;
        IF clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION 'rows of % with archived values have been held by other transactions for %', p_table, c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;

    UPDATE kingston.backfill_progress AS b SET finished_at = clock_timestamp() WHERE b.step = v_step;
    PERFORM kingston.log_movement('restored', p_table, v_archive, p_names, v_back);
    IF v_kept > 0 THEN
        PERFORM kingston.log_movement('quarantined', p_table, v_archive, p_names, v_kept,
                                       'the row was deleted below, or a newer value stands in it');
    END IF;
    COMMIT;
END
$procedure$;

-- function kingston.fresh_statistics(text, text[])
-- Look at what a data movement has just written, before anything is planned with what the table was like: until autovacuum
-- comes by, a column that was filled after it was added counts as all NULL, and a query over it as one over no rows.  (A
-- check of the gate of phase 6 then took minutes instead of milliseconds.)
-- p_columns: those to look at, empty for all.  Whoever holds the table against it for more than 1.5 seconds is let be:
-- most often that is autovacuum at the same work.
-- Called by fill_ownership, fill_summaries.  Tests: tests/ddl/test_fresh_statistics.py
CREATE OR REPLACE FUNCTION kingston.fresh_statistics(p_table text, p_columns text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_before CONSTANT text := current_setting('lock_timeout');
BEGIN
    BEGIN
        PERFORM set_config('lock_timeout', '1500ms', true);
        EXECUTE format('ANALYZE %I', p_table)
                || CASE WHEN p_columns = '{}' THEN ''
                        ELSE (SELECT format('(%s)', string_agg(quote_ident(c.name), ', ')) FROM unnest(p_columns) AS c (name)) END;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        NULL;
    END;
    PERFORM set_config('lock_timeout', v_before, true);
END
$function$;

-- function kingston.event_hash(kingston.event_log)
-- SHA-256, in hexadecimal, of the canonical text of an event: a JSON array of all its fields, the hash of the event before
-- it first.  Times are written in UTC to the microsecond, so that no setting of a session changes the text.
-- Called by log_event and kingston history --verify.  Tests: tests/ddl/test_event_log.py
CREATE OR REPLACE FUNCTION kingston.event_hash(e kingston.event_log) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
SELECT encode(sha256(convert_to(jsonb_build_array(
    e.previous, e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.run_id, e.stage, e.event, e.subject,
    e.revision, e.outcome, e.seconds::text, e.rows_moved, e.detail, e.files, e.role, e.os_user, e.actor, e.host, e.address,
    e.application, e.pid, e.version, e.backend, to_char(e.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
)::text, 'UTF8')), 'hex')
$function$;

-- function kingston.log_event(uuid, text, text, text, jsonb)
-- Appends one event and returns its hash.  p_fields: outcome, seconds, rows, detail, files, revision, os_user, actor,
-- host, pid, version; the database adds the number, the time, the role, the address, the application and the session.
-- Without a revision: the one that is recorded.  Writers wait for each other, so that the chain has no fork; to be called
-- outside of a transaction that lasts.
-- Called by the runner on its second connection, and by commands on a connection of their own.
-- Tests: tests/ddl/test_event_log.py
CREATE OR REPLACE FUNCTION kingston.log_event(
    p_run uuid, p_stage text, p_event text, p_subject text DEFAULT NULL, p_fields jsonb DEFAULT '{}'
) RETURNS text
LANGUAGE plpgsql
SET search_path = kingston, pg_temp
AS $function$
DECLARE
    e event_log%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('event_log of public', 19732));
    SELECT l.id, l.hash INTO e.id, e.previous FROM event_log AS l ORDER BY l.id DESC LIMIT 1;
    e.id := coalesce(e.id, 0) + 1;
    e.previous := coalesce(e.previous, repeat('0', 64));
    e.at := clock_timestamp();
    e.run_id := p_run;
    e.stage := p_stage;
    e.event := p_event;
    e.subject := p_subject;
    e.revision := p_fields ->> 'revision';
    IF e.revision IS NULL AND to_regclass('public.alembic_version') IS NOT NULL THEN
        SELECT string_agg(v.version_num, ', ' ORDER BY v.version_num) INTO e.revision FROM public.alembic_version AS v;
    END IF;
    e.outcome := p_fields ->> 'outcome';
    e.seconds := round((p_fields ->> 'seconds')::numeric, 3);
    e.rows_moved := (p_fields ->> 'rows')::bigint;
    e.detail := left(p_fields ->> 'detail', 4000);
    e.files := nullif(p_fields -> 'files', 'null');
    e.role := session_user;
    e.os_user := p_fields ->> 'os_user';
    e.actor := nullif(p_fields ->> 'actor', '');
    e.host := p_fields ->> 'host';
    e.address := host(inet_client_addr());
    e.application := current_setting('application_name');
    e.pid := (p_fields ->> 'pid')::integer;
    e.version := p_fields ->> 'version';
    e.backend := pg_backend_pid();
    e.backend_start := (SELECT a.backend_start FROM pg_stat_get_activity(pg_backend_pid()) AS a);
    e.hash := event_hash(e);
    INSERT INTO event_log VALUES (e.*);
    RETURN e.hash;
END
$function$;

-- function kingston.role_matrix()
-- What each of the four roles may do, and nothing else does: one row per role, privileges and objects; columns where
-- not the whole table is meant.  Objects that do not exist yet, or not any more, are passed over (role_rights).
-- kind table: also views; sequence: those of the tables named; control: tables of the control schema, * for all.
--   portal_app       what the application needs; history, audit logs and summaries are written by triggers and by
--                    refresh functions for it; the ledger of decrypts takes lines and tells it how many, by whom and when
--   portal_readonly  reports: no password, session, secret, ciphertext, history; of telephone numbers the mask, where
--                    they are encrypted; of information items everything but the document, which may be about health
--   portal_auditor   what audit and history commands read: the records, and the tables that the records are about
--   portal_migrator  what a run of the migration needs beside being (a member of) the owner of the portal's tables
-- docs/reference/roles.md shows it; ADR 0009 says why.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.role_matrix()
RETURNS TABLE (role_name text, kind text, privileges text[], names text[], columns text[])
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $function$
SELECT m.role_name, m.kind, string_to_array(m.privileges, ' '), regexp_split_to_array(btrim(m.names, E' \n'), '\s+'),
       regexp_split_to_array(btrim(m.columns, E' \n'), '\s+')
FROM (VALUES
    ('portal_app', 'schema', 'USAGE', 'application', NULL),
    ('portal_app', 'table', 'SELECT INSERT UPDATE DELETE', '
        authentication available_funds available_portfolio_funds available_portfolios available_providers
        client_group_product_owners client_groups client_products holding_activity_log portfolio_fund_irr_values
        portfolio_fund_valuations portfolio_funds portfolio_irr_values portfolio_valuations portfolios
        product_owner_products product_owners profiles provider_switch_log session template_portfolio_generations
        user_page_presence', NULL),
    ('portal_app', 'sequence', 'USAGE SELECT UPDATE', '
        authentication available_funds available_portfolio_funds available_portfolios available_providers
        client_group_product_owners client_groups client_products holding_activity_log portfolio_fund_irr_values
        portfolio_fund_valuations portfolio_funds portfolio_irr_values portfolio_valuations portfolios
        product_owner_products product_owners profiles provider_switch_log session template_portfolio_generations
        user_page_presence', NULL),
    ('portal_app', 'table', 'SELECT', '
        advisor_client_summary analytics_dashboard_summary client_group_complete_data client_groups_summary
        company_irr_cache company_revenue_analytics complete_fund_data fund_activity_summary fund_distribution_fast
        fund_historical_irr latest_portfolio_fund_irr_values latest_portfolio_fund_valuations
        latest_portfolio_irr_values latest_portfolio_valuations portfolio_historical_irr portfolio_performance_history
        product_owner_details product_value_irr_summary products_display_view products_list_view
        provider_distribution_fast provider_revenue_breakdown revenue_analytics_optimized
        template_generation_weighted_risk', NULL),
    ('portal_app', 'table', 'SELECT INSERT UPDATE DELETE', '
        asset_liquidity_config client_actions client_group_secrets client_information_items
        client_liquidity_customization client_objectives client_unmanaged_products global_action_states global_actions
        product_owner_phones product_type_liquidity', NULL),
    ('portal_app', 'table', 'SELECT INSERT', 'networth_statements', NULL),
    ('portal_app', 'sequence', 'USAGE SELECT', '
        asset_liquidity_config client_actions client_information_items client_liquidity_customization client_objectives
        client_unmanaged_products global_action_states global_actions networth_statements product_owner_phones', NULL),
    ('portal_app', 'table', 'SELECT', '
        client_complete_summary client_dense_summary client_dense_summary_source client_group_last_change
        client_groups_secure client_ownership_summary encryption_keys global_action_status migration_control
        networth_parts ownership_link_findings ownership_review product_owner_phone_rejects product_owner_phones_secure
        product_ownership summary_refresh_log', NULL),
    ('portal_app', 'table', 'UPDATE', 'product_owner_phone_rejects', 'resolved_at resolved_by resolution'),
    ('portal_app', 'table', 'SELECT', 'row_history', 'table_name row_id client_group_id occurred_at'),
    ('portal_app', 'table', 'INSERT', 'encryption_audit_log', '
        table_name record_id field_name operation accessed_by client_ip user_agent purpose correlation_id key_version
        outcome'),
    ('portal_app', 'table', 'SELECT', 'encryption_audit_log', 'accessed_by operation access_time'),
    ('portal_app', 'function', 'EXECUTE', '
        calculate_adhoc_portfolio_valuation feature_enabled get_asset_liquidity_rank get_client_dense_page
        global_search_entities last_change make_networth_statement networth_by_liquidity refresh_client_complete_summary
        refresh_client_ownership_summary refresh_dense_data_views refresh_dirty_summaries set_global_action_status',
        NULL),
    ('portal_readonly', 'schema', 'USAGE', 'application', NULL),
    ('portal_readonly', 'table', 'SELECT', '
        available_funds available_portfolio_funds available_portfolios available_providers client_group_product_owners
        client_groups client_products holding_activity_log portfolio_fund_irr_values portfolio_fund_valuations
        portfolio_funds portfolio_irr_values portfolio_valuations portfolios product_owner_products profiles
        provider_switch_log template_portfolio_generations user_page_presence', NULL),
    ('portal_readonly', 'table', 'SELECT', 'product_owners', '
        id created_at status firstname surname known_as next_meeting_date date_signed_tc last_fee_agreement_date
        inception_date updated_at updated_by'),
    ('portal_readonly', 'table', 'SELECT', '
        advisor_client_summary analytics_dashboard_summary client_group_complete_data client_groups_summary
        company_irr_cache company_revenue_analytics complete_fund_data fund_activity_summary fund_distribution_fast
        fund_historical_irr latest_portfolio_fund_irr_values latest_portfolio_fund_valuations
        latest_portfolio_irr_values latest_portfolio_valuations portfolio_historical_irr portfolio_performance_history
        product_owner_details product_value_irr_summary products_display_view products_list_view
        provider_distribution_fast provider_revenue_breakdown revenue_analytics_optimized
        template_generation_weighted_risk', NULL),
    ('portal_readonly', 'table', 'SELECT', '
        asset_liquidity_config client_actions client_complete_summary client_dense_summary client_dense_summary_source
        client_liquidity_customization client_objectives client_ownership_summary client_unmanaged_products
        global_action_states global_action_status global_actions migration_control networth_parts networth_statements
        ownership_link_findings ownership_review product_ownership product_type_liquidity summary_refresh_log', NULL),
    ('portal_readonly', 'table', 'SELECT', 'client_information_items', '
        id client_group_id item_type item_category created_at updated_at last_edited_by version'),
    ('portal_readonly', 'table', 'SELECT', 'product_owner_phones', '
        id product_owner_id phone_type phone_number label is_primary created_at updated_at updated_by extension
        source_column'),
    ('portal_readonly', 'function', 'EXECUTE', '
        calculate_adhoc_portfolio_valuation feature_enabled get_asset_liquidity_rank get_client_dense_page
        global_search_entities networth_by_liquidity', NULL),
    ('portal_auditor', 'schema', 'USAGE', 'application control', NULL),
    ('portal_auditor', 'table', 'SELECT', '
        alembic_version encryption_audit_log encryption_keys migration_benchmarks migration_control migration_log
        ownership_audit_log product_owners_audit_log rollback_checkpoints row_history', NULL),
    ('portal_auditor', 'table', 'SELECT', '
        asset_liquidity_config client_actions client_group_product_owners client_group_secrets client_groups
        client_information_items client_liquidity_customization client_objectives client_products
        client_unmanaged_products global_action_states global_actions networth_statements product_owner_phones
        product_owner_products product_owners product_type_liquidity', NULL),
    ('portal_auditor', 'control', 'SELECT', '
        archive_entry event_log gate_result given_rights journal ledger portal row_history_seal', NULL),
    ('portal_migrator', 'schema', 'USAGE CREATE', 'application control archive', NULL),
    ('portal_migrator', 'table', 'SELECT INSERT UPDATE DELETE', 'alembic_version', NULL),
    ('portal_migrator', 'control', 'SELECT INSERT UPDATE DELETE', '*', NULL)
) AS m (role_name, kind, privileges, names, columns)
$function$;

-- function kingston.role_rights()
-- The matrix of roles (role_matrix) for the objects that exist now, right by right, and whether the role has it: by a
-- grant, as everybody has it, or as the owner.  withdrawn: taken away by a rollback of level 2, until that is undone.
-- name as the matrix has it (of a sequence its table), object as SQL has it.
-- Called by grant_roles, role_problems.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.role_rights()
RETURNS TABLE (role_name text, kind text, name text, object text, column_name text, privilege text, owner oid, held boolean,
               withdrawn boolean)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
WITH wanted AS (
    SELECT m.role_name, (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = m.role_name) AS role_oid, m.kind, m.columns,
           m.privileges, n.name
    FROM kingston.role_matrix() AS m CROSS JOIN LATERAL unnest(m.names) AS n (name)
), found AS (
    SELECT w.*, 'table' AS what, c.oid, c.oid::regclass::text AS object, c.relname::text AS plain, c.relowner AS owner,
           coalesce(c.relacl, acldefault('r', c.relowner)) AS acl
    FROM wanted AS w
    JOIN pg_class AS c ON c.relkind IN ('r', 'p', 'v', 'm')
     AND (w.kind = 'table' AND c.relnamespace = 'public'::regnamespace AND c.relname = w.name
          OR w.kind = 'control' AND c.relnamespace = 'kingston'::regnamespace AND w.name IN (c.relname, '*'))
    UNION ALL
    SELECT w.*, 'sequence', s.oid, s.oid::regclass::text, s.relname::text, s.relowner,
           coalesce(s.relacl, acldefault('s', s.relowner))
    FROM wanted AS w
    JOIN pg_class AS c ON c.relnamespace = 'public'::regnamespace AND c.relname = w.name
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.deptype IN ('a', 'i')
     AND d.classid = 'pg_class'::regclass
    JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
    WHERE w.kind = 'sequence'
    UNION ALL
    SELECT w.*, 'function', p.oid, p.oid::regprocedure::text, p.proname::text, p.proowner,
           coalesce(p.proacl, acldefault('f', p.proowner))
    FROM wanted AS w
    JOIN pg_proc AS p ON p.pronamespace = 'public'::regnamespace AND p.proname = w.name
    WHERE w.kind = 'function'
    UNION ALL
    SELECT w.*, 'schema', n.oid, n.oid::regnamespace::text, n.nspname::text, n.nspowner,
           coalesce(n.nspacl, acldefault('n', n.nspowner))
    FROM wanted AS w
    JOIN pg_namespace AS n ON n.oid = CASE w.name WHEN 'application' THEN 'public'::regnamespace
                                                  WHEN 'control' THEN 'kingston'::regnamespace
                                                  WHEN 'archive' THEN 'kingston_archive'::regnamespace END
    WHERE w.kind = 'schema'
)
SELECT f.role_name, f.what, CASE f.name WHEN '*' THEN f.plain ELSE f.name END, f.object, coalesce(a.attname::text, ''), p.privilege, f.owner,
       coalesce(f.role_oid = f.owner
                OR EXISTS (SELECT 1 FROM aclexplode(f.acl) AS x WHERE x.grantee IN (0, f.role_oid) AND x.privilege_type = p.privilege)
                OR EXISTS (SELECT 1 FROM aclexplode(a.attacl) AS x WHERE x.grantee IN (0, f.role_oid) AND x.privilege_type = p.privilege),
                false),
       EXISTS (SELECT 1 FROM kingston.kept_grants AS k
                WHERE k.kind = 'withdrawn' AND f.what IN ('table', 'sequence') AND k.identity = f.plain || ' ' || quote_ident(f.role_name))
FROM found AS f
CROSS JOIN LATERAL unnest(f.privileges) AS p (privilege)
LEFT JOIN pg_attribute AS a ON a.attrelid = f.oid AND f.what = 'table' AND a.attname = ANY (f.columns) AND NOT a.attisdropped
WHERE f.columns IS NULL OR a.attname IS NOT NULL
$function$;

-- function kingston.role_statement(text, text, text, text, text[])
-- GRANT or REVOKE of p_privileges ("SELECT", "UPDATE (notes)") on one object for a role, as SQL.
-- Called by grant_roles, take_back_rights, role_problems.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.role_statement(
    p_verb text, p_role text, p_kind text, p_object text, p_privileges text[]
) RETURNS text
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
SELECT format('%s %s ON %s %s %s %I', p_verb, array_to_string(p_privileges, ', '), upper(p_kind),
              p_object, CASE p_verb WHEN 'GRANT' THEN 'TO' ELSE 'FROM' END, p_role)
$function$;

-- function kingston.role_problems()
-- What is wrong with the four roles: kind missing (there is no such role), strong (it may do what no role of ours may),
-- right (it lacks one; one row per object).  remedy is the exact statement for somebody who may say it.
-- Called by make_roles, kingston check and kingston doctor.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.role_problems()
RETURNS TABLE (role_name text, kind text, object text, problem text, remedy text)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
WITH ours AS (
    SELECT m.role_name, r.* FROM (SELECT DISTINCT x.role_name FROM kingston.role_matrix() AS x) AS m
    LEFT JOIN pg_roles AS r ON r.rolname = m.role_name
)
SELECT o.role_name, 'missing', '', format('role %s is missing', o.role_name), format('CREATE ROLE %s', o.role_name)
FROM ours AS o WHERE o.oid IS NULL
UNION ALL
SELECT o.role_name, 'strong', '', format('role %s has %s', o.role_name, string_agg(a.name, ', ' ORDER BY a.place)),
       format('ALTER ROLE %s %s', o.role_name, string_agg('NO' || a.name, ' ' ORDER BY a.place))
FROM ours AS o
CROSS JOIN LATERAL (VALUES (1, 'SUPERUSER', o.rolsuper), (2, 'CREATEDB', o.rolcreatedb), (3, 'CREATEROLE', o.rolcreaterole),
                           (4, 'REPLICATION', o.rolreplication), (5, 'BYPASSRLS', o.rolbypassrls)) AS a (place, name, has)
WHERE a.has GROUP BY o.role_name
UNION ALL
SELECT o.role_name, 'strong', s.rolname::text, format('role %s is a member of %s, a superuser', o.role_name, s.rolname),
       format('REVOKE %I FROM %s', s.rolname, o.role_name)
FROM ours AS o JOIN pg_roles AS s ON s.rolsuper AND NOT o.rolsuper AND pg_has_role(o.oid, s.oid, 'MEMBER')
UNION ALL
SELECT r.role_name, 'right', r.object,
       format('role %s lacks %s on %s %s', r.role_name, string_agg(DISTINCT r.privilege, ', '), r.kind, r.object),
       kingston.role_statement('GRANT', r.role_name, r.kind, r.object,
                                array_agg(r.privilege || CASE WHEN r.column_name <> '' THEN format(' (%I)', r.column_name) ELSE '' END
                                          ORDER BY r.privilege, r.column_name))
FROM kingston.role_rights() AS r JOIN ours AS o ON o.role_name = r.role_name AND o.oid IS NOT NULL
WHERE NOT r.held AND NOT r.withdrawn GROUP BY r.role_name, r.kind, r.object
$function$;

-- function kingston.grant_roles(text[])
-- Give the four roles what they lack of the matrix on the objects that exist now, and remember it (given_rights).
-- p_names: tables with their sequences, views, functions, or table.column; NULL for all.  A revision names what it made:
-- only then does its downgrade, which takes these out, leave the rights below as they were.
-- A role that does not exist, and an object whose owner we are not, is passed over: role_problems names it.  Repeatable.
-- Readers and writers are not waited for and do not wait: a grant takes the lock of a reader.
-- Called by op.grant_roles, make_roles and kingston doctor.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.grant_roles(p_names text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_grant record;
BEGIN
    FOR v_grant IN
        WITH lacking AS (
            SELECT r.* FROM kingston.role_rights() AS r
             WHERE (p_names IS NULL OR r.name = ANY (p_names) OR r.name || '.' || r.column_name = ANY (p_names))
               AND NOT r.held AND NOT r.withdrawn AND pg_has_role(r.owner, 'USAGE')
               AND EXISTS (SELECT 1 FROM pg_roles AS o WHERE o.rolname = r.role_name)
        ), noted AS (
            INSERT INTO kingston.given_rights (role_name, kind, object, column_name, privilege)
            SELECT l.role_name, l.kind, l.object, l.column_name, l.privilege FROM lacking AS l
            ON CONFLICT DO NOTHING
        )
        SELECT kingston.role_statement('GRANT', l.role_name, l.kind, l.object,
                   array_agg(l.privilege || CASE WHEN l.column_name <> '' THEN format(' (%I)', l.column_name) ELSE '' END)) AS statement
          FROM lacking AS l GROUP BY l.role_name, l.kind, l.object ORDER BY l.kind, l.object, l.role_name
    LOOP
        EXECUTE v_grant.statement;
    END LOOP;
END
$function$;

-- function kingston.join_owner()
-- Whoever migrates must own the portal's tables: make portal_migrator a member of the role that owns the Phase 1 tables.
-- Never of a superuser or of a member of one.  Where the migrating role may not do that, a warning (KS011) says the exact
-- statement.  No downgrade takes the membership back: the run itself may rest on it, and so may another portal.
-- Called by make_roles.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.join_owner() RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_owner name;
    v_statement text;
BEGIN
    IF to_regrole('portal_migrator') IS NULL THEN
        RETURN;
    END IF;
    FOR v_owner IN
        SELECT DISTINCT o.rolname
          FROM kingston.role_matrix() AS m CROSS JOIN LATERAL unnest(m.names) AS n (name)
          JOIN pg_class AS c ON c.relnamespace = 'public'::regnamespace AND c.relname = n.name AND c.relkind = 'r'
          JOIN pg_roles AS o ON o.oid = c.relowner
         WHERE m.role_name = 'portal_app' AND m.kind = 'sequence' AND 'UPDATE' = ANY (m.privileges)  -- those of Phase 1
           AND NOT EXISTS (SELECT 1 FROM pg_roles AS s WHERE s.rolsuper AND pg_has_role(o.oid, s.oid, 'MEMBER'))
           AND NOT pg_has_role('portal_migrator', o.oid, 'MEMBER')
         ORDER BY 1
    LOOP
        v_statement := format('GRANT %I TO portal_migrator', v_owner);
        BEGIN
            EXECUTE v_statement;
            INSERT INTO kingston.given_rights (role_name, kind, object, privilege)
            VALUES ('portal_migrator', 'role', quote_ident(v_owner), 'MEMBER') ON CONFLICT DO NOTHING;
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE WARNING 'logins in portal_migrator cannot migrate this portal yet: role % owns its tables', v_owner
                    USING ERRCODE = 'KS011', HINT = 'as an administrator: ' || v_statement;
            WHEN invalid_grant_operation THEN
                NULL;  -- the owner is a member of portal_migrator itself
        END;
    END LOOP;
END
$function$;

-- function kingston.make_roles()
-- The four roles of a portal: made where they are missing (NOLOGIN, no attribute) and given their rights.  Refuses where a
-- role of that name may do more than any of ours.  Roles belong to the whole server: another database may be making them
-- at this moment.  What the migrating role may not do is said in one warning (KS011) with the statements for an
-- administrator, and the migration goes on without.  Repeatable.
-- Called by op.make_roles and kingston doctor.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.make_roles() RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_missing record;
    v_said text;
    v_fix text;
    v_left bigint;
BEGIN
    SELECT string_agg(p.problem, '; ' ORDER BY p.role_name), string_agg(p.remedy, '; ' ORDER BY p.role_name) INTO v_said, v_fix
      FROM kingston.role_problems() AS p WHERE p.kind = 'strong';
    IF v_said IS NOT NULL THEN
        RAISE EXCEPTION 'the rights of a portal are for roles without special powers: %', v_said
            USING ERRCODE = 'KS003', HINT = v_fix || '; then run the same command again';
    END IF;
    FOR v_missing IN SELECT p.role_name, p.remedy FROM kingston.role_problems() AS p WHERE p.kind = 'missing' ORDER BY 1 LOOP
        BEGIN
            EXECUTE v_missing.remedy;
            EXECUTE format('COMMENT ON ROLE %I IS %L', v_missing.role_name,
                           'Kingston Schema: rights of portals, for logins that are made members');
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;  -- another database was first
            WHEN insufficient_privilege THEN NULL;  -- said below
        END;
    END LOOP;
    PERFORM kingston.grant_roles(NULL);
    PERFORM kingston.join_owner();
    SELECT concat_ws('; ', 'no ' || string_agg(p.role_name, ', ' ORDER BY p.role_name) FILTER (WHERE p.kind = 'missing'),
                     'no grant on ' || string_agg(DISTINCT p.object, ', ')
                         FILTER (WHERE p.kind = 'right')),
           string_agg(p.remedy, '; ' ORDER BY p.kind, p.role_name, p.object), count(*)
      INTO v_said, v_fix, v_left
      FROM kingston.role_problems() AS p;
    IF v_left > 0 THEN
        RAISE WARNING 'role % may not give all rights of the portal: %; the migration goes on without', current_user, v_said
            USING ERRCODE = 'KS011',
                  HINT = CASE WHEN v_left <= 8 THEN 'as an administrator: ' || v_fix || '; then ' ELSE '' END || 'kingston doctor --fix';
    END IF;
END
$function$;

-- function kingston.take_back_rights()
-- Take back what grant_roles gave (given_rights) and nothing else, in the portal's schema and, from auditors, in the
-- control schema.  PostgreSQL takes rights on columns away together with that on their table: those that somebody else gave
-- are given again as they were.
-- What portal_migrator has outside of the portal's schema stays, as the bookkeeping itself does: the rollback that is
-- running may need it to its end.  No role is dropped: another portal of the server may use it.  Repeatable.
-- Called by op.take_back_rights.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION kingston.take_back_rights() RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_given record;
    v_again text[];
    v_statement text;
BEGIN
    FOR v_given IN
        SELECT g.role_name, r.oid AS role_oid, g.kind, g.object,
               CASE WHEN g.kind IN ('table', 'sequence') THEN to_regclass(g.object) END AS relation,
               array_agg(g.privilege) FILTER (WHERE g.column_name = '') AS whole,
               array_agg(format('%s (%I)', g.privilege, g.column_name)) FILTER (WHERE a.attname IS NOT NULL) AS parts
          FROM kingston.given_rights AS g
          JOIN pg_roles AS r ON r.rolname = g.role_name
          LEFT JOIN pg_attribute AS a ON a.attrelid = to_regclass(g.object) AND a.attname = g.column_name AND NOT a.attisdropped
         WHERE CASE g.kind WHEN 'function' THEN to_regprocedure(g.object) IS NOT NULL
                           WHEN 'schema' THEN to_regnamespace(g.object) IS NOT NULL
                           WHEN 'role' THEN false ELSE to_regclass(g.object) IS NOT NULL END
           AND (g.role_name <> 'portal_migrator' OR g.kind = 'schema' AND to_regnamespace(g.object) = 'public'::regnamespace)
         GROUP BY g.role_name, r.oid, g.kind, g.object ORDER BY g.kind, g.object, g.role_name
    LOOP
        SELECT array_agg(format('GRANT %s (%I) ON TABLE %s TO %I%s', x.privilege_type, a.attname, v_given.object, v_given.role_name,
                                CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
          INTO v_again
          FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) AS x
         WHERE a.attrelid = v_given.relation AND x.grantee = v_given.role_oid AND x.grantor = c.relowner
           AND x.privilege_type = ANY (v_given.whole) AND NOT a.attisdropped;
        EXECUTE kingston.role_statement('REVOKE', v_given.role_name, v_given.kind, v_given.object, v_given.whole || v_given.parts);
        FOREACH v_statement IN ARRAY coalesce(v_again, '{}') LOOP
            EXECUTE v_statement;
        END LOOP;
    END LOOP;
    DELETE FROM kingston.given_rights AS g
     WHERE g.role_name <> 'portal_migrator' OR g.kind = 'schema' AND g.object = 'public'::regnamespace::text;
END
$function$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('migration_log') THEN
    CREATE TABLE migration_log (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      phase VARCHAR(50) NOT NULL,
      operation VARCHAR(255) NOT NULL,
      status VARCHAR(20) NOT NULL,
      error_message TEXT,
      execution_time_seconds NUMERIC(14, 3),
      rows_affected BIGINT,
      started_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      completed_at TIMESTAMP WITH TIME ZONE,
      run_id UUID,
      resolved_at TIMESTAMP WITH TIME ZONE,
      resolved_by VARCHAR(100),
      CONSTRAINT migration_log_pkey PRIMARY KEY (id),
      CONSTRAINT migration_log_status_check CHECK (status IN ('started', 'completed', 'failed', 'rolled_back'))
    );
    CREATE INDEX idx_migration_log_started_at ON migration_log (started_at DESC);
    COMMENT ON TABLE migration_log IS 'What the migration did, one row per operation, failures included';
    COMMENT ON COLUMN migration_log.run_id IS 'One run of the migration; kingston.journal has the same';
    COMMENT ON COLUMN migration_log.resolved_at IS 'When a failure was dealt with';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('migration_benchmarks') THEN
    CREATE TABLE migration_benchmarks (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      test_name VARCHAR(255) NOT NULL,
      phase VARCHAR(50) NOT NULL,
      baseline_ms NUMERIC(12, 3),
      current_ms NUMERIC(12, 3),
      performance_change_percent NUMERIC(12, 2),
      within_tolerance BOOLEAN,
      recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      run_id UUID,
      CONSTRAINT migration_benchmarks_pkey PRIMARY KEY (id)
    );
    COMMENT ON TABLE migration_benchmarks IS 'Named queries before and after: medians in milliseconds, measured';
    COMMENT ON COLUMN migration_benchmarks.run_id IS 'One measurement of all queries; errata E-115';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('migration_control') THEN
    CREATE TABLE migration_control (
      setting VARCHAR(100) NOT NULL,
      value TEXT NOT NULL,
      description TEXT,
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      CONSTRAINT migration_control_pkey PRIMARY KEY (setting)
    );
    COMMENT ON TABLE migration_control IS 'Settings of the migration; each has a reader';
  END IF;
END $kingston$;

-- seed migration_control
-- The nine settings of document 000 (C-003).  A value that an administrator changed stays as it is.
-- Tests: tests/revisions/test_pre_migration_control.py
INSERT INTO migration_control (setting, value, description) VALUES
    ('current_phase', 'pre_migration', 'Phase the database is in; kept by the gates, alembic_version is the truth'),
    ('rollback_enabled', 'true', 'Whether kingston rollback may run'),
    ('performance_tolerance_percent', '15', 'How much slower a measured query may become before a gate objects'),
    ('max_downtime_hours', '168', 'Window of the migration: seven days'),
    ('encryption_enabled', 'true', 'Whether sensitive fields must hold ciphertext'),
    ('audit_logging_level', 'comprehensive', 'How much is audited'),
    ('dense_ui_optimization', 'true', 'Whether the dense summary is kept'),
    ('global_actions_enabled', 'true', 'Whether actions across client groups may be made'),
    ('liquidity_rankings_enabled', 'true', 'Whether liquidity ranks of a client group count')
ON CONFLICT (setting) DO NOTHING;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('rollback_checkpoints') THEN
    CREATE TABLE rollback_checkpoints (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      checkpoint_name VARCHAR(100) NOT NULL,
      phase VARCHAR(50) NOT NULL,
      tables_affected TEXT[],
      backup_location TEXT,
      backup_size_bytes BIGINT,
      data_integrity_hash TEXT,
      rollback_script TEXT,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      is_active BOOLEAN DEFAULT true,
      validated_at TIMESTAMP WITH TIME ZONE,
      validation_status VARCHAR(20),
      CONSTRAINT rollback_checkpoints_pkey PRIMARY KEY (id),
      CONSTRAINT rollback_checkpoints_checkpoint_name_key UNIQUE (checkpoint_name),
      CONSTRAINT rollback_checkpoints_validation_status_check CHECK (validation_status IN ('pending', 'valid', 'invalid', 'expired'))
    );
    COMMENT ON TABLE rollback_checkpoints IS 'Backups that a rollback can rest on, and whether restoring them was proven';
    COMMENT ON COLUMN rollback_checkpoints.validated_at IS 'When a restore of it was last proven';
  END IF;
END $kingston$;

UPDATE alembic_version SET version_num='pre_migration_control' WHERE alembic_version.version_num = 'legacy';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'pre_migration_control', '{"outcome": "done", "revision": "pre_migration_control", "detail": "by a script", "files": {"versions/0010_pre_migration_control.py": "SHA-256", "sql/add_check/0010.sql": "SHA-256", "sql/add_columns/0010.sql": "SHA-256", "sql/add_foreign_key/0010.sql": "SHA-256", "sql/archive_columns/0010.sql": "SHA-256", "sql/archive_entry/0010.sql": "SHA-256", "sql/archive_table/0010.sql": "SHA-256", "sql/backfill_progress/0010.sql": "SHA-256", "sql/begin_copy/0010.sql": "SHA-256", "sql/column_archive/0010.sql": "SHA-256", "sql/column_copy/0010.sql": "SHA-256", "sql/columns_to_archive/0010.sql": "SHA-256", "sql/copy_changed_rows/0010.sql": "SHA-256", "sql/copy_columns/0010.sql": "SHA-256", "sql/copy_rows/0010.sql": "SHA-256", "sql/drop_view/0010.sql": "SHA-256", "sql/event_hash/0010.sql": "SHA-256", "sql/event_log/0010.sql": "SHA-256", "sql/event_log_guard/0010.sql": "SHA-256", "sql/finish_copy/0010.sql": "SHA-256", "sql/forget_copy/0010.sql": "SHA-256", "sql/fresh_statistics/0010.sql": "SHA-256", "sql/gate_result/0010.sql": "SHA-256", "sql/give_back_grants/0010.sql": "SHA-256", "sql/given_rights/0010.sql": "SHA-256", "sql/grant_roles/0010.sql": "SHA-256", "sql/hold_tables/0010.sql": "SHA-256", "sql/in_attempts/0010.sql": "SHA-256", "sql/index_dropped/0010.sql": "SHA-256", "sql/index_intended/0010.sql": "SHA-256", "sql/index_journal/0010.sql": "SHA-256", "sql/index_published/0010.sql": "SHA-256", "sql/index_state/0010.sql": "SHA-256", "sql/join_owner/0010.sql": "SHA-256", "sql/journal/0010.sql": "SHA-256", "sql/keep_grants/0010.sql": "SHA-256", "sql/kept_grants/0010.sql": "SHA-256", "sql/ledger/0010.sql": "SHA-256", "sql/log_event/0010.sql": "SHA-256", "sql/log_movement/0010.sql": "SHA-256", "sql/make_roles/0010.sql": "SHA-256", "sql/migration_control/0010.sql": "SHA-256", "sql/note_changed_row/0010.sql": "SHA-256", "sql/only_key/0010.sql": "SHA-256", "sql/origin/0010.sql": "SHA-256", "sql/our_columns/0010.sql": "SHA-256", "sql/portal/0010.sql": "SHA-256", "sql/quarantine_orphans/0010.sql": "SHA-256", "sql/quarantine_rows/0010.sql": "SHA-256", "sql/record_gate/0010.sql": "SHA-256", "sql/record_run/0010.sql": "SHA-256", "sql/record_step/0010.sql": "SHA-256", "sql/refuse_breaking_rows/0010.sql": "SHA-256", "sql/restore_columns/0010.sql": "SHA-256", "sql/restore_table/0010.sql": "SHA-256", "sql/role_matrix/0010.sql": "SHA-256", "sql/role_problems/0010.sql": "SHA-256", "sql/role_rights/0010.sql": "SHA-256", "sql/role_statement/0010.sql": "SHA-256", "sql/rows_moved/0010.sql": "SHA-256", "sql/runner/0010.sql": "SHA-256", "sql/set_default/0010.sql": "SHA-256", "sql/settle_steps/0010.sql": "SHA-256", "sql/step_journal/0010.sql": "SHA-256", "sql/take_back_rights/0010.sql": "SHA-256", "sql/take_locks/0010.sql": "SHA-256", "sql/tied_by_keys/0010.sql": "SHA-256", "sql/validate_constraint/0010.sql": "SHA-256", "sql/who_is_in_the_way/0010.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


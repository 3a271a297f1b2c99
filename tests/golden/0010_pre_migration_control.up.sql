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

CREATE SCHEMA IF NOT EXISTS kingston;
CREATE SCHEMA IF NOT EXISTS kingston_archive;
COMMENT ON SCHEMA kingston IS 'Kingston Schema: bookkeeping of the portal in schema public';
COMMENT ON SCHEMA kingston_archive IS 'Kingston Schema: rows and values that a downgrade took out of schema public';

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
-- Tests: tests/ddl/test_steps.py, tests/ddl/test_settling.py
CREATE TABLE IF NOT EXISTS kingston.step_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    revision text NOT NULL,
    direction text NOT NULL CONSTRAINT step_journal_direction_check CHECK (direction IN ('up', 'down')),
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

-- function kingston.take_locks(text[], text)
-- Lock all the tables at once, in short attempts with jitter, so that whoever queues behind us waits no longer
-- than one attempt (promise P4).  Settings: kingston.lock_attempt_ms (50), kingston.lock_cap_seconds (60).
-- Gives up with 55P03 and names who is in the way.  Tables that do not exist are passed over.
-- Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION kingston.take_locks(p_tables text[], p_mode text DEFAULT 'ACCESS EXCLUSIVE') RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_attempt text := coalesce(nullif(current_setting('kingston.lock_attempt_ms', true), ''), '50') || 'ms';
    v_cap interval := make_interval(
        secs => coalesce(nullif(current_setting('kingston.lock_cap_seconds', true), ''), '60')::double precision);
    v_before text := current_setting('lock_timeout');
    v_since timestamptz := clock_timestamp();
    v_attempts integer := 0;
    v_names text;
    v_blockers text;
BEGIN
    SELECT string_agg(format('%I', t.name), ', ' ORDER BY t.name) INTO v_names
      FROM unnest(p_tables) AS t (name) WHERE to_regclass(quote_ident(t.name)) IS NOT NULL;
    IF v_names IS NULL THEN
        RETURN;
    END IF;
    LOOP
        BEGIN
            PERFORM set_config('lock_timeout', v_attempt, true);
            EXECUTE format('LOCK TABLE ONLY %s IN %s MODE', replace(v_names, ', ', ', ONLY '), p_mode);
            PERFORM set_config('lock_timeout', v_before, true);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            v_attempts := v_attempts + 1;
        END;
        IF clock_timestamp() - v_since > v_cap THEN
            SELECT string_agg(DISTINCT format('pid %s (%s, %s, for %s): %s', a.pid, a.usename, a.state,
                                              date_trunc('second', clock_timestamp() - a.xact_start), left(a.query, 100)), '; ')
              INTO v_blockers
              FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
             WHERE l.granted AND l.pid <> pg_backend_pid()
               AND l.relation IN (SELECT to_regclass(quote_ident(t.name)) FROM unnest(p_tables) AS t (name));
            RAISE EXCEPTION 'no % lock on % after % attempts in %', p_mode, v_names, v_attempts,
                date_trunc('second', clock_timestamp() - v_since)
                USING ERRCODE = '55P03',
                      DETAIL = 'in the way: ' || coalesce(v_blockers, 'nobody any more'),
                      HINT = 'nothing was changed by this step; end what is in the way and run the same command again';
        END IF;
        PERFORM pg_sleep(0.02 + random() * 0.1);
    END LOOP;
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

-- function kingston.index_state(text, text)
-- 'absent' (nothing of that name, or an invalid leftover of ours that was just dropped from view),
-- 'published' (valid and ours), 'foreign' (there, and not made by us).
-- An index is ours when the journal knows it, by OID or, after dump and restore, by name and table.
-- Called by op.create_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION kingston.index_state(p_index text, p_table text) RETURNS text
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $function$
SELECT coalesce((
    SELECT CASE WHEN j.published_at IS NOT NULL AND i.indisvalid THEN 'published' ELSE 'foreign' END
      FROM pg_index AS i
      JOIN pg_class AS c ON c.oid = i.indexrelid
      LEFT JOIN kingston.index_journal AS j ON j.index_name = p_index AND j.table_name = p_table
     WHERE i.indexrelid = to_regclass(quote_ident(p_index))
       AND c.relnamespace = 'public'::regnamespace), 'absent')
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
    v_locked text[];
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
    SELECT array_agg(DISTINCT c.relname::text) INTO v_locked
      FROM pg_constraint AS k JOIN pg_class AS c ON c.oid IN (k.conrelid, k.confrelid)
     WHERE k.contype = 'f' AND v_oid IN (k.conrelid, k.confrelid);
    PERFORM kingston.take_locks(array_append(coalesce(v_locked, '{}'), p_table));
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

-- function kingston.add_check(text, text, text)
-- ADD CONSTRAINT … CHECK … NOT VALID under the lock budget.  Rows that break the rule are looked for first, without
-- a lock; if there are any it refuses with their keys (at most ten) and changes nothing (errata E-033, E-058).
-- Called by op.add_check_online.  Tests: tests/ddl/test_checks.py
CREATE OR REPLACE FUNCTION kingston.add_check(p_table text, p_name text, p_expression text) RETURNS void
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

-- function kingston.add_columns(text, text[], text[], text[])
-- One ALTER TABLE with all the columns that are missing, under the lock budget; the ledger records each column as
-- added or pre-existing.  Repeatable.  Called by op.add_columns.  Tests: tests/ddl/test_columns.py
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

-- function kingston.column_archive(text, text)
-- The name of the archive table that holds values of columns which a revision added to a legacy table.
-- Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.column_archive(p_table text, p_revision text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
SELECT left(p_table || '__' || p_revision, 63)
$function$;

-- function kingston.archive_columns(text, text[])
-- Copy the values of our columns to "kingston_archive.<table>__<revision>" (primary key, values, quarantined_at, reason), then
-- drop the columns.  Rows in which all of them are NULL need no copy.  Where an unfinished upgrade has left a value in the
-- archive that had not come back yet, the one written since wins and the older is kept in quarantine.  Repeatable.
-- Called by op.archive_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION kingston.archive_columns(p_table text, p_names text[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_archive text := kingston.column_archive(p_table, v_revision);
    v_ours text[];
    v_key text;
    v_values text;
    v_any text;
    v_rows bigint;
BEGIN
    PERFORM kingston.take_locks(ARRAY[p_table]);
    -- A column without an entry in the ledger was there before us when an unfinished upgrade is being undone (the
    -- revision is not the recorded one then); in a portal that was stamped above legacy it is what the revision says.
    SELECT coalesce(array_agg(o.name ORDER BY o.ord), '{}') INTO v_ours
      FROM unnest(kingston.our_columns(p_table, p_names)) WITH ORDINALITY AS o (name, ord)
     WHERE EXISTS (SELECT 1 FROM kingston.ledger AS l WHERE l.table_name = p_table AND l.column_name = o.name
                      AND l.removed_at IS NULL)
        OR EXISTS (SELECT 1 FROM alembic_version AS v WHERE v.version_num = v_revision);
    IF cardinality(v_ours) = 0 THEN
        UPDATE kingston.ledger AS l SET removed_at = clock_timestamp()
         WHERE l.table_name = p_table AND l.column_name = ANY (p_names) AND l.removed_at IS NULL;
        RETURN 0;
    END IF;
    SELECT string_agg(format('%I', a.attname), ', ') INTO v_key
      FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = v_oid AND i.indisprimary;
    SELECT string_agg(format('%I', c.name), ', '), string_agg(format('t.%I IS NOT NULL', c.name), ' OR ')
      INTO v_values, v_any FROM unnest(v_ours) AS c (name);
    IF to_regclass(format('kingston_archive.%I', v_archive)) IS NULL THEN
        EXECUTE format('CREATE TABLE kingston_archive.%I AS SELECT %s, %s, NULL::timestamptz AS quarantined_at, NULL::text AS reason'
                       ' FROM %I AS t WHERE %s', v_archive, v_key, v_values, p_table, v_any);
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        EXECUTE format('CREATE UNIQUE INDEX ON kingston_archive.%I (%s) WHERE quarantined_at IS NULL', v_archive, v_key);
    ELSE
        EXECUTE format('ALTER TABLE kingston_archive.%I %s', v_archive,
                       (SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname,
                                                 format_type(a.atttypid, a.atttypmod)), ', ')
                          FROM pg_attribute AS a WHERE a.attrelid = v_oid AND a.attname = ANY (v_ours)));
        EXECUTE format('INSERT INTO kingston_archive.%1$I (%2$s, %3$s, quarantined_at, reason)'
                       ' SELECT %2$s, %4$s, clock_timestamp(), %7$L FROM kingston_archive.%1$I AS a JOIN %5$I AS t USING (%2$s)'
                       ' WHERE a.quarantined_at IS NULL AND (%6$s)', v_archive, v_key, v_values,
                       (SELECT string_agg(format('a.%I', c.name), ', ') FROM unnest(v_ours) AS c (name)), p_table,
                       (SELECT string_agg(format('a.%1$I::text <> t.%1$I::text', c.name), ' OR ') FROM unnest(v_ours) AS c (name)),
                       'a newer value was written before this one came back');
        EXECUTE format('INSERT INTO kingston_archive.%1$I AS a (%2$s, %3$s) SELECT %2$s, %3$s FROM %4$I AS t WHERE %5$s'
                       ' ON CONFLICT (%2$s) WHERE quarantined_at IS NULL DO UPDATE SET %6$s',
                       v_archive, v_key, v_values, p_table, v_any,
                       (SELECT string_agg(format('%1$I = coalesce(EXCLUDED.%1$I, a.%1$I)', c.name), ', ')
                          FROM unnest(v_ours) AS c (name)));
        GET DIAGNOSTICS v_rows = ROW_COUNT;
    END IF;
    EXECUTE format('ALTER TABLE %I %s', p_table,
                   (SELECT string_agg(format('DROP COLUMN %I', c.name), ', ') FROM unnest(v_ours) AS c (name)));
    UPDATE kingston.ledger AS l SET removed_at = clock_timestamp()
     WHERE l.table_name = p_table AND l.column_name = ANY (p_names) AND l.removed_at IS NULL;
    PERFORM kingston.log_movement('archived', p_table, v_archive, v_ours, v_rows);
    RETURN v_rows;
END
$function$;

-- procedure kingston.restore_columns(text, text[])
-- Put archived values back into the rows that are still there, in key order, one committed batch of 2,000 at a time.
-- A value that was written meanwhile (a column somebody added below under that name) stays: the latest write wins.
-- What could not go back, because of that or because its row was deleted, stays in the archive, marked with the reason.
-- Resumes after a crash: what is restored has left the archive in the same transaction.
-- Called by op.restore_columns.  Tests: tests/ddl/test_columns.py, tests/promises/test_conflicts.py
CREATE OR REPLACE PROCEDURE kingston.restore_columns(p_table text, p_names text[])
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_archive text := kingston.column_archive(p_table, current_setting('kingston.revision', true));
    v_step text := 'restore ' || p_table;
    v_key text;
    v_join text;
    v_set text;
    v_taken text;
    v_batch bigint;
    v_restored bigint;
    v_total bigint;
    v_done bigint := 0;
    v_back bigint := 0;
BEGIN
    IF to_regclass(format('kingston_archive.%I', v_archive)) IS NULL THEN
        RETURN;
    END IF;
    SELECT string_agg(format('%I', a.attname), ', '), string_agg(format('t.%1$I = a.%1$I', a.attname), ' AND '),
           min(format('%1$I = t.%1$I', a.attname))
      INTO v_key, v_join, v_set
      FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = format('public.%I', p_table)::regclass AND i.indisprimary;
    -- A column of another type (somebody's own, made below) takes nothing back.
    SELECT coalesce(string_agg(format('%1$I = coalesce(t.%1$I, a.%1$I)', n.name), ', ')
                        FILTER (WHERE n.fits), v_set),
           string_agg(format(CASE WHEN n.fits THEN 'CASE WHEN a.%1$I::text <> t.%1$I::text THEN %2$L END'
                                  ELSE 'CASE WHEN a.%1$I IS NOT NULL THEN %2$L END' END, n.name,
                             n.name || CASE WHEN n.fits THEN '' ELSE ' (' || n.type || ' now)' END), ', ')
      INTO v_set, v_taken
      FROM (SELECT n.name, format_type(o.atttypid, o.atttypmod) AS type,
                   o.atttypid = c.atttypid AND o.atttypmod IN (-1, c.atttypmod) AS fits
              FROM unnest(p_names) AS n (name)
              JOIN pg_attribute AS c ON c.attrelid = format('kingston_archive.%I', v_archive)::regclass AND c.attname = n.name
               AND NOT c.attisdropped
              JOIN pg_attribute AS o ON o.attrelid = format('public.%I', p_table)::regclass AND o.attname = n.name
               AND NOT o.attisdropped) AS n;
    EXECUTE format('SELECT count(*) FROM kingston_archive.%I WHERE quarantined_at IS NULL', v_archive) INTO v_total;
    INSERT INTO kingston.backfill_progress AS b (step, total) VALUES (v_step, v_total)
    ON CONFLICT (step) DO UPDATE SET done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;
    COMMIT;
    LOOP
        -- Whether a value was taken is judged by the row as it was written, not as it was read.
        EXECUTE format(
            'WITH batch AS MATERIALIZED (SELECT * FROM kingston_archive.%1$I WHERE quarantined_at IS NULL ORDER BY %2$s LIMIT 2000),'
            ' written AS (UPDATE public.%3$I AS t SET %4$s FROM batch AS a WHERE %5$s'
            ' RETURNING a.*, concat_ws('', '', %6$s) AS taken),'
            ' back AS (DELETE FROM kingston_archive.%1$I AS t USING written AS a'
            ' WHERE %5$s AND t.quarantined_at IS NULL AND a.taken = '''' RETURNING 1),'
            ' kept AS (UPDATE kingston_archive.%1$I AS t SET quarantined_at = clock_timestamp(),'
            ' reason = coalesce(''a newer value stands in '' || w.taken, %7$L)'
            ' FROM batch AS a LEFT JOIN written AS w ON %8$s'
            ' WHERE %5$s AND t.quarantined_at IS NULL AND w.taken IS DISTINCT FROM '''')'
            ' SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM back)',
            v_archive, v_key, p_table, v_set, v_join, v_taken, 'the row was deleted from ' || p_table || ' below',
            replace(v_join, 't.', 'w.')) INTO v_batch, v_restored;
        EXIT WHEN v_batch = 0;
        v_done := v_done + v_batch;
        v_back := v_back + v_restored;
        UPDATE kingston.backfill_progress AS b SET done = v_done, updated_at = clock_timestamp() WHERE b.step = v_step;
        COMMIT;
    END LOOP;
    UPDATE kingston.backfill_progress AS b SET finished_at = clock_timestamp() WHERE b.step = v_step;
    PERFORM kingston.log_movement('restored', p_table, v_archive, p_names, v_back);
    IF v_done > v_back THEN
        PERFORM kingston.log_movement('quarantined', p_table, v_archive, p_names, v_done - v_back,
                                       'the row was deleted below, or a newer value stands in it');
    END IF;
    COMMIT;
END
$procedure$;

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

COMMIT;


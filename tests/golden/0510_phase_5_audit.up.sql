SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_5_audit';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_5_constraints -> phase_5_audit

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('ownership_audit_log') THEN
    CREATE TABLE ownership_audit_log (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      subject_table VARCHAR(63) NOT NULL,
      subject_id BIGINT NOT NULL,
      client_group_id BIGINT,
      before JSONB,
      after JSONB,
      cause VARCHAR(10) NOT NULL,
      actor VARCHAR(100) NOT NULL,
      db_role VARCHAR(63) DEFAULT SESSION_USER NOT NULL,
      correlation_id TEXT,
      reason TEXT,
      transaction_id BIGINT NOT NULL,
      at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      CONSTRAINT ownership_audit_log_pkey PRIMARY KEY (id),
      CONSTRAINT ownership_audit_log_subject_check CHECK (subject_table IN ('client_products', 'client_unmanaged_products')),
      CONSTRAINT ownership_audit_log_cause_check CHECK (cause IN ('document', 'links')),
      CONSTRAINT ownership_audit_log_real_change CHECK (before IS DISTINCT FROM "after")
    );
    CREATE INDEX idx_ownership_audit_subject ON ownership_audit_log (subject_table, subject_id, at DESC);
    CREATE INDEX idx_ownership_audit_client_group ON ownership_audit_log (client_group_id, at DESC);
    COMMENT ON TABLE ownership_audit_log IS 'Changes of ownership, before and after; append-only, without keys to what it speaks of';
    COMMENT ON COLUMN ownership_audit_log.subject_table IS 'Logical name of the product''s table';
    COMMENT ON COLUMN ownership_audit_log.subject_id IS 'Product; no foreign key: it outlives the product';
    COMMENT ON COLUMN ownership_audit_log.before IS 'ownership_details as it was';
    COMMENT ON COLUMN ownership_audit_log.after IS 'ownership_details as it became';
    COMMENT ON COLUMN ownership_audit_log.cause IS 'document: it was written; links: it followed the links';
    COMMENT ON COLUMN ownership_audit_log.actor IS 'app.current_user_id, else the role';
    COMMENT ON COLUMN ownership_audit_log.db_role IS 'Login role';
    COMMENT ON COLUMN ownership_audit_log.correlation_id IS 'app.correlation_id';
    COMMENT ON COLUMN ownership_audit_log.reason IS 'app.justification';
  END IF;
END $kingston$;

SELECT kingston.take_locks(ARRAY['ownership_audit_log']::text[], 'SHARE ROW EXCLUSIVE');

-- trigger ownership_audit_log_append_only on ownership_audit_log
-- Nothing that was recorded is changed or removed.
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE TRIGGER ownership_audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ownership_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE ownership_audit_log ENABLE ALWAYS TRIGGER ownership_audit_log_append_only;

COMMIT;

BEGIN;

-- function audit_ownership_changes()
-- Feeds ownership_audit_log from the lines that a statement left in row_history: one row per real change of
-- ownership_details, before and after, of managed and unmanaged products (which have ids of their own, E-109).  Called by
-- the trigger audit_products_ownership_changes.  cause is links when the document only followed a change of links
-- (rebuild_ownership): then this is the third trigger of a chain, links, products, history.
-- Never writes holding_activity_log, which is a ledger of money (E-029, E-159), reads no column the table may lack
-- (E-028), and no missing setting is an error.
-- SECURITY DEFINER: no right on the log is needed, and none is given (E-193).
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE FUNCTION audit_ownership_changes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
BEGIN
    INSERT INTO ownership_audit_log (subject_table, subject_id, client_group_id, before, "after", cause, actor, db_role,
                                     correlation_id, reason, transaction_id, at)
    SELECT l.table_name, l.row_id, l.client_group_id, nullif(l.changes #> '{ownership_details,0}', 'null'),
           nullif(l.changes #> '{ownership_details,1}', 'null'),
           CASE WHEN pg_trigger_depth() > 2 AND current_setting('ownership.cause', true) = 'links'
                THEN 'links' ELSE 'document' END,
           l.actor, l.db_role, l.correlation_id, l.reason, l.transaction_id, l.occurred_at
      FROM lines AS l
     WHERE l.table_name IN ('client_products', 'client_unmanaged_products') AND l.action = 'update'
       AND l.changes #> '{ownership_details,0}' IS DISTINCT FROM l.changes #> '{ownership_details,1}';
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION audit_ownership_changes() IS
    'trigger on row_history: ownership before and after every real change';
REVOKE ALL ON FUNCTION audit_ownership_changes() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'audit_ownership_changes()');

SELECT kingston.take_locks(ARRAY['row_history']::text[], 'SHARE ROW EXCLUSIVE');

-- trigger audit_products_ownership_changes on row_history
-- Changes of ownership of managed and unmanaged products in ownership_audit_log, written or followed from the links.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE TRIGGER audit_products_ownership_changes AFTER INSERT ON row_history
    REFERENCING NEW TABLE AS lines
    FOR EACH STATEMENT EXECUTE FUNCTION audit_ownership_changes();
ALTER TABLE row_history ENABLE ALWAYS TRIGGER audit_products_ownership_changes;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_products']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers history_insert, history_update, history_delete, history_truncate on client_products
-- Row history of managed products: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/revisions/test_phase_5_audit.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_products
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_products
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_products
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
ALTER TABLE client_products
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.grant_roles(ARRAY['ownership_audit_log']::text[]);

UPDATE alembic_version SET version_num='phase_5_audit' WHERE alembic_version.version_num = 'phase_5_constraints';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_5_audit', '{"outcome": "done", "revision": "phase_5_audit", "detail": "by a script", "files": {"versions/0510_phase_5_audit.py": "SHA-256", "sql/audit_ownership_changes/0510.sql": "SHA-256", "sql/audit_products_ownership_changes/0510.sql": "SHA-256", "sql/history_client_products/0510.sql": "SHA-256", "sql/ownership_audit_log_append_only/0510.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


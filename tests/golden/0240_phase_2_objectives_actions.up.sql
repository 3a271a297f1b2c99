SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_objectives_actions';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_client_information -> phase_2_objectives_actions

-- function validate_action_state_transition(text, text)
-- May an action go from one status to another?  (Errata E-172; C-075, C-105)
--   outstanding -> completed, cancelled;   completed -> outstanding (reopened);   cancelled -> outstanding
-- Staying where one is, is no transition.  Unknown words and NULL: false, never an error.
-- Called by apply_action_status() for client actions and for the states of global actions, and by applications.
-- No SET search_path: operators of pg_catalog only.
-- Tests: tests/sql/test_validate_action_state_transition.py
CREATE OR REPLACE FUNCTION validate_action_state_transition(p_from text, p_to text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE p_from
    WHEN 'outstanding' THEN p_to IN ('completed', 'cancelled')
    WHEN 'completed' THEN p_to = 'outstanding'
    WHEN 'cancelled' THEN p_to = 'outstanding'
END, false);

COMMENT ON FUNCTION validate_action_state_transition(text, text) IS
    'true when an action may go from the first status to the second';

SELECT kingston.give_back_grants('function', 'validate_action_state_transition(text, text)');

-- function apply_action_status()
-- Keeps a change of status of an action honest: only the steps of validate_action_state_transition(), and
-- completed_at follows: set to now when an action is completed without a time, cleared when it is reopened.
-- A time the statement itself gives stays as given, so the rule completed_status_logic can judge it; so does a new
-- row, which has to say when it was completed.  A word outside the list of statuses is left to the list's own rule.
-- Called by the triggers client_actions_status and global_action_states_status (only when the status changes).
-- Refusal: SQLSTATE 23514, constraint valid_action_transition.
-- Tests: tests/sql/test_client_actions.py, tests/sql/test_global_actions.py
CREATE OR REPLACE FUNCTION apply_action_status() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $body$
BEGIN
    IF NEW.status IN ('outstanding', 'completed', 'cancelled')
       AND NOT validate_action_state_transition(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'row % of % cannot go from % to %', OLD.id, TG_TABLE_NAME, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'status',
                  CONSTRAINT = 'valid_action_transition',
                  HINT = 'reopen it first: set the status to outstanding';
    END IF;
    IF NEW.status = 'completed' THEN
        NEW.completed_at := coalesce(NEW.completed_at, now());
    ELSIF NEW.completed_at IS NOT DISTINCT FROM OLD.completed_at THEN
        NEW.completed_at := NULL;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION apply_action_status() IS
    'trigger: only allowed steps of an action''s status; completed_at is set on completion and cleared on reopening';
REVOKE ALL ON FUNCTION apply_action_status() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'apply_action_status()');

-- function feature_enabled(text)
-- Is a switch of migration_control on?  A switch that is missing is on, as all of them are at first; false, off, no,
-- f, n and 0 (in any case) mean off.
-- Called by refuse_global_actions_when_off() (global_actions_enabled), refuse_when_off() (the switch it is given) and
-- asset_liquidity() (liquidity_rankings_enabled).
-- SECURITY DEFINER: whoever uses a feature needs no right on migration_control.
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE FUNCTION feature_enabled(p_setting text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
    SELECT coalesce((SELECT lower(btrim(c.value)) NOT IN ('false', 'off', 'no', 'f', 'n', '0')
                     FROM migration_control AS c WHERE c.setting = p_setting), true)
$body$;

COMMENT ON FUNCTION feature_enabled(text) IS
    'whether a switch of migration_control is on (a missing one is on)';
-- Everybody may ask: it tells on or off, nothing else.
REVOKE ALL ON FUNCTION feature_enabled(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feature_enabled(text) TO PUBLIC;

SELECT kingston.give_back_grants('function', 'feature_enabled(text)');

-- function refuse_global_actions_when_off()
-- No new global action while migration_control says global_actions_enabled = false; the existing ones go on.
-- C-032, erratum E-171 (the documents name the switch, and nothing read it).
-- Called by the trigger global_actions_switch.
-- Refusal: SQLSTATE 55000.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE FUNCTION refuse_global_actions_when_off() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $body$
BEGIN
    IF NOT feature_enabled('global_actions_enabled') THEN
        RAISE EXCEPTION 'no new global action: they are switched off (global_actions_enabled in migration_control)'
            USING ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = 'UPDATE migration_control SET value = ''true'' WHERE setting = ''global_actions_enabled''';
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION refuse_global_actions_when_off() IS
    'trigger: refuses new global actions while global_actions_enabled is false';
REVOKE ALL ON FUNCTION refuse_global_actions_when_off() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'refuse_global_actions_when_off()');

-- function refuse_when_off()
-- No new row while a feature is switched off in migration_control: rollback of level 1 (C-099).  Rows that are there may be
-- read, changed and deleted; a revision that moves data is no new row.
-- Trigger argument: the switch.  INSERT only: a delete of the Phase 1 application may set a reference of such a row to NULL.
-- Called by the triggers client_information_items_switch, client_unmanaged_products_switch, client_objectives_switch and
-- client_actions_switch; global_actions has a function of its own.
-- Refusal: SQLSTATE 55000.
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE FUNCTION refuse_when_off() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $body$
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') = '' AND NOT feature_enabled(TG_ARGV[0]) THEN
        RAISE EXCEPTION 'no new row in %: the feature is switched off (% in migration_control)', TG_TABLE_NAME, TG_ARGV[0]
            USING ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = format('UPDATE migration_control SET value = ''true'' WHERE setting = %L', TG_ARGV[0]);
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION refuse_when_off() IS
    'trigger: refuses new rows while the switch named as argument is off in migration_control';
REVOKE ALL ON FUNCTION refuse_when_off() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'refuse_when_off()');

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_objectives') THEN
    CREATE TABLE client_objectives (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      client_group_id BIGINT NOT NULL,
      title VARCHAR(255) NOT NULL,
      description TEXT,
      target_date DATE,
      priority INTEGER,
      status VARCHAR(20) DEFAULT 'active' NOT NULL,
      progress_percentage INTEGER DEFAULT 0 NOT NULL,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      created_by BIGINT NOT NULL,
      CONSTRAINT client_objectives_pkey PRIMARY KEY (id),
      CONSTRAINT title_not_empty CHECK (length(btrim(title)) > 0),
      CONSTRAINT client_objectives_priority_check CHECK (priority BETWEEN 1 AND 5),
      CONSTRAINT client_objectives_status_check CHECK (status IN ('active', 'achieved', 'modified', 'cancelled')),
      CONSTRAINT client_objectives_progress_percentage_check CHECK (progress_percentage BETWEEN 0 AND 100),
      CONSTRAINT achieved_is_complete CHECK (status <> 'achieved' OR progress_percentage = 100)
    );
    COMMENT ON TABLE client_objectives IS 'What a client group wants to reach; the steps towards it are client_actions';
    COMMENT ON COLUMN client_objectives.priority IS '1 (highest) to 5';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_actions') THEN
    CREATE TABLE client_actions (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      client_group_id BIGINT NOT NULL,
      action_name VARCHAR(255) NOT NULL,
      description TEXT,
      owner VARCHAR(20) NOT NULL,
      status VARCHAR(20) DEFAULT 'outstanding' NOT NULL,
      active BOOLEAN DEFAULT true NOT NULL,
      target_date DATE,
      completed_at TIMESTAMP WITH TIME ZONE,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      created_by BIGINT NOT NULL,
      CONSTRAINT client_actions_pkey PRIMARY KEY (id),
      CONSTRAINT action_name_not_empty CHECK (length(btrim(action_name)) > 0),
      CONSTRAINT client_actions_owner_check CHECK (owner IN ('advisor', 'client')),
      CONSTRAINT client_actions_status_check CHECK (status IN ('outstanding', 'completed', 'cancelled')),
      CONSTRAINT completed_status_logic CHECK ((status = 'completed') = (completed_at IS NOT NULL))
    );
    COMMENT ON TABLE client_actions IS 'Things to do for a client group, by the advisor or by the client';
    COMMENT ON COLUMN client_actions.owner IS 'Who has to act: advisor or client';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('global_actions') THEN
    CREATE TABLE global_actions (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      action_name VARCHAR(255) NOT NULL,
      description TEXT,
      owner VARCHAR(20) DEFAULT 'advisor' NOT NULL,
      active BOOLEAN DEFAULT true NOT NULL,
      target_date DATE,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      created_by BIGINT NOT NULL,
      CONSTRAINT global_actions_pkey PRIMARY KEY (id),
      CONSTRAINT global_action_name_not_empty CHECK (length(btrim(action_name)) > 0),
      CONSTRAINT global_actions_owner_check CHECK (owner IN ('advisor', 'client'))
    );
    COMMENT ON TABLE global_actions IS 'Things to do for every client group; how far each group is: global_action_states';
    COMMENT ON COLUMN global_actions.owner IS 'Who has to act: advisor or client';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('global_action_states') THEN
    CREATE TABLE global_action_states (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      global_action_id BIGINT NOT NULL,
      client_group_id BIGINT NOT NULL,
      last_edited_by BIGINT,
      status VARCHAR(20) DEFAULT 'outstanding' NOT NULL,
      completed_at TIMESTAMP WITH TIME ZONE,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      CONSTRAINT global_action_states_pkey PRIMARY KEY (id),
      CONSTRAINT unique_global_action_state UNIQUE (global_action_id, client_group_id),
      CONSTRAINT global_action_states_status_check CHECK (status IN ('outstanding', 'completed', 'cancelled')),
      CONSTRAINT completed_status_logic CHECK ((status = 'completed') = (completed_at IS NOT NULL))
    );
    CREATE INDEX idx_global_action_states_client_group ON global_action_states (client_group_id);
    COMMENT ON TABLE global_action_states IS 'How far a client group is with a global action; no row means outstanding';
  END IF;
END $kingston$;

SELECT kingston.hold_tables(ARRAY['client_actions', 'client_objectives', 'global_action_states', 'global_actions']::text[], 'ACCESS EXCLUSIVE', false);

-- trigger client_objectives_switch on client_objectives
-- No new objective while objectives_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_objectives_switch BEFORE INSERT ON client_objectives
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('objectives_enabled');

-- trigger client_objectives_touch on client_objectives
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_objectives.py
CREATE OR REPLACE TRIGGER client_objectives_touch BEFORE UPDATE ON client_objectives
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- triggers history_insert, history_update, history_delete, history_truncate on client_objectives
-- Row history of objectives: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_client_objectives.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_objectives
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_objectives', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_objectives
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_objectives', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_objectives
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_objectives', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_objectives
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_objectives', 'id', 'client_group_id', '');
ALTER TABLE client_objectives
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

-- trigger client_actions_switch on client_actions
-- No new action while actions_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_actions_switch BEFORE INSERT ON client_actions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('actions_enabled');

-- trigger client_actions_status on client_actions
-- A status changes only along the allowed steps, and completed_at follows (C-026, C-105, erratum E-172).
-- Tests: tests/sql/test_client_actions.py
CREATE OR REPLACE TRIGGER client_actions_status BEFORE UPDATE OF status ON client_actions
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION apply_action_status();

-- trigger client_actions_touch on client_actions
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_actions.py
CREATE OR REPLACE TRIGGER client_actions_touch BEFORE UPDATE ON client_actions
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- triggers history_insert, history_update, history_delete, history_truncate on client_actions
-- Row history of actions: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_client_actions.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_actions
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_actions', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_actions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_actions', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_actions
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_actions', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_actions
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_actions', 'id', 'client_group_id', '');
ALTER TABLE client_actions
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

-- trigger global_actions_switch on global_actions
-- No new global action while they are switched off in migration_control (C-032).
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER global_actions_switch BEFORE INSERT ON global_actions
    FOR EACH ROW EXECUTE FUNCTION refuse_global_actions_when_off();

-- trigger global_actions_touch on global_actions
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER global_actions_touch BEFORE UPDATE ON global_actions
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- triggers history_insert, history_update, history_delete, history_truncate on global_actions
-- Row history of global actions: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON global_actions
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON global_actions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON global_actions
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON global_actions
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
ALTER TABLE global_actions
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

-- trigger global_action_states_status on global_action_states
-- A status changes only along the allowed steps, and completed_at follows (C-026, C-105, erratum E-172).
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER global_action_states_status BEFORE UPDATE OF status ON global_action_states
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION apply_action_status();

-- trigger global_action_states_touch on global_action_states
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER global_action_states_touch BEFORE UPDATE ON global_action_states
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- triggers history_insert, history_update, history_delete, history_truncate on global_action_states
-- Row history of the states of global actions: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON global_action_states
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_action_states', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON global_action_states
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_action_states', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON global_action_states
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_action_states', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON global_action_states
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_action_states', 'id', 'client_group_id', '');
ALTER TABLE global_action_states
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.add_foreign_key('client_objectives', 'fk_client_objectives_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_objectives', 'fk_client_objectives_client_group');

SELECT kingston.validate_constraint('client_objectives', 'fk_client_objectives_client_group');

BEGIN;

SELECT kingston.add_foreign_key('client_objectives', 'fk_client_objectives_creator',
  'FOREIGN KEY (created_by) REFERENCES profiles (id) ON DELETE RESTRICT', 'profiles');

COMMIT;

SELECT kingston.quarantine_orphans('client_objectives', 'fk_client_objectives_creator');

SELECT kingston.validate_constraint('client_objectives', 'fk_client_objectives_creator');

BEGIN;

SELECT kingston.add_foreign_key('client_actions', 'fk_client_actions_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_actions', 'fk_client_actions_client_group');

SELECT kingston.validate_constraint('client_actions', 'fk_client_actions_client_group');

BEGIN;

SELECT kingston.add_foreign_key('client_actions', 'fk_client_actions_creator',
  'FOREIGN KEY (created_by) REFERENCES profiles (id) ON DELETE RESTRICT', 'profiles');

COMMIT;

SELECT kingston.quarantine_orphans('client_actions', 'fk_client_actions_creator');

SELECT kingston.validate_constraint('client_actions', 'fk_client_actions_creator');

BEGIN;

SELECT kingston.add_foreign_key('global_actions', 'fk_global_actions_creator',
  'FOREIGN KEY (created_by) REFERENCES profiles (id) ON DELETE RESTRICT', 'profiles');

COMMIT;

SELECT kingston.quarantine_orphans('global_actions', 'fk_global_actions_creator');

SELECT kingston.validate_constraint('global_actions', 'fk_global_actions_creator');

BEGIN;

SELECT kingston.add_foreign_key('global_action_states', 'fk_global_action_states_action',
  'FOREIGN KEY (global_action_id) REFERENCES global_actions (id) ON DELETE CASCADE', 'global_actions');

COMMIT;

SELECT kingston.quarantine_orphans('global_action_states', 'fk_global_action_states_action');

SELECT kingston.validate_constraint('global_action_states', 'fk_global_action_states_action');

BEGIN;

SELECT kingston.add_foreign_key('global_action_states', 'fk_global_action_states_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('global_action_states', 'fk_global_action_states_client_group');

SELECT kingston.validate_constraint('global_action_states', 'fk_global_action_states_client_group');

BEGIN;

SELECT kingston.add_foreign_key('global_action_states', 'fk_global_action_states_editor',
  'FOREIGN KEY (last_edited_by) REFERENCES profiles (id) ON DELETE RESTRICT', 'profiles');

COMMIT;

SELECT kingston.quarantine_orphans('global_action_states', 'fk_global_action_states_editor');

SELECT kingston.validate_constraint('global_action_states', 'fk_global_action_states_editor');

BEGIN;

-- function set_global_action_status(bigint, bigint, text, bigint)
-- Says how far one client group is with one global action: makes the row of global_action_states when the group has
-- none yet (it was outstanding until then), changes it otherwise.  Returns the id of the row.
-- Two callers at once are fine: the second waits for the first and then changes the row.
-- Errors: 23503 for an action, group or profile that does not exist, 23514 for a step that is not allowed.
-- Called by applications.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE FUNCTION set_global_action_status(
    p_global_action_id bigint,
    p_client_group_id bigint,
    p_status text,
    p_edited_by bigint DEFAULT NULL
) RETURNS bigint
LANGUAGE sql
SET search_path = public, pg_temp
AS $body$
    INSERT INTO global_action_states AS s (global_action_id, client_group_id, status, completed_at, last_edited_by)
    VALUES (p_global_action_id, p_client_group_id, p_status, CASE WHEN p_status = 'completed' THEN now() END, p_edited_by)
    ON CONFLICT (global_action_id, client_group_id) DO UPDATE
        SET status = EXCLUDED.status, last_edited_by = coalesce(EXCLUDED.last_edited_by, s.last_edited_by)
    RETURNING s.id
$body$;

COMMENT ON FUNCTION set_global_action_status(bigint, bigint, text, bigint) IS
    'sets the status of a global action for a client group, making its row when there is none; returns the row id';

SELECT kingston.give_back_grants('function', 'set_global_action_status(bigint, bigint, text, bigint)');

-- view global_action_status
-- Every global action with every client group: the recorded state, or outstanding where the group has no row yet.
-- So a new client group, and a new action, need no rows made for them (recorded says which kind it is).
-- C-032, errata E-170, E-171.  Read by applications.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE VIEW global_action_status AS
SELECT
    a.id AS global_action_id,
    g.id AS client_group_id,
    a.action_name,
    a.owner,
    a.target_date,
    a.active,
    coalesce(s.status, 'outstanding'::character varying(20)) AS status,
    s.completed_at,
    s.id IS NOT NULL AS recorded,
    s.id AS global_action_state_id
FROM global_actions AS a
CROSS JOIN client_groups AS g
LEFT JOIN global_action_states AS s ON s.global_action_id = a.id AND s.client_group_id = g.id;

COMMENT ON VIEW global_action_status IS
    'status of each global action for each client group; outstanding where no state is recorded';

SELECT kingston.give_back_grants('view', 'global_action_status');

SELECT kingston.take_locks(ARRAY['client_information_items']::text[], 'SHARE ROW EXCLUSIVE');

-- trigger client_information_items_switch on client_information_items
-- No new information item while information_items_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_information_items_switch BEFORE INSERT ON client_information_items
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('information_items_enabled');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_unmanaged_products']::text[], 'SHARE ROW EXCLUSIVE');

-- trigger client_unmanaged_products_switch on client_unmanaged_products
-- No new unmanaged product while unmanaged_products_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_switch BEFORE INSERT ON client_unmanaged_products
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('unmanaged_products_enabled');

COMMIT;

BEGIN;

SELECT kingston.grant_roles(ARRAY['client_objectives', 'client_actions', 'global_actions', 'global_action_states', 'global_action_status', 'set_global_action_status', 'validate_action_state_transition', 'apply_action_status', 'feature_enabled', 'refuse_global_actions_when_off', 'refuse_when_off']::text[]);

UPDATE alembic_version SET version_num='phase_2_objectives_actions' WHERE alembic_version.version_num = 'phase_2_client_information';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_objectives_actions', '{"outcome": "done", "revision": "phase_2_objectives_actions", "detail": "by a script", "files": {"versions/0240_phase_2_objectives_actions.py": "SHA-256", "sql/apply_action_status/0240.sql": "SHA-256", "sql/client_actions_status/0240.sql": "SHA-256", "sql/client_actions_switch/0240.sql": "SHA-256", "sql/client_actions_touch/0240.sql": "SHA-256", "sql/client_information_items_switch/0240.sql": "SHA-256", "sql/client_objectives_switch/0240.sql": "SHA-256", "sql/client_objectives_touch/0240.sql": "SHA-256", "sql/client_unmanaged_products_switch/0240.sql": "SHA-256", "sql/feature_enabled/0240.sql": "SHA-256", "sql/global_action_states_status/0240.sql": "SHA-256", "sql/global_action_states_touch/0240.sql": "SHA-256", "sql/global_action_status/0240.sql": "SHA-256", "sql/global_actions_switch/0240.sql": "SHA-256", "sql/global_actions_touch/0240.sql": "SHA-256", "sql/history_client_actions/0240.sql": "SHA-256", "sql/history_client_objectives/0240.sql": "SHA-256", "sql/history_global_action_states/0240.sql": "SHA-256", "sql/history_global_actions/0240.sql": "SHA-256", "sql/refuse_global_actions_when_off/0240.sql": "SHA-256", "sql/refuse_when_off/0240.sql": "SHA-256", "sql/set_global_action_status/0240.sql": "SHA-256", "sql/validate_action_state_transition/0240.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


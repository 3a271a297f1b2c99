SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_audit';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_owner_phones -> phase_2_audit

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('row_history') THEN
    CREATE TABLE row_history (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      table_name VARCHAR(63) NOT NULL,
      row_key JSONB NOT NULL,
      row_id BIGINT GENERATED ALWAYS AS (CASE WHEN (jsonb_typeof((row_key -> 'id'::text)) = 'number'::text) THEN ((row_key ->> 'id'::text))::bigint ELSE NULL::bigint END) STORED,
      client_group_id BIGINT,
      action VARCHAR(10) NOT NULL,
      changes JSONB,
      actor VARCHAR(100) NOT NULL,
      db_role VARCHAR(63) DEFAULT SESSION_USER NOT NULL,
      correlation_id TEXT,
      reason TEXT,
      transaction_id BIGINT NOT NULL,
      occurred_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      CONSTRAINT row_history_pkey PRIMARY KEY (id),
      CONSTRAINT row_history_action_check CHECK (action IN ('insert', 'update', 'delete', 'truncate'))
    );
    CREATE INDEX idx_row_history_row ON row_history (table_name, row_id, occurred_at DESC);
    CREATE INDEX idx_row_history_client_group ON row_history (client_group_id, occurred_at DESC) WHERE client_group_id IS NOT NULL;
    CREATE INDEX idx_row_history_former ON row_history USING gin (changes jsonb_path_ops) WHERE client_group_id IS NULL AND action IN ('delete', 'truncate') OR action = 'update' AND changes ?| ARRAY['client_group_id', 'client_id', 'product_id', 'product_owner_id'];
    CREATE INDEX idx_row_history_recovery ON row_history (correlation_id) WHERE correlation_id LIKE 'recover %';
    CREATE INDEX idx_row_history_time ON row_history USING brin (occurred_at) WITH (pages_per_range = 16, autosummarize = on);
    COMMENT ON TABLE row_history IS 'What rows were: append-only, no key to any table, sensitive values only as ciphertext or marker';
    COMMENT ON COLUMN row_history.table_name IS 'Logical name: stays when a table is renamed';
    COMMENT ON COLUMN row_history.row_key IS 'Primary key; {} for a TRUNCATE as a whole';
    COMMENT ON COLUMN row_history.row_id IS 'The key id, where it is one number';
    COMMENT ON COLUMN row_history.client_group_id IS 'Client group of the row, where its table names one';
    COMMENT ON COLUMN row_history.changes IS 'update: {column: [old, new]} of what changed; delete, truncate: the row as it was; insert: nothing';
    COMMENT ON COLUMN row_history.actor IS 'app.current_user_id as the application said, else the role';
    COMMENT ON COLUMN row_history.db_role IS 'Login role';
    COMMENT ON COLUMN row_history.correlation_id IS 'app.correlation_id';
    COMMENT ON COLUMN row_history.reason IS 'app.justification';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('product_owners_audit_log') THEN
    CREATE TABLE product_owners_audit_log (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      product_owner_id BIGINT NOT NULL,
      field_changed VARCHAR(50) NOT NULL,
      old_value_hash TEXT,
      new_value_hash TEXT,
      change_type VARCHAR(20) NOT NULL,
      changed_by VARCHAR(100) NOT NULL,
      changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      ip_address INET,
      user_agent TEXT,
      business_justification TEXT,
      subject_table VARCHAR(63) DEFAULT 'product_owners' NOT NULL,
      subject_id BIGINT NOT NULL,
      db_role VARCHAR(63) DEFAULT SESSION_USER NOT NULL,
      justification_required BOOLEAN DEFAULT true NOT NULL,
      correlation_id TEXT,
      CONSTRAINT product_owners_audit_log_pkey PRIMARY KEY (id),
      CONSTRAINT product_owners_audit_log_change_type_check CHECK (change_type IN ('create', 'update', 'delete', 'view_sensitive')),
      CONSTRAINT chk_sensitive_justification CHECK (NOT (field_changed IN ('security_words', 'notes')) OR business_justification IS NOT NULL OR NOT justification_required),
      CONSTRAINT chk_audit_tells_no_value CHECK (old_value_hash IN ('absent', 'empty', 'present') AND new_value_hash IN ('absent', 'empty', 'present'))
    );
    CREATE INDEX idx_product_owners_audit_owner_id ON product_owners_audit_log (product_owner_id);
    CREATE INDEX idx_product_owners_audit_changed_at ON product_owners_audit_log (changed_at DESC);
    CREATE INDEX idx_product_owners_audit_changed_by ON product_owners_audit_log (changed_by);
    CREATE INDEX idx_product_owners_audit_field ON product_owners_audit_log (field_changed);
    CREATE INDEX idx_product_owners_audit_sensitive ON product_owners_audit_log (changed_at, field_changed) WHERE field_changed IN ('security_words', 'notes');
    COMMENT ON TABLE product_owners_audit_log IS 'Who created, changed, deleted or looked at a product owner or one of their numbers, and why; append-only';
    COMMENT ON COLUMN product_owners_audit_log.product_owner_id IS 'No foreign key: it outlives the owner';
    COMMENT ON COLUMN product_owners_audit_log.field_changed IS 'A column, record_creation or record_deletion';
    COMMENT ON COLUMN product_owners_audit_log.old_value_hash IS 'absent, empty or present; never a hash, which a word list reverses';
    COMMENT ON COLUMN product_owners_audit_log.new_value_hash IS 'absent, empty or present; never a hash, which a word list reverses';
    COMMENT ON COLUMN product_owners_audit_log.changed_by IS 'app.current_user_id, else the role';
    COMMENT ON COLUMN product_owners_audit_log.ip_address IS 'app.client_ip';
    COMMENT ON COLUMN product_owners_audit_log.user_agent IS 'app.user_agent';
    COMMENT ON COLUMN product_owners_audit_log.business_justification IS 'app.justification; never made up';
    COMMENT ON COLUMN product_owners_audit_log.subject_id IS 'Row of subject_table';
    COMMENT ON COLUMN product_owners_audit_log.db_role IS 'Login role';
    COMMENT ON COLUMN product_owners_audit_log.justification_required IS 'False where the portal had the column before Phase 2: its application can give no reason';
    COMMENT ON COLUMN product_owners_audit_log.correlation_id IS 'app.correlation_id';
  END IF;
END $kingston$;

-- function is_field_envelope(text)
-- Is this text an encrypted field value?  Envelope: enc:1:<key version>:<base64 of nonce 12, ciphertext, tag 16>.
-- Structure only: whether it decrypts is known to the holder of the key alone (the database never has one).
-- Called by the CHECKs and triggers of the encrypted fields and by redacted_value().  Errata E-039, E-184, E-192.
-- No SET search_path: pg_catalog operators only, and the clause would cost more than the test.
-- Tests: tests/sql/test_is_field_envelope.py
CREATE OR REPLACE FUNCTION is_field_envelope(p_value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_value OPERATOR(pg_catalog.~)
    '^enc:1:[1-9][0-9]{0,4}:([A-Za-z0-9+/]{4}){9,}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$';

COMMENT ON FUNCTION is_field_envelope(text) IS
    'true when the text is an encrypted field envelope (enc:1:<key version>:<base64>); NULL stays NULL';

SELECT kingston.give_back_grants('function', 'is_field_envelope(text)');

-- function redacted_value(jsonb)
-- What the row history may keep of a sensitive value: ciphertext as it is, NULL and the empty text as they are
-- (so that NULL -> '' stays visible, erratum E-110), anything else as the marker "[redacted]".
-- Never a plaintext and never a hash of one (E-178).  Called by record_row_history().
-- No SET search_path: the two names outside pg_catalog are bound when the function is created.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE FUNCTION redacted_value(p_value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN p_value IS NULL OR p_value = 'null'::jsonb OR p_value = '""'::jsonb THEN p_value
    WHEN is_field_envelope(p_value #>> '{}') THEN p_value
    ELSE '"[redacted]"'::jsonb
END;

COMMENT ON FUNCTION redacted_value(jsonb) IS
    'a sensitive value as the row history may hold it: ciphertext, null and empty text unchanged, else a marker';

SELECT kingston.give_back_grants('function', 'redacted_value(jsonb)');

-- function record_row_history()
-- The one writer of row_history: called by the statement-level triggers of sql/triggers/history_<table>.sql.
-- Trigger arguments, always four:
--   1 logical table name (kept when a table is renamed, moved, dumped and restored)
--   2 primary key column(s), comma separated
--   3 column that holds the client group of the row, or '' where a row belongs to none
--   4 sensitive columns, comma separated, or '' (their plaintext never reaches the history, see redacted_value)
-- A revision that moves data is no edit (kingston.revision is set, erratum E-050).  Only a login that is a member of
-- the role that owns this function is believed: no other writer can switch the history off.
-- One INSERT ... SELECT per statement, whatever the number of rows; a statement that changes nothing writes nothing.
-- An UPDATE of many rows builds JSON only of the columns that changed in any of them, by a statement made for them: the
-- same lines for less than half the work.  It needs at most eight changed columns and unchanged keys.
-- SECURITY DEFINER: the Phase 1 application's role needs no right on row_history (knowledge of the real application).
-- Errata E-108 to E-110 (right subject, all columns, TRUNCATE), E-112 (empty setting), E-150, E-181, E-189.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE FUNCTION record_row_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET timezone = 'UTC'  -- times inside the history read the same whoever wrote them
SET jit = off  -- the row estimate of a transition table makes PostgreSQL compile for seconds what runs in microseconds
AS $body$
DECLARE
    v_key       text[] := string_to_array(TG_ARGV[1], ',');
    v_group     text := nullif(TG_ARGV[2], '');
    v_sensitive text[] := string_to_array(TG_ARGV[3], ',');
    v_actor     text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
    v_reason    text := nullif(current_setting('app.justification', true), '');
    v_correlation text := nullif(current_setting('app.correlation_id', true), '');
    v_xid       bigint := pg_current_xact_id()::text::bigint;
    v_rows      bigint;
    v_same_key  text;
    v_changed   text[];
    v_paired    bigint;
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') <> ''
       AND pg_has_role(session_user, current_user, 'MEMBER') THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO row_history (table_name, row_key, client_group_id, action, actor, db_role, correlation_id,
                                 reason, transaction_id)
        SELECT TG_ARGV[0], (SELECT jsonb_object_agg(k.name, n.doc -> k.name) FROM unnest(v_key) AS k (name)),
               (n.doc ->> v_group)::bigint, 'insert', v_actor, session_user, v_correlation, v_reason, v_xid
        FROM (SELECT to_jsonb(r) AS doc FROM new_rows AS r) AS n;

    ELSIF TG_OP = 'UPDATE' THEN
        SELECT count(*) INTO v_rows FROM old_rows;
        IF v_rows >= 100 THEN
            SELECT string_agg(format('o.%1$I = n.%1$I', k.name), ' AND ') INTO v_same_key FROM unnest(v_key) AS k (name);
            EXECUTE (
                SELECT format('SELECT count(*), array_remove(ARRAY[%s]::text[], NULL) FROM old_rows AS o JOIN new_rows AS n ON %s',
                    string_agg(format('CASE WHEN bool_or(ROW(o.%1$I)::record *<> ROW(n.%1$I)::record) THEN %1$L END', a.attname), ', '
                               ORDER BY a.attnum), v_same_key)
                FROM pg_attribute AS a WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped)
            INTO v_paired, v_changed;
            IF v_paired = v_rows AND v_changed = '{}' THEN
                RETURN NULL;
            ELSIF v_paired = v_rows AND cardinality(v_changed) <= 8 THEN
                EXECUTE (
                    SELECT format(
                        $sql$
                        INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                                 correlation_id, reason, transaction_id)
                        SELECT $1, jsonb_build_object(%s), %s, 'update', %s, $2, session_user, $3, $4, $5
                        FROM old_rows AS o JOIN new_rows AS n ON %s WHERE %s
                        $sql$,
                        (SELECT string_agg(format('%1$L, n.%1$I', k.name), ', ') FROM unnest(v_key) AS k (name)),
                        CASE WHEN v_group IS NULL THEN 'NULL' ELSE format('n.%I::bigint', v_group) END,
                        string_agg(format(
                            CASE WHEN cardinality(v_changed) = 1 THEN 'jsonb_build_object(%1$L, %2$s)'
                                 ELSE 'CASE WHEN %3$s THEN jsonb_build_object(%1$L, %2$s) ELSE ''{}'' END' END,
                            c.name, c.pair, c.differs), ' || '),
                        v_same_key, string_agg(c.differs, ' OR '))
                    FROM (SELECT u.name,
                                 format(CASE WHEN u.name = ANY (v_sensitive)
                                             THEN 'jsonb_build_array(redacted_value(to_jsonb(o.%1$I)), redacted_value(to_jsonb(n.%1$I)))'
                                             ELSE 'jsonb_build_array(o.%1$I, n.%1$I)' END, u.name) AS pair,
                                 format('to_jsonb(o.%1$I) IS DISTINCT FROM to_jsonb(n.%1$I)', u.name) AS differs
                          FROM unnest(v_changed) AS u (name)) AS c)
                USING TG_ARGV[0], v_actor, v_correlation, v_reason, v_xid;
                RETURN NULL;
            END IF;
        END IF;
        -- FULL JOIN: a row whose key itself changed appears as one that went and one that came.
        INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                 correlation_id, reason, transaction_id)
        SELECT TG_ARGV[0], coalesce(o.row_key, n.row_key), (coalesce(n.doc, o.doc) ->> v_group)::bigint,
               CASE WHEN o.doc IS NULL THEN 'insert' WHEN n.doc IS NULL THEN 'delete' ELSE 'update' END,
               d.changes, v_actor, session_user, v_correlation, v_reason, v_xid
        FROM (SELECT f.doc, (SELECT jsonb_object_agg(k.name, f.doc -> k.name)
                             FROM unnest(v_key) AS k (name)) AS row_key
              FROM (SELECT to_jsonb(r) AS doc FROM old_rows AS r OFFSET 0) AS f) AS o
        FULL JOIN
             (SELECT f.doc, (SELECT jsonb_object_agg(k.name, f.doc -> k.name)
                             FROM unnest(v_key) AS k (name)) AS row_key
              FROM (SELECT to_jsonb(r) AS doc FROM new_rows AS r OFFSET 0) AS f) AS n
          ON o.row_key = n.row_key
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(c.key, CASE
                       WHEN n.doc IS NULL THEN CASE WHEN c.key = ANY (v_sensitive) THEN redacted_value(c.value)
                                                    ELSE c.value END
                       WHEN c.key = ANY (v_sensitive) THEN
                           jsonb_build_array(redacted_value(c.value), redacted_value(n.doc -> c.key))
                       ELSE jsonb_build_array(c.value, n.doc -> c.key) END) AS changes
            FROM jsonb_each(o.doc) AS c
            WHERE n.doc IS NULL OR c.value IS DISTINCT FROM n.doc -> c.key
        ) AS d
        WHERE o.doc IS DISTINCT FROM n.doc;

    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                 correlation_id, reason, transaction_id)
        SELECT TG_ARGV[0], (SELECT jsonb_object_agg(k.name, o.doc -> k.name) FROM unnest(v_key) AS k (name)),
               (o.doc ->> v_group)::bigint, 'delete',
               (SELECT jsonb_object_agg(c.key, CASE WHEN c.key = ANY (v_sensitive) THEN redacted_value(c.value)
                                                    ELSE c.value END) FROM jsonb_each(o.doc) AS c),
               v_actor, session_user, v_correlation, v_reason, v_xid
        FROM (SELECT to_jsonb(r) AS doc FROM old_rows AS r) AS o;

    ELSE
        -- BEFORE TRUNCATE: the rows are still there.  One line says that it happened, one more per row that went.
        EXECUTE format(
            $sql$
            INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                     correlation_id, reason, transaction_id)
            SELECT $1, (SELECT jsonb_object_agg(k.name, o.doc -> k.name) FROM unnest($2) AS k (name)),
                   (o.doc ->> $3)::bigint, 'truncate',
                   (SELECT jsonb_object_agg(c.key, CASE WHEN c.key = ANY ($4) THEN redacted_value(c.value)
                                                        ELSE c.value END) FROM jsonb_each(o.doc) AS c),
                   $5, session_user, $6, $7, $8
            FROM (SELECT to_jsonb(r) AS doc FROM %I.%I AS r) AS o
            $sql$, TG_TABLE_SCHEMA, TG_TABLE_NAME)
        USING TG_ARGV[0], v_key, v_group, v_sensitive, v_actor, v_correlation, v_reason, v_xid;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        INSERT INTO row_history (table_name, row_key, action, changes, actor, db_role, correlation_id, reason,
                                 transaction_id)
        VALUES (TG_ARGV[0], '{}', 'truncate', jsonb_build_object('rows', v_rows), v_actor, session_user,
                v_correlation, v_reason, v_xid);
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION record_row_history() IS
    'writes row_history from the transition tables of a statement; arguments: logical name, key, client group column, sensitive columns';
REVOKE ALL ON FUNCTION record_row_history() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'record_row_history()');

-- function last_change(text, bigint)
-- When a row was last written, from the row history: last_change('client_actions', 42).  NULL: not since its history
-- began; created_at is the answer then.  For tables with the key id; one index probe (idx_row_history_row).
-- Called by reports, instead of an updated_at that legacy tables do not have; client_group_last_change is the same for
-- whole client groups.  Not SECURITY DEFINER: whoever asks needs SELECT on row_history.
-- Tests: tests/sql/test_last_change.py
CREATE OR REPLACE FUNCTION last_change(p_table_name text, p_row_id bigint) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp
AS $body$
    SELECT h.occurred_at FROM row_history AS h
    WHERE h.table_name = p_table_name AND h.row_id = p_row_id
    ORDER BY h.occurred_at DESC LIMIT 1
$body$;

COMMENT ON FUNCTION last_change(text, bigint) IS
    'time of the last recorded change of a row, NULL where none is recorded';

SELECT kingston.give_back_grants('function', 'last_change(text, bigint)');

-- function client_address()
-- Where a request came from: the setting app.client_ip as inet; NULL where it is missing, empty or no address (a setting
-- of the application must never make a write fail).  Called by the audit functions.  Erratum E-177.
-- Tests: tests/sql/test_audit_product_owner_changes.py
CREATE OR REPLACE FUNCTION client_address() RETURNS inet
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_address text := nullif(current_setting('app.client_ip', true), '');
BEGIN
    IF v_address IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN v_address::inet;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION client_address() IS 'the setting app.client_ip as inet, NULL where it is not one';
REVOKE ALL ON FUNCTION client_address() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'client_address()');

-- function value_state(jsonb)
-- What the audit says of a value without telling it: absent (NULL), empty (the empty text) or present.
-- It stands where document 000 puts an MD5 of the secret, which a short word list reverses (erratum E-178), and keeps
-- NULL apart from the empty text (E-110).
-- No SET search_path: pg_catalog only.  Tests: tests/sql/test_audit_product_owner_changes.py
CREATE OR REPLACE FUNCTION value_state(p_value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_value IS NULL OR p_value = 'null'::jsonb THEN 'absent'
            WHEN p_value = '""'::jsonb THEN 'empty' ELSE 'present' END;

COMMENT ON FUNCTION value_state(jsonb) IS 'absent, empty or present: what an audit may say of a sensitive value';

SELECT kingston.give_back_grants('function', 'value_state(jsonb)');

-- function audit_product_owner_changes()
-- Feeds product_owners_audit_log, the compliance log, from the lines that a statement left in row_history: called by the
-- trigger audit_product_owners_changes.  So it sees what the history sees: bulk changes, TRUNCATE, cascades, sessions
-- with session_replication_role = replica, and nothing of a revision that moves data (E-050).
-- Owners: one row for a creation or deletion, one per changed column of an update, one per sensitive column that is
-- filled at creation.  Telephone numbers: the same, under the owner they belong to (document 000 filed them under their
-- own id: E-027, E-108); one that moves is recorded under both owners.  Says between which states a value changed
-- (value_state), never the value.
-- security_words and notes need a reason in app.justification: without one the write is refused, since a reason made up
-- by a trigger is none (E-150).  Errors: 23514, constraint chk_sensitive_justification.  The Phase 1 application
-- never comes here: it knows neither column; where a portal had one of them before us, no reason is asked (promise P3).
-- Errata E-108, E-110, E-112, E-178, E-181, E-189.
-- Rows are looked up one by one, by index, whatever their number: a join would be planned for the first statement of a
-- session and kept for all others.
-- SECURITY DEFINER: no right on the log is needed, and none is given.
-- Tests: tests/sql/test_audit_product_owner_changes.py, tests/sql/test_audit_phone_changes.py
CREATE OR REPLACE FUNCTION audit_product_owner_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET jit = off
AS $body$
DECLARE
    c_sensitive CONSTANT text[] := ARRAY['security_words', 'notes'];
    v_owners boolean;
    v_phones boolean;
    v_written text[];
    v_guarded text[] := '{}';
    v_agent  text := nullif(current_setting('app.user_agent', true), '');
    v_reason text := nullif(btrim(current_setting('app.justification', true)), '');
BEGIN
    SELECT coalesce(bool_or(l.table_name = 'product_owners'), false),
           coalesce(bool_or(l.table_name = 'product_owner_phones'), false)
      INTO v_owners, v_phones FROM lines AS l WHERE l.row_id IS NOT NULL;
    IF v_owners THEN
        SELECT array_agg(DISTINCT s.name) INTO v_written
          FROM lines AS l CROSS JOIN unnest(c_sensitive) AS s (name)
         WHERE l.table_name = 'product_owners' AND CASE l.action
               WHEN 'update' THEN l.changes ? s.name
               WHEN 'insert' THEN (SELECT coalesce(to_jsonb(p) ->> s.name, '') FROM product_owners AS p WHERE p.id = l.row_id) <> ''
               ELSE false END;
        IF v_written IS NOT NULL THEN
            v_guarded := kingston.our_columns('product_owners', c_sensitive);
            IF v_reason IS NULL AND v_written && v_guarded THEN
                RAISE EXCEPTION 'writing % of a product owner needs a reason',
                    (SELECT string_agg(w.name, ' and ') FROM unnest(v_written) AS w (name) WHERE w.name = ANY (v_guarded))
                    USING ERRCODE = '23514', CONSTRAINT = 'chk_sensitive_justification',
                          TABLE = 'product_owners', SCHEMA = TG_TABLE_SCHEMA,
                          HINT = 'in the same transaction: SELECT set_config(''app.justification'', ''why'', true)';
            END IF;
        END IF;
        INSERT INTO product_owners_audit_log (product_owner_id, subject_table, subject_id, field_changed, change_type,
            old_value_hash, new_value_hash, changed_by, db_role, ip_address, user_agent, business_justification,
            justification_required, correlation_id)
        SELECT l.row_id, 'product_owners', l.row_id, left(f.name, 50),
               CASE l.action WHEN 'insert' THEN 'create' WHEN 'update' THEN 'update' ELSE 'delete' END,
               f.before, f.after, l.actor, l.db_role, client_address(), v_agent, v_reason, f.name = ANY (v_guarded),
               l.correlation_id
          FROM lines AS l CROSS JOIN LATERAL (
               (SELECT c.key, value_state(c.value -> 0), value_state(c.value -> 1)
                  FROM jsonb_each(CASE l.action WHEN 'update' THEN l.changes END) AS c
                 WHERE c.key NOT IN ('updated_at', 'updated_by') ORDER BY c.key)
               UNION ALL
               SELECT CASE l.action WHEN 'insert' THEN 'record_creation' ELSE 'record_deletion' END, NULL, NULL
                WHERE l.action <> 'update'
               UNION ALL
               SELECT w.name, NULL, 'present' FROM unnest(v_written) AS w (name)
                WHERE l.action = 'insert'
                  AND (SELECT coalesce(to_jsonb(p) ->> w.name, '') FROM product_owners AS p WHERE p.id = l.row_id) <> ''
               ) AS f (name, before, after)
         WHERE l.table_name = 'product_owners' AND l.row_id IS NOT NULL;
    END IF;
    IF v_phones THEN
        -- The table by its history trigger where it was renamed.  A number that is gone again (in the same statement)
        -- belongs to the owner that the line of its end names, or where that is yet to come, the log so far.
        EXECUTE format(
            $sql$
            INSERT INTO product_owners_audit_log (product_owner_id, subject_table, subject_id, field_changed, change_type,
                old_value_hash, new_value_hash, changed_by, db_role, ip_address, user_agent, business_justification,
                justification_required, correlation_id)
            SELECT o.id, 'product_owner_phones', l.row_id, left(f.name, 50),
                   CASE l.action WHEN 'insert' THEN 'create' WHEN 'update' THEN 'update' ELSE 'delete' END,
                   f.before, f.after, l.actor, l.db_role, client_address(), $1, $2, false, l.correlation_id
              FROM lines AS l CROSS JOIN LATERAL (
                   (SELECT c.key, value_state(c.value -> 0), value_state(c.value -> 1)
                      FROM jsonb_each(CASE l.action WHEN 'update' THEN l.changes END) AS c
                     WHERE c.key NOT IN ('updated_at', 'updated_by') ORDER BY c.key)
                   UNION ALL
                   SELECT CASE l.action WHEN 'insert' THEN 'record_creation' ELSE 'record_deletion' END, NULL, NULL
                    WHERE l.action <> 'update') AS f (name, before, after)
             CROSS JOIN LATERAL (
                   SELECT DISTINCT u.id FROM unnest(CASE
                       WHEN l.action IN ('delete', 'truncate') THEN ARRAY[(l.changes ->> 'product_owner_id')::bigint]
                       WHEN l.changes ? 'product_owner_id' THEN
                           ARRAY[(l.changes #>> '{product_owner_id,0}')::bigint, (l.changes #>> '{product_owner_id,1}')::bigint]
                       ELSE ARRAY[coalesce(
                           (SELECT p.product_owner_id FROM %s AS p WHERE p.id = l.row_id),
                           (SELECT (h.changes ->> 'product_owner_id')::bigint FROM row_history AS h
                             WHERE h.table_name = l.table_name AND h.row_id = l.row_id AND h.action IN ('delete', 'truncate')
                             ORDER BY h.occurred_at DESC, h.id DESC LIMIT 1),
                           (SELECT a.product_owner_id FROM product_owners_audit_log AS a
                             WHERE a.subject_table = l.table_name AND a.subject_id = l.row_id ORDER BY a.id DESC LIMIT 1))] END) AS u (id)
                    WHERE u.id IS NOT NULL ORDER BY u.id) AS o
             WHERE l.table_name = 'product_owner_phones' AND l.row_id IS NOT NULL
            $sql$, coalesce(to_regclass('product_owner_phones'), (
                SELECT t.tgrelid::regclass FROM pg_trigger AS t WHERE t.tgfoid = 'record_row_history'::regproc
                   AND encode(t.tgargs, 'escape') LIKE 'product\_owner\_phones\\000%' LIMIT 1)))
        USING v_agent, v_reason;
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION audit_product_owner_changes() IS
    'trigger on row_history: who created, changed or deleted a product owner or a telephone number, and why a sensitive field was written';
REVOKE ALL ON FUNCTION audit_product_owner_changes() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'audit_product_owner_changes()');

-- function refuse_rewrite()
-- Append-only tables: refuses UPDATE, DELETE and TRUNCATE (erratum E-189), whoever asks.  Attached as a statement-level
-- BEFORE trigger, so that a statement that would touch no row is refused too.
-- Errors: 23001 (restrict_violation) naming the table.  Going down is not a rewrite: the table moves as a whole.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE FUNCTION refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
              HINT = 'what was recorded stays; write a new row that says what changed';
END
$body$;

COMMENT ON FUNCTION refuse_rewrite() IS 'trigger: refuses UPDATE, DELETE and TRUNCATE on append-only tables';
REVOKE ALL ON FUNCTION refuse_rewrite() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'refuse_rewrite()');

-- view client_group_last_change
-- Per client group the time of the last recorded change of the group or of a row whose history names it (memberships,
-- actions, items ...); NULL where nothing was recorded, created_at is the answer then.  One index probe per group asked
-- for (idx_row_history_client_group), whatever the length of the history.
-- Read by the summaries, because legacy tables have no updated_at.  Tests: tests/sql/test_last_change.py
CREATE OR REPLACE VIEW client_group_last_change WITH (security_invoker = true) AS
SELECT g.id AS client_group_id,
       (SELECT h.occurred_at FROM row_history AS h
        WHERE h.client_group_id = g.id
        ORDER BY h.occurred_at DESC LIMIT 1) AS last_changed_at
FROM client_groups AS g;

COMMENT ON VIEW client_group_last_change IS 'time of the last recorded change of a client group or of what belongs to it';

SELECT kingston.give_back_grants('view', 'client_group_last_change');

SELECT kingston.take_locks(ARRAY['row_history']::text[], 'SHARE ROW EXCLUSIVE');

-- trigger row_history_append_only on row_history
-- Nothing that was recorded is changed or removed (erratum E-189).
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE TRIGGER row_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON row_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE row_history ENABLE ALWAYS TRIGGER row_history_append_only;

COMMIT;

BEGIN;

-- control row_history_seal
-- Seals of the row history: one row per batch of lines, each with the digest of its lines and chained to the seal before,
-- so that a line changed, missing or slipped in afterwards is found (kingston audit verify).  Exported copies
-- (kingston audit seal --export) find a chain that was computed anew as well.
-- Stays through every downgrade, like the history itself (which rests in the archive then).
-- Tests: tests/operations/test_audit.py
CREATE TABLE IF NOT EXISTS kingston.row_history_seal (
    number bigint PRIMARY KEY,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    lines bigint NOT NULL,
    digest text NOT NULL,
    chain text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sealed_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE kingston.row_history_seal IS 'Seals of row_history: digest of a batch of lines, chained to the one before';
COMMENT ON COLUMN kingston.row_history_seal.chain IS 'SHA-256 of the chain before, the range and the digest';

SELECT kingston.take_locks(ARRAY['product_owners_audit_log']::text[], 'SHARE ROW EXCLUSIVE');

-- trigger product_owners_audit_log_append_only on product_owners_audit_log
-- Nothing that was recorded is changed or removed (erratum E-189).
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE TRIGGER product_owners_audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON product_owners_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE product_owners_audit_log ENABLE ALWAYS TRIGGER product_owners_audit_log_append_only;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['row_history']::text[], 'SHARE ROW EXCLUSIVE');

-- trigger audit_product_owners_changes on row_history
-- Every creation, change and deletion of a product owner or a telephone number in product_owners_audit_log, from the lines
-- that the statement left in the history.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_audit_product_owner_changes.py, tests/sql/test_audit_phone_changes.py
CREATE OR REPLACE TRIGGER audit_product_owners_changes AFTER INSERT ON row_history
    REFERENCING NEW TABLE AS lines
    FOR EACH STATEMENT EXECUTE FUNCTION audit_product_owner_changes();
ALTER TABLE row_history ENABLE ALWAYS TRIGGER audit_product_owners_changes;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_group_product_owners']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers history_insert, history_update, history_delete, history_truncate on client_group_product_owners
-- Row history of memberships in client groups: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_group_product_owners
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_group_product_owners
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_group_product_owners
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_group_product_owners
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
ALTER TABLE client_group_product_owners
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_groups']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers history_insert, history_update, history_delete, history_truncate on client_groups
-- Row history of client groups: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_groups
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_groups
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_groups
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_groups
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
ALTER TABLE client_groups
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owner_phones']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers history_insert, history_update, history_delete, history_truncate on product_owner_phones
-- Row history of telephone numbers: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON product_owner_phones
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON product_owner_phones
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON product_owner_phones
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON product_owner_phones
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
ALTER TABLE product_owner_phones
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owner_products']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers history_insert, history_update, history_delete, history_truncate on product_owner_products
-- Row history of links between people and products: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON product_owner_products
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_products', 'id', '', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON product_owner_products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_products', 'id', '', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON product_owner_products
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_products', 'id', '', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON product_owner_products
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_products', 'id', '', '');
ALTER TABLE product_owner_products
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers history_insert, history_update, history_delete, history_truncate on product_owners
-- Row history of product owners: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- Telephone numbers in columns of the portal's own are sensitive, too: its application keeps them in plain, the history not.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON product_owners
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON product_owners
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON product_owners
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON product_owners
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
ALTER TABLE product_owners
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.grant_roles(ARRAY['row_history', 'product_owners_audit_log', 'client_group_last_change', 'row_history_seal', 'is_field_envelope', 'redacted_value', 'record_row_history', 'last_change', 'client_address', 'value_state', 'audit_product_owner_changes', 'refuse_rewrite']::text[]);

UPDATE alembic_version SET version_num='phase_2_audit' WHERE alembic_version.version_num = 'phase_2_owner_phones';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_audit', '{"outcome": "done", "revision": "phase_2_audit", "detail": "by a script", "files": {"versions/0220_phase_2_audit.py": "SHA-256", "sql/audit_product_owner_changes/0220.sql": "SHA-256", "sql/audit_product_owners_changes/0220.sql": "SHA-256", "sql/client_address/0220.sql": "SHA-256", "sql/client_group_last_change/0220.sql": "SHA-256", "sql/history_client_group_product_owners/0220.sql": "SHA-256", "sql/history_client_groups/0220.sql": "SHA-256", "sql/history_product_owner_phones/0220.sql": "SHA-256", "sql/history_product_owner_products/0220.sql": "SHA-256", "sql/history_product_owners/0220.sql": "SHA-256", "sql/is_field_envelope/0220.sql": "SHA-256", "sql/last_change/0220.sql": "SHA-256", "sql/product_owners_audit_log_append_only/0220.sql": "SHA-256", "sql/record_row_history/0220.sql": "SHA-256", "sql/redacted_value/0220.sql": "SHA-256", "sql/refuse_rewrite/0220.sql": "SHA-256", "sql/row_history_append_only/0220.sql": "SHA-256", "sql/row_history_seal/0220.sql": "SHA-256", "sql/value_state/0220.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_field_encryption';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_liquidity -> phase_2_field_encryption

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('encryption_keys') THEN
    CREATE TABLE encryption_keys (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      key_name VARCHAR(100) NOT NULL,
      key_version INTEGER NOT NULL,
      purpose VARCHAR(20) NOT NULL,
      algorithm VARCHAR(50) NOT NULL,
      status VARCHAR(20) DEFAULT 'pending' NOT NULL,
      key_check_value VARCHAR(32) NOT NULL,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      activated_at TIMESTAMP WITH TIME ZONE,
      retired_at TIMESTAMP WITH TIME ZONE,
      expires_at TIMESTAMP WITH TIME ZONE,
      created_by VARCHAR(100) DEFAULT SESSION_USER NOT NULL,
      CONSTRAINT encryption_keys_pkey PRIMARY KEY (id),
      CONSTRAINT unique_encryption_key_version UNIQUE (key_name, key_version),
      CONSTRAINT encryption_keys_key_version_check CHECK (key_version BETWEEN 1 AND 99999),
      CONSTRAINT encryption_keys_purpose_check CHECK (purpose IN ('encryption', 'blind_index')),
      CONSTRAINT encryption_keys_algorithm_check CHECK ((purpose = 'encryption' AND algorithm IN ('aes-256-gcm', 'aes-256-gcm-siv')) OR (purpose = 'blind_index' AND algorithm = 'hmac-sha-256')),
      CONSTRAINT encryption_keys_status_check CHECK (status IN ('pending', 'active', 'decrypt_only', 'retired')),
      CONSTRAINT encryption_keys_key_check_value_check CHECK (key_check_value ~ '^[0-9a-f]{6,32}$'),
      CONSTRAINT encryption_keys_dates_check CHECK ((status = 'pending') = (activated_at IS NULL) AND (status = 'retired') = (retired_at IS NOT NULL))
    );
    CREATE UNIQUE INDEX idx_encryption_keys_active ON encryption_keys (key_name) WHERE status = 'active';
    COMMENT ON TABLE encryption_keys IS 'Versions of the keys and their state; the keys themselves are never in the database';
    COMMENT ON COLUMN encryption_keys.key_version IS 'The number in the envelope enc:1:<key version>:...';
    COMMENT ON COLUMN encryption_keys.key_check_value IS 'Tells a wrong key from the right one; no key material';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('encryption_audit_log') THEN
    CREATE TABLE encryption_audit_log (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      table_name VARCHAR(100) NOT NULL,
      record_id BIGINT NOT NULL,
      field_name VARCHAR(100) NOT NULL,
      operation VARCHAR(20) NOT NULL,
      accessed_by VARCHAR(100) NOT NULL,
      db_role VARCHAR(63) DEFAULT SESSION_USER NOT NULL,
      access_time TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      client_ip INET,
      user_agent TEXT,
      purpose TEXT,
      correlation_id TEXT,
      key_version INTEGER,
      outcome VARCHAR(20) DEFAULT 'granted' NOT NULL,
      CONSTRAINT encryption_audit_log_pkey PRIMARY KEY (id),
      CONSTRAINT encryption_audit_log_operation_check CHECK (operation IN ('encrypt', 'decrypt', 'access')),
      CONSTRAINT encryption_audit_log_outcome_check CHECK (outcome IN ('granted', 'refused', 'failed', 'decoy')),
      CONSTRAINT chk_decrypt_names_purpose CHECK (operation <> 'decrypt' OR (purpose IS NOT NULL AND btrim(purpose) <> ''))
    );
    CREATE INDEX idx_encryption_audit_log_record ON encryption_audit_log (table_name, record_id, access_time DESC);
    CREATE INDEX idx_encryption_audit_log_accessed_by ON encryption_audit_log (accessed_by, access_time DESC);
    COMMENT ON TABLE encryption_audit_log IS 'Every use of a secret, written before the value is handed out; append-only';
    COMMENT ON COLUMN encryption_audit_log.accessed_by IS 'Actor as the application says';
    COMMENT ON COLUMN encryption_audit_log.db_role IS 'Login role';
    COMMENT ON COLUMN encryption_audit_log.purpose IS 'Why; a decrypt must say it';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_group_secrets') THEN
    CREATE TABLE client_group_secrets (
      client_group_id BIGINT NOT NULL,
      security_word TEXT,
      private_notes TEXT,
      sensitive_data TEXT,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      updated_by VARCHAR(100),
      CONSTRAINT client_group_secrets_pkey PRIMARY KEY (client_group_id)
    );
    COMMENT ON TABLE client_group_secrets IS 'Secrets of client groups; apart, because the portal hands out whole client_groups rows';
    COMMENT ON COLUMN client_group_secrets.security_word IS 'Ciphertext';
    COMMENT ON COLUMN client_group_secrets.private_notes IS 'Ciphertext';
    COMMENT ON COLUMN client_group_secrets.sensitive_data IS 'Ciphertext';
  END IF;
END $kingston$;

-- function mask_phone_number(text)
-- What may be shown of a telephone number: every digit but the last three as X, the writing kept
-- ("+44 7700 900456" -> "+XX XXXX XXX456", document 000 C-070).  A mask stays as it is, so masking twice loses nothing
-- more (erratum E-043).  Called by the view product_owner_phones_secure and by applications before they encrypt.
-- No SET search_path: pg_catalog only.  Tests: tests/sql/test_mask_phone_number.py
CREATE OR REPLACE FUNCTION mask_phone_number(p_phone_number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(p_phone_number, '[0-9](?=([^0-9]*[0-9]){3})', 'X', 'g');

COMMENT ON FUNCTION mask_phone_number(text) IS 'a telephone number with every digit but the last three as X';

SELECT kingston.give_back_grants('function', 'mask_phone_number(text)');

-- function mask_sensitive_text(text)
-- What may be shown of a secret: [encrypted] for ciphertext, [hidden] for plaintext, NULL and the empty text as they are.
-- Document 000 (C-071) shows the first 47 characters of a note, which is the note for most of them (erratum E-185).
-- Called by the view client_groups_secure.
-- No SET search_path: the one name outside pg_catalog is bound when the function is created.
-- Tests: tests/sql/test_client_groups_secure.py
CREATE OR REPLACE FUNCTION mask_sensitive_text(p_value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_value IS NULL OR p_value = '' THEN p_value
            WHEN is_field_envelope(p_value) THEN '[encrypted]'
            ELSE '[hidden]' END;

COMMENT ON FUNCTION mask_sensitive_text(text) IS 'a marker instead of a secret: [encrypted] or [hidden]; NULL stays NULL';

SELECT kingston.give_back_grants('function', 'mask_sensitive_text(text)');

-- function require_envelope()
-- Sensitive columns hold ciphertext only: unless the setting encryption_enabled says false, a value written to one of
-- the columns named as arguments must be an envelope (is_field_envelope).  A value that begins like an envelope and is
-- none (cut off, mistyped) is refused in any case.  NULL and the empty text pass: that is how a secret is cleared
-- (erratum E-045).  A value that does not change is not judged: plaintext from before stays, and sensitive_field_status
-- counts it.  Nothing is encrypted here: keys are never in the database (errata E-018, E-039 to E-044, E-169).
-- Errors: 23514, constraint sensitive_field_is_encrypted; the message never holds the value.
-- A column the portal had before us is not judged: the Phase 1 application writes it (promise P3).
-- Called by the triggers product_owners_sensitive_* and client_group_secrets_sensitive_*.
-- SECURITY DEFINER: a writer needs no right on migration_control or the ledger.
-- Tests: tests/sql/test_require_envelope.py
CREATE OR REPLACE FUNCTION require_envelope() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_ours text[] := kingston.our_columns(TG_TABLE_NAME, TG_ARGV);
    v_old jsonb := to_jsonb(OLD);
    v_new jsonb := to_jsonb(NEW);
    v_plain text;
    v_broken text;
BEGIN
    SELECT string_agg(c.name, ' and '), string_agg(c.name, ' and ') FILTER (WHERE v_new ->> c.name LIKE 'enc:%')
      INTO v_plain, v_broken
      FROM unnest(v_ours) AS c (name)
     WHERE v_new ->> c.name <> '' AND v_new ->> c.name IS DISTINCT FROM v_old ->> c.name
       AND NOT is_field_envelope(v_new ->> c.name);
    IF v_broken IS NOT NULL THEN
        RAISE EXCEPTION '% of % begins like an encrypted value and is none', v_broken, TG_TABLE_NAME
            USING ERRCODE = '23514', CONSTRAINT = 'sensitive_field_is_encrypted',
                  TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                  HINT = 'the envelope is enc:1:<key version>:<base64 of nonce, ciphertext and tag>';
    ELSIF v_plain IS NOT NULL AND feature_enabled('encryption_enabled') THEN
        RAISE EXCEPTION '% of % must be written encrypted: the setting encryption_enabled is not false',
            v_plain, TG_TABLE_NAME
            USING ERRCODE = '23514', CONSTRAINT = 'sensitive_field_is_encrypted',
                  TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                  HINT = 'let the application encrypt it; or, to store plaintext knowingly: UPDATE migration_control'
                         ' SET value = ''false'' WHERE setting = ''encryption_enabled''';
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION require_envelope() IS
    'trigger: sensitive columns named as arguments take ciphertext only, unless encryption_enabled is false';
REVOKE ALL ON FUNCTION require_envelope() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'require_envelope()');

-- function check_phone_encryption()
-- State of a telephone number when it is written:
--   no key active, or encryption_enabled false   the number stands in phone_number, readable
--   encryption on and an encryption key active   phone_number holds the mask, phone_number_encrypted the number
--   always                                       a mask needs its ciphertext: the number would be lost (E-043);
--                                                ciphertext never stands beside a readable number (E-185): a CHECK too,
--                                                but that one would print the row, and the number, into the log
-- Errors: 23514, constraints phone_mask_has_ciphertext, chk_phone_masked_when_encrypted and phone_number_is_encrypted;
-- no message holds a number.
-- SECURITY DEFINER: a writer needs no right on encryption_keys or migration_control.
-- Called by the triggers product_owner_phones_encryption_*.  Tests: tests/sql/test_check_phone_encryption.py
CREATE OR REPLACE FUNCTION check_phone_encryption() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
BEGIN
    IF NEW.phone_number LIKE '%X%' THEN
        IF NEW.phone_number_encrypted IS NULL THEN
            RAISE EXCEPTION 'phone_number holds a mask, but phone_number_encrypted no number'
                USING ERRCODE = '23514', CONSTRAINT = 'phone_mask_has_ciphertext',
                      TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                      HINT = 'write the encrypted number together with its mask';
        END IF;
    ELSIF NEW.phone_number_encrypted IS NOT NULL THEN
        RAISE EXCEPTION 'phone_number holds a readable number beside its ciphertext'
            USING ERRCODE = '23514', CONSTRAINT = 'chk_phone_masked_when_encrypted',
                  TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                  HINT = 'write mask_phone_number(number) to phone_number; for a new number its ciphertext, or NULL, as well';
    ELSIF EXISTS (SELECT 1 FROM encryption_keys AS k WHERE k.purpose = 'encryption' AND k.status = 'active')
          AND feature_enabled('encryption_enabled') THEN
        RAISE EXCEPTION 'a telephone number must be written encrypted: a key is active and encryption_enabled is not false'
            USING ERRCODE = '23514', CONSTRAINT = 'phone_number_is_encrypted',
                  TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                  HINT = 'write the ciphertext to phone_number_encrypted and mask_phone_number(number) to phone_number';
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION check_phone_encryption() IS
    'trigger: a telephone number is readable or masked beside its ciphertext, as keys and settings demand';
REVOKE ALL ON FUNCTION check_phone_encryption() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'check_phone_encryption()');

SELECT kingston.hold_tables(ARRAY['client_group_secrets', 'encryption_audit_log', 'encryption_keys']::text[], 'ACCESS EXCLUSIVE', false);

-- trigger client_group_secrets_sensitive on client_group_secrets
-- The three secrets of a client group take ciphertext only (require_envelope).
-- Tests: tests/sql/test_require_envelope.py
CREATE OR REPLACE TRIGGER client_group_secrets_sensitive BEFORE INSERT OR UPDATE ON client_group_secrets
    FOR EACH ROW EXECUTE FUNCTION require_envelope('security_word', 'private_notes', 'sensitive_data');

-- triggers client_group_secrets_touch_insert, client_group_secrets_touch_update on client_group_secrets
-- Time and author of the last change (errata E-201, E-202).
-- Tests: tests/sql/test_require_envelope.py
CREATE OR REPLACE TRIGGER client_group_secrets_touch_insert BEFORE INSERT ON client_group_secrets
    FOR EACH ROW WHEN (NEW.updated_by IS NULL) EXECUTE FUNCTION touch_updated_at('updated_by');
CREATE OR REPLACE TRIGGER client_group_secrets_touch_update BEFORE UPDATE ON client_group_secrets
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at('updated_by');

-- triggers history_insert, history_update, history_delete, history_truncate on client_group_secrets
-- Row history of secrets of client groups: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_group_secrets
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_secrets', 'client_group_id', 'client_group_id',
        'security_word,private_notes,sensitive_data');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_group_secrets
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_secrets', 'client_group_id', 'client_group_id',
        'security_word,private_notes,sensitive_data');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_group_secrets
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_secrets', 'client_group_id', 'client_group_id',
        'security_word,private_notes,sensitive_data');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_group_secrets
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_secrets', 'client_group_id', 'client_group_id',
        'security_word,private_notes,sensitive_data');
ALTER TABLE client_group_secrets
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

-- trigger encryption_audit_log_append_only on encryption_audit_log
-- Nothing that was recorded is changed or removed (erratum E-189).
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE TRIGGER encryption_audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON encryption_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE encryption_audit_log ENABLE ALWAYS TRIGGER encryption_audit_log_append_only;

-- triggers history_insert, history_update, history_delete, history_truncate on encryption_keys
-- Row history of key versions: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON encryption_keys
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON encryption_keys
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON encryption_keys
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON encryption_keys
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
ALTER TABLE encryption_keys
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.add_foreign_key('client_group_secrets', 'fk_client_group_secrets_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_group_secrets', 'fk_client_group_secrets_client_group');

SELECT kingston.validate_constraint('client_group_secrets', 'fk_client_group_secrets_client_group');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_group_secrets', 'chk_secrets_are_whole_envelopes', '(security_word NOT LIKE ''enc:%'' OR is_field_envelope(security_word)) AND (private_notes NOT LIKE ''enc:%'' OR is_field_envelope(private_notes)) AND (sensitive_data NOT LIKE ''enc:%'' OR is_field_envelope(sensitive_data))');

SELECT kingston.add_check('client_group_secrets', 'chk_secrets_are_whole_envelopes', '(security_word NOT LIKE ''enc:%'' OR is_field_envelope(security_word)) AND (private_notes NOT LIKE ''enc:%'' OR is_field_envelope(private_notes)) AND (sensitive_data NOT LIKE ''enc:%'' OR is_field_envelope(sensitive_data))');

COMMIT;

SELECT kingston.validate_constraint('client_group_secrets', 'chk_secrets_are_whole_envelopes');

BEGIN;

SELECT kingston.add_columns('product_owner_phones',
  ARRAY['phone_number_encrypted', 'phone_number_index']::text[],
  ARRAY['phone_number_encrypted TEXT', 'phone_number_index TEXT']::text[],
  ARRAY['The number as ciphertext; phone_number then holds its mask', 'Keyed blind index for equality search: bidx:1:<key version>:<hex>']::text[]);

COMMIT;

BEGIN;

COMMIT;

CALL kingston.restore_columns('product_owner_phones', ARRAY['phone_number_encrypted', 'phone_number_index']::text[]);

BEGIN;

-- procedure kingston.settle_phone_ciphertexts()
-- After the ciphertext of telephone numbers came back from the archive: where a number was rewritten below, the newer
-- one holds (design section 7).  The row with the older ciphertext is copied to quarantine, then loses it.
-- Called by op.backfill in revision phase_2_field_encryption, before the rules that demand it.
-- Tests: tests/revisions/test_phase_2_field_encryption.py
CREATE OR REPLACE PROCEDURE kingston.settle_phone_ciphertexts()
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $function$
DECLARE
    c_stale CONSTANT text := 't.phone_number_encrypted IS NOT NULL AND t.phone_number NOT LIKE ''%X%''';
BEGIN
    IF kingston.quarantine_rows('product_owner_phones', c_stale,
                                 quote_literal('the number was rewritten below'),
                                 ARRAY['phone_number_encrypted', 'phone_number_index']) > 0 THEN
        UPDATE product_owner_phones AS t SET phone_number_encrypted = NULL, phone_number_index = NULL
         WHERE t.phone_number_encrypted IS NOT NULL AND t.phone_number NOT LIKE '%X%';
    END IF;
END
$function$;

SELECT kingston.give_back_grants('procedure', 'kingston.settle_phone_ciphertexts()');

COMMIT;

CALL kingston.settle_phone_ciphertexts();

BEGIN;

SELECT kingston.refuse_breaking_rows('product_owner_phones', 'chk_phone_encrypted_is_envelope', 'is_field_envelope(phone_number_encrypted)');

SELECT kingston.add_check('product_owner_phones', 'chk_phone_encrypted_is_envelope', 'is_field_envelope(phone_number_encrypted)');

COMMIT;

SELECT kingston.validate_constraint('product_owner_phones', 'chk_phone_encrypted_is_envelope');

BEGIN;

SELECT kingston.refuse_breaking_rows('product_owner_phones', 'chk_phone_masked_when_encrypted', 'phone_number_encrypted IS NULL OR phone_number LIKE ''%X%''');

SELECT kingston.add_check('product_owner_phones', 'chk_phone_masked_when_encrypted', 'phone_number_encrypted IS NULL OR phone_number LIKE ''%X%''');

COMMIT;

SELECT kingston.validate_constraint('product_owner_phones', 'chk_phone_masked_when_encrypted');

BEGIN;

SELECT kingston.refuse_breaking_rows('product_owner_phones', 'chk_phone_index_format', 'phone_number_index IS NULL OR (phone_number_encrypted IS NOT NULL AND phone_number_index ~ ''^bidx:1:[1-9][0-9]{0,4}:[0-9a-f]{32}$'')');

SELECT kingston.add_check('product_owner_phones', 'chk_phone_index_format', 'phone_number_index IS NULL OR (phone_number_encrypted IS NOT NULL AND phone_number_index ~ ''^bidx:1:[1-9][0-9]{0,4}:[0-9a-f]{32}$'')');

COMMIT;

SELECT kingston.validate_constraint('product_owner_phones', 'chk_phone_index_format');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owner_phones_index__building;

SELECT kingston.index_intended('idx_product_owner_phones_index', 'product_owner_phones', 'CREATE INDEX CONCURRENTLY idx_product_owner_phones_index__building ON product_owner_phones USING btree (phone_number_index) WHERE phone_number_index IS NOT NULL');

CREATE INDEX CONCURRENTLY idx_product_owner_phones_index__building ON product_owner_phones USING btree (phone_number_index) WHERE phone_number_index IS NOT NULL;

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_product_owner_phones_index', 'idx_product_owner_phones_index__building');

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers product_owners_sensitive_insert, product_owners_sensitive_update on product_owners
-- security_words and notes take ciphertext only (require_envelope); statements that leave both alone never enter.
-- Tests: tests/sql/test_require_envelope.py
CREATE OR REPLACE TRIGGER product_owners_sensitive_insert BEFORE INSERT ON product_owners
    FOR EACH ROW WHEN (NEW.security_words IS NOT NULL OR NEW.notes IS NOT NULL)
    EXECUTE FUNCTION require_envelope('security_words', 'notes');
CREATE OR REPLACE TRIGGER product_owners_sensitive_update BEFORE UPDATE OF security_words, notes ON product_owners
    FOR EACH ROW EXECUTE FUNCTION require_envelope('security_words', 'notes');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owner_phones']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers product_owner_phones_encryption_insert, product_owner_phones_encryption_update on product_owner_phones
-- A number that is written new or changed stands in the form that keys and settings demand (check_phone_encryption).
-- Tests: tests/sql/test_check_phone_encryption.py
CREATE OR REPLACE TRIGGER product_owner_phones_encryption_insert BEFORE INSERT ON product_owner_phones
    FOR EACH ROW EXECUTE FUNCTION check_phone_encryption();
CREATE OR REPLACE TRIGGER product_owner_phones_encryption_update BEFORE UPDATE ON product_owner_phones
    FOR EACH ROW WHEN (NEW.phone_number IS DISTINCT FROM OLD.phone_number
                       OR NEW.phone_number_encrypted IS DISTINCT FROM OLD.phone_number_encrypted)
    EXECUTE FUNCTION check_phone_encryption();

COMMIT;

BEGIN;

-- view client_groups_secure
-- Client groups with markers in the place of their secrets.  Never decrypts, writes nothing when it is read, and shows
-- no more than its reader may see in the tables (security_invoker; errata E-020, E-186, E-187).
-- Document 000's columns that no table has (description, user_id, updated_at of the group) are left out.
-- Tests: tests/sql/test_client_groups_secure.py
CREATE OR REPLACE VIEW client_groups_secure WITH (security_invoker = true, security_barrier = true) AS
SELECT g.id,
       g.name AS group_name,
       g.status,
       g.type,
       g.advisor_id,
       mask_sensitive_text(s.security_word) AS security_word,
       mask_sensitive_text(s.private_notes) AS private_notes,
       mask_sensitive_text(s.sensitive_data) AS sensitive_data,
       g.created_at,
       s.updated_at AS secrets_updated_at
FROM client_groups AS g
LEFT JOIN client_group_secrets AS s ON s.client_group_id = g.id;

COMMENT ON VIEW client_groups_secure IS 'client groups with markers instead of their secrets';

SELECT kingston.give_back_grants('view', 'client_groups_secure');

-- view product_owner_phones_secure
-- Telephone numbers, masked.  Never decrypts, shows no more than its reader may see in the table (security_invoker).
-- Document 000 calls it product_ownership_phone_secure, over a table that exists nowhere (errata E-021, E-158).
-- Tests: tests/sql/test_product_owner_phones_secure.py
CREATE OR REPLACE VIEW product_owner_phones_secure WITH (security_invoker = true, security_barrier = true) AS
SELECT p.id,
       p.product_owner_id,
       p.phone_type,
       mask_phone_number(p.phone_number) AS phone_number,
       p.label,
       p.is_primary,
       p.phone_number_encrypted IS NOT NULL AS encrypted,
       p.created_at,
       p.updated_at
FROM product_owner_phones AS p;

COMMENT ON VIEW product_owner_phones_secure IS 'telephone numbers of product owners, masked';

SELECT kingston.give_back_grants('view', 'product_owner_phones_secure');

-- view sensitive_field_status
-- How much of each sensitive field is ciphertext and how much is still readable: what was stored before encryption was
-- there is left as it is, and counted here (erratum E-046).  Texts that numbers were migrated from are readable too.
-- Columns of that kind which a portal had before Phase 2 under other names (phone, phone_1 ...) are not listed.
-- Tests: tests/sql/test_sensitive_field_status.py
CREATE OR REPLACE VIEW sensitive_field_status WITH (security_invoker = true) AS
SELECT f.table_name, f.column_name, count(*) FILTER (WHERE f.value <> '') AS filled,
       count(*) FILTER (WHERE f.encrypted) AS encrypted,
       count(*) FILTER (WHERE f.value <> '' AND NOT f.encrypted) AS plaintext
FROM (
    SELECT v.table_name, v.column_name, v.value, coalesce(is_field_envelope(v.value), false) AS encrypted
    FROM product_owners AS o
    CROSS JOIN LATERAL (VALUES ('product_owners', 'security_words', o.security_words::text),
                               ('product_owners', 'notes', o.notes::text)) AS v (table_name, column_name, value)
    UNION ALL
    SELECT 'client_group_secrets', v.column_name, v.value, coalesce(is_field_envelope(v.value), false)
    FROM client_group_secrets AS s
    CROSS JOIN LATERAL (VALUES ('security_word', s.security_word), ('private_notes', s.private_notes),
                               ('sensitive_data', s.sensitive_data)) AS v (column_name, value)
    UNION ALL
    SELECT 'product_owner_phones', 'phone_number', p.phone_number, p.phone_number_encrypted IS NOT NULL
    FROM product_owner_phones AS p
    UNION ALL
    SELECT 'product_owner_phone_sources', 'source_text', q.source_text, false FROM product_owner_phone_sources AS q
    UNION ALL
    SELECT 'product_owner_phone_rejects', 'source_text', r.source_text, false FROM product_owner_phone_rejects AS r
) AS f
GROUP BY f.table_name, f.column_name;

COMMENT ON VIEW sensitive_field_status IS 'per sensitive field: rows filled, encrypted, readable';

SELECT kingston.give_back_grants('view', 'sensitive_field_status');

SELECT kingston.grant_roles(ARRAY['encryption_keys', 'encryption_audit_log', 'client_group_secrets', 'client_groups_secure', 'product_owner_phones_secure', 'sensitive_field_status']::text[]);

UPDATE alembic_version SET version_num='phase_2_field_encryption' WHERE alembic_version.version_num = 'phase_2_liquidity';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_field_encryption', '{"outcome": "done", "revision": "phase_2_field_encryption", "detail": "by a script", "files": {"versions/0270_phase_2_field_encryption.py": "SHA-256", "sql/check_phone_encryption/0270.sql": "SHA-256", "sql/client_group_secrets_sensitive/0270.sql": "SHA-256", "sql/client_group_secrets_touch/0270.sql": "SHA-256", "sql/client_groups_secure/0270.sql": "SHA-256", "sql/encryption_audit_log_append_only/0270.sql": "SHA-256", "sql/history_client_group_secrets/0270.sql": "SHA-256", "sql/history_encryption_keys/0270.sql": "SHA-256", "sql/mask_phone_number/0270.sql": "SHA-256", "sql/mask_sensitive_text/0270.sql": "SHA-256", "sql/product_owner_phones_encryption/0270.sql": "SHA-256", "sql/product_owner_phones_secure/0270.sql": "SHA-256", "sql/product_owners_sensitive/0270.sql": "SHA-256", "sql/require_envelope/0270.sql": "SHA-256", "sql/sensitive_field_status/0270.sql": "SHA-256", "sql/settle_phone_ciphertexts/0270.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


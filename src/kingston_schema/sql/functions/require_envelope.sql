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
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_ours text[] := @control@.our_columns(TG_TABLE_NAME, TG_ARGV);
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

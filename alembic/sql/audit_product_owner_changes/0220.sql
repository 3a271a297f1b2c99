-- function audit_product_owner_changes()
-- Compliance log of product owners (product_owners_audit_log): one row for a creation or deletion, one per changed
-- column of an update, and one per sensitive column that is filled at creation.  Says that a value changed and between
-- which states (value_state), never the value; old and new values of ordinary columns are in row_history.
-- security_words and notes need a reason in app.justification: without one the write is refused, since a reason made up
-- by a trigger is none (erratum E-150).  Errors: 23514, constraint chk_sensitive_justification.  The Phase 1 application
-- never comes here: it knows neither column; where a portal had one of them before us, no reason is asked (promise P3).
-- Errata E-108, E-110, E-112, E-178, E-181, E-189.  Called by the trigger audit_product_owners_changes.
-- SECURITY DEFINER: no right on the log is needed, and none is given.
-- Tests: tests/sql/test_audit_product_owner_changes.py
CREATE OR REPLACE FUNCTION audit_product_owner_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    c_sensitive CONSTANT text[] := ARRAY['security_words', 'notes'];
    v_old    jsonb := to_jsonb(OLD);
    v_new    jsonb := to_jsonb(NEW);
    v_fields text[];
    v_guarded text[] := '{}';
    v_actor  text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
    v_reason text := nullif(btrim(current_setting('app.justification', true)), '');
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(n.key ORDER BY n.key) INTO v_fields FROM jsonb_each(v_new) AS n
         WHERE n.value IS DISTINCT FROM v_old -> n.key AND n.key NOT IN ('updated_at', 'updated_by');
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_prepend('record_creation', array_agg(s.name) FILTER (WHERE coalesce(v_new ->> s.name, '') <> ''))
          INTO v_fields FROM unnest(c_sensitive) AS s (name);
    ELSE
        v_fields := ARRAY['record_deletion'];
    END IF;
    IF v_fields && c_sensitive THEN
        v_guarded := @control@.our_columns('product_owners', c_sensitive);
        IF v_reason IS NULL AND v_fields && v_guarded THEN
            RAISE EXCEPTION 'writing % of a product owner needs a reason',
                (SELECT string_agg(f.name, ' and ') FROM unnest(v_fields) AS f (name) WHERE f.name = ANY (v_guarded))
                USING ERRCODE = '23514', CONSTRAINT = 'chk_sensitive_justification',
                      TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                      HINT = 'in the same transaction: SELECT set_config(''app.justification'', ''why'', true)';
        END IF;
    END IF;
    INSERT INTO product_owners_audit_log (product_owner_id, subject_table, subject_id, field_changed, change_type,
        old_value_hash, new_value_hash, changed_by, db_role, ip_address, user_agent, business_justification,
        justification_required, correlation_id)
    SELECT coalesce(v_new ->> 'id', v_old ->> 'id')::bigint, 'product_owners',
           coalesce(v_new ->> 'id', v_old ->> 'id')::bigint, left(f.name, 50),
           CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
           CASE WHEN TG_OP = 'UPDATE' THEN value_state(v_old -> f.name) END,
           CASE WHEN TG_OP = 'UPDATE' OR f.name = ANY (c_sensitive) THEN value_state(v_new -> f.name) END,
           v_actor, session_user, client_address(), nullif(current_setting('app.user_agent', true), ''), v_reason,
           f.name = ANY (v_guarded), nullif(current_setting('app.correlation_id', true), '')
      FROM unnest(v_fields) AS f (name);
    RETURN NULL;  -- ignored: AFTER
END
$body$;

COMMENT ON FUNCTION audit_product_owner_changes() IS
    'trigger: who created, changed or deleted a product owner, and why a sensitive field was written';
REVOKE ALL ON FUNCTION audit_product_owner_changes() FROM PUBLIC;

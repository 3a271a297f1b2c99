-- function audit_phone_changes()
-- Compliance log of telephone numbers, in product_owners_audit_log under the owner they belong to (document 000 filed
-- them under the number's own id and read columns a number does not have: errata E-027, E-108).  One row for a creation
-- or deletion, one per changed column; a number that moves to another owner is recorded under both.  Says between which
-- states a value changed, never the value.  A revision that moves data is no edit (kingston.revision is set, erratum
-- E-050): what a rollback archived comes back without a line here.  Called by the trigger audit_phone_changes.
-- Tests: tests/sql/test_audit_phone_changes.py
CREATE OR REPLACE FUNCTION audit_phone_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_old    jsonb := to_jsonb(OLD);
    v_new    jsonb := to_jsonb(NEW);
    v_fields text[];
    v_owners bigint[];
    v_actor  text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') <> ''
       AND pg_has_role(session_user, current_user, 'MEMBER') THEN  -- nobody else can switch the audit off
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(n.key ORDER BY n.key) INTO v_fields FROM jsonb_each(v_new) AS n
         WHERE n.value IS DISTINCT FROM v_old -> n.key AND n.key NOT IN ('updated_at', 'updated_by');
    ELSE
        v_fields := ARRAY[CASE TG_OP WHEN 'INSERT' THEN 'record_creation' ELSE 'record_deletion' END];
    END IF;
    SELECT array_agg(DISTINCT o.id) INTO v_owners
      FROM unnest(ARRAY[(v_old ->> 'product_owner_id')::bigint, (v_new ->> 'product_owner_id')::bigint]) AS o (id)
     WHERE o.id IS NOT NULL;
    INSERT INTO product_owners_audit_log (product_owner_id, subject_table, subject_id, field_changed, change_type,
        old_value_hash, new_value_hash, changed_by, db_role, ip_address, user_agent, business_justification,
        justification_required, correlation_id)
    SELECT o.id, 'product_owner_phones', coalesce(v_new ->> 'id', v_old ->> 'id')::bigint, f.name,
           CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
           CASE WHEN TG_OP = 'UPDATE' THEN value_state(v_old -> f.name) END,
           CASE WHEN TG_OP = 'UPDATE' THEN value_state(v_new -> f.name) END,
           v_actor, session_user, client_address(), nullif(current_setting('app.user_agent', true), ''),
           nullif(btrim(current_setting('app.justification', true)), ''), false,
           nullif(current_setting('app.correlation_id', true), '')
      FROM unnest(v_fields) AS f (name) CROSS JOIN unnest(v_owners) AS o (id);
    RETURN NULL;  -- ignored: AFTER
END
$body$;

COMMENT ON FUNCTION audit_phone_changes() IS
    'trigger: who created, changed or deleted a telephone number, under the owner it belongs to';
REVOKE ALL ON FUNCTION audit_phone_changes() FROM PUBLIC;

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
SET search_path = @schema@, pg_temp
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
            v_guarded := @control@.our_columns('product_owners', c_sensitive);
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

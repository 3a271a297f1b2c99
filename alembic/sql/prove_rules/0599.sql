-- function prove_rules()
-- Proves every rule on this database: each probe of rule_probes() and ownership_probes() is tried for real and
-- must be refused by its own rule, or accepted; and everything is rolled back, whatever happens (C-047; errata
-- E-089, E-090, E-203).  Works on an empty database.  Ids are given and negative, so no sequence of a legacy
-- table moves.  Accepted documents of managed products are tried on the rules' own expressions, because a
-- document that is really written brings links with it.
-- One row per probe; ok says whether it went as it must, found what happened.
-- Called by the gate phase_5 and by schedules.  Tests: tests/sql/test_prove_rules.py
CREATE OR REPLACE FUNCTION prove_rules()
RETURNS TABLE (on_table text, rule text, probe text, ok boolean, found text)
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_probe record;
    v_results jsonb := '[]';
    v_columns text;
    v_state text;
    v_rule text;
    v_check record;
    v_holds boolean;
BEGIN
    BEGIN
        -- All parents and every probe live in this block, which always ends in an exception.
        UPDATE migration_control AS c SET value = 'false' WHERE c.setting = 'encryption_enabled';
        UPDATE migration_control AS c SET value = 'true' WHERE c.setting = 'global_actions_enabled';
        INSERT INTO client_groups (id, name) VALUES (-1, 'Probe');
        INSERT INTO profiles (id, email) VALUES (-1, 'probe');
        INSERT INTO product_owners (id, firstname) VALUES (-1, 'Probe');
        FOR v_probe IN
            SELECT p.on_table, p.sqlstate, p.rule, r.base || p.changes AS document, p.statement,
                   coalesce(p.statement, p.changes::text) AS probe
            FROM rule_probes() AS p
            JOIN rule_probe_rows() AS r ON r.on_table = p.on_table
            WHERE p.on_table <> 'product_owners'  -- a column the portal had before Phase 2 obeys no rule of ours
               OR ARRAY(SELECT k.key FROM jsonb_object_keys(p.changes) AS k (key))
                  <@ @control@.our_columns(p.on_table, ARRAY(SELECT k.key FROM jsonb_object_keys(p.changes) AS k (key)))
            UNION ALL
            SELECT t.name, CASE WHEN d.rule = 'not json' THEN '22P02' WHEN d.rule IS NOT NULL THEN '23514' END,
                   CASE WHEN d.rule = 'not json' THEN '' ELSE d.rule END, NULL,
                   CASE t.name
                       WHEN 'client_products' THEN format('INSERT INTO client_products (id, client_id, ownership_details) VALUES (-1, -1, %L)', o.document)
                       ELSE format('INSERT INTO client_unmanaged_products (id, client_group_id, product_name, product_type, last_edited_by, ownership_details)'
                                   ' OVERRIDING SYSTEM VALUE VALUES (-1, -1, ''Probe'', ''Pensions'', -1, %L)', o.document) END,
                   o.document
            FROM ownership_probes() AS o
            CROSS JOIN (VALUES ('client_products'), ('client_unmanaged_products')) AS t (name)
            CROSS JOIN LATERAL (SELECT CASE t.name WHEN 'client_products' THEN o.managed_rule ELSE o.unmanaged_rule END AS rule) AS d
        LOOP
            v_state := NULL;
            v_rule := NULL;
            BEGIN
                IF v_probe.on_table = 'client_products' AND v_probe.sqlstate IS NULL THEN
                    FOR v_check IN
                        SELECT k.conname, pg_get_expr(k.conbin, k.conrelid) AS expression
                        FROM pg_constraint AS k
                        JOIN pg_class AS c ON c.oid = k.conrelid
                        WHERE c.relnamespace = '@schema@'::regnamespace AND c.relname = 'client_products' AND k.contype = 'c'
                    LOOP
                        EXECUTE format('SELECT %s FROM (SELECT $1::jsonb AS ownership_details) AS client_products', v_check.expression)
                        INTO v_holds USING v_probe.probe;
                        IF v_holds IS FALSE THEN
                            RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation', CONSTRAINT = v_check.conname;
                        END IF;
                    END LOOP;
                ELSE
                    IF v_probe.document IS NOT NULL THEN
                        SELECT string_agg(quote_ident(k.key), ', ') INTO v_columns FROM jsonb_object_keys(v_probe.document) AS k (key);
                        EXECUTE format('INSERT INTO %1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1)',
                                       v_probe.on_table, v_columns) USING v_probe.document;
                    END IF;
                    IF v_probe.statement IS NOT NULL THEN
                        EXECUTE v_probe.statement;
                    END IF;
                    SET CONSTRAINTS ALL IMMEDIATE;
                END IF;
                RAISE EXCEPTION 'accepted' USING ERRCODE = 'KS999';
            EXCEPTION WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_rule = CONSTRAINT_NAME;
            END;
            v_results := v_results || jsonb_build_object(
                'on_table', v_probe.on_table, 'rule', v_probe.rule, 'probe', v_probe.probe,
                'ok', CASE WHEN v_probe.sqlstate IS NULL THEN v_state = 'KS999'
                           ELSE v_state = v_probe.sqlstate AND v_rule = v_probe.rule END,
                'found', CASE WHEN v_state = 'KS999' THEN 'accepted'
                              ELSE concat_ws(' ', 'refused', v_state, nullif(v_rule, '')) END);
        END LOOP;
        RAISE EXCEPTION 'roll everything back' USING ERRCODE = 'KS999';
    EXCEPTION WHEN SQLSTATE 'KS999' THEN
        NULL;
    END;
    RETURN QUERY
    SELECT r.on_table, r.rule, r.probe, r.ok, r.found
    FROM jsonb_to_recordset(v_results) AS r (on_table text, rule text, probe text, ok boolean, found text);
END
$body$;
COMMENT ON FUNCTION prove_rules() IS
    'tries for real what each rule must refuse and accept, and rolls everything back; one row per probe';

SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_5_constraints';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_4 -> phase_5_constraints

-- procedure kingston.check_phase_5_rows()
-- Before any rule of phase 5 is added: rows that would break one, by key and with what is wrong in words, at most ten of
-- each table, all in one message (E-033, E-053).  Looks only; readers and writers go on.
-- Called by op.backfill in revision phase_5_constraints.  Tests: tests/revisions/test_phase_5_constraints.py
CREATE OR REPLACE PROCEDURE kingston.check_phase_5_rows()
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $procedure$
DECLARE
    v_rows bigint;
    v_found text;
BEGIN
    SELECT sum(w.breaking), string_agg(format('%s: %s rows, %s', w.subject, w.breaking, w.first), E'\n  ' ORDER BY w.subject)
      INTO v_rows, v_found
      FROM (
        SELECT b.subject, count(*) AS breaking,
               string_agg(format('id %s (%s)', b.id, b.wrong), ', ' ORDER BY b.id) FILTER (WHERE b.place <= 10) AS first
        FROM (
            SELECT r.subject, r.id, r.wrong, row_number() OVER (PARTITION BY r.subject ORDER BY r.id) AS place
            FROM (
                SELECT 'client_products' AS subject, p.id,
                       coalesce(explain_ownership(p.ownership_details), 'association_type is missing') AS wrong
                FROM client_products AS p
                WHERE p.ownership_details IS NULL OR p.ownership_details = '{}'
                   OR NOT validate_ownership_percentages_precise(p.ownership_details)
                UNION ALL
                SELECT 'client_unmanaged_products', u.id, explain_ownership(u.ownership_details)
                FROM client_unmanaged_products AS u
                WHERE NOT validate_ownership_percentages_precise(u.ownership_details)
                UNION ALL
                SELECT 'client_information_items', i.id, explain_client_item_data(i.item_type, i.data_content)
                FROM client_information_items AS i
                WHERE NOT validate_client_item_data(i.item_type, i.data_content)
            ) AS r
        ) AS b
        GROUP BY b.subject
    ) AS w;
    IF v_rows > 0 THEN
        RAISE EXCEPTION '% rows break the rules of phase 5', v_rows
            USING ERRCODE = 'KS003', DETAIL = v_found,
                  HINT = 'correct these rows, then run the same command again; nothing was changed';
    END IF;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.check_phase_5_rows()');

COMMIT;

CALL kingston.check_phase_5_rows();

BEGIN;

SELECT kingston.refuse_breaking_rows('client_products', 'product_ownership_share_is_number', 'NOT jsonb_path_exists(ownership_details, ''$.keyvalue() ? (@.key like_regex "^[0-9]+$" && @.value.type() != "number")'', ''{}'', true)');

SELECT kingston.add_check('client_products', 'product_ownership_share_is_number', 'NOT jsonb_path_exists(ownership_details, ''$.keyvalue() ? (@.key like_regex "^[0-9]+$" && @.value.type() != "number")'', ''{}'', true)');

COMMIT;

SELECT kingston.validate_constraint('client_products', 'product_ownership_share_is_number');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_products', 'product_ownership_share_not_negative', 'NOT jsonb_path_exists(ownership_details, ''$.keyvalue() ? (@.key like_regex "^[0-9]+$" && @.value < 0)'', ''{}'', true)');

SELECT kingston.add_check('client_products', 'product_ownership_share_not_negative', 'NOT jsonb_path_exists(ownership_details, ''$.keyvalue() ? (@.key like_regex "^[0-9]+$" && @.value < 0)'', ''{}'', true)');

COMMIT;

SELECT kingston.validate_constraint('client_products', 'product_ownership_share_not_negative');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_products', 'product_ownership_has_owners', 'CASE ownership_details ->> ''association_type'' WHEN ''tenants_in_common'' THEN jsonb_path_exists(ownership_details, ''$.keyvalue() ? (@.key like_regex "^[0-9]+$")'', ''{}'', true) WHEN ''joint_ownership'' THEN coalesce(jsonb_path_exists(ownership_details, ''strict $.joint_owners[1]'', ''{}'', true), false) ELSE true END');

SELECT kingston.add_check('client_products', 'product_ownership_has_owners', 'CASE ownership_details ->> ''association_type'' WHEN ''tenants_in_common'' THEN jsonb_path_exists(ownership_details, ''$.keyvalue() ? (@.key like_regex "^[0-9]+$")'', ''{}'', true) WHEN ''joint_ownership'' THEN coalesce(jsonb_path_exists(ownership_details, ''strict $.joint_owners[1]'', ''{}'', true), false) ELSE true END');

COMMIT;

SELECT kingston.validate_constraint('client_products', 'product_ownership_has_owners');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_products', 'valid_product_ownership_details', 'jsonb_typeof(ownership_details) = ''object'' AND coalesce(ownership_details ->> ''association_type'', '''') IN (''individual'', ''tenants_in_common'', ''joint_ownership'')');

SELECT kingston.add_check('client_products', 'valid_product_ownership_details', 'jsonb_typeof(ownership_details) = ''object'' AND coalesce(ownership_details ->> ''association_type'', '''') IN (''individual'', ''tenants_in_common'', ''joint_ownership'')');

COMMIT;

SELECT kingston.validate_constraint('client_products', 'valid_product_ownership_details');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_products', 'valid_product_ownership_details_precise', 'validate_ownership_percentages_precise(ownership_details)');

SELECT kingston.add_check('client_products', 'valid_product_ownership_details_precise', 'validate_ownership_percentages_precise(ownership_details)');

COMMIT;

SELECT kingston.validate_constraint('client_products', 'valid_product_ownership_details_precise');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_products', 'client_products_ownership_details_is_set', 'ownership_details IS NOT NULL');

SELECT kingston.add_check('client_products', 'client_products_ownership_details_is_set', 'ownership_details IS NOT NULL');

COMMIT;

SELECT kingston.validate_constraint('client_products', 'client_products_ownership_details_is_set');

BEGIN;

SELECT kingston.take_locks(ARRAY['client_products']::text[], 'ACCESS EXCLUSIVE');

ALTER TABLE client_products ALTER COLUMN ownership_details SET NOT NULL;
ALTER TABLE client_products DROP CONSTRAINT client_products_ownership_details_is_set;

COMMIT;

BEGIN;

SELECT kingston.refuse_breaking_rows('client_unmanaged_products', 'valid_ownership_percentages_precise', 'validate_ownership_percentages_precise(ownership_details)');

SELECT kingston.add_check('client_unmanaged_products', 'valid_ownership_percentages_precise', 'validate_ownership_percentages_precise(ownership_details)');

COMMIT;

SELECT kingston.validate_constraint('client_unmanaged_products', 'valid_ownership_percentages_precise');

BEGIN;

SELECT kingston.take_locks(ARRAY['client_unmanaged_products']::text[], 'ACCESS EXCLUSIVE');

ALTER TABLE IF EXISTS client_unmanaged_products DROP CONSTRAINT IF EXISTS valid_ownership_percentages;

COMMIT;

BEGIN;

SELECT kingston.refuse_breaking_rows('client_information_items', 'valid_item_data_structure', 'validate_client_item_data(item_type, data_content)');

SELECT kingston.add_check('client_information_items', 'valid_item_data_structure', 'validate_client_item_data(item_type, data_content)');

COMMIT;

SELECT kingston.validate_constraint('client_information_items', 'valid_item_data_structure');

BEGIN;

UPDATE alembic_version SET version_num='phase_5_constraints' WHERE alembic_version.version_num = 'phase_4';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_5_constraints', '{"outcome": "done", "revision": "phase_5_constraints", "detail": "by a script", "files": {"versions/0500_phase_5_constraints.py": "SHA-256", "sql/check_phase_5_rows/0500.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;


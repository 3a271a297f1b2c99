-- procedure @control@.check_phase_5_rows()
-- Before any rule of phase 5 is added: rows that would break one, by key and with what is wrong in words, at most ten of
-- each table, all in one message (E-033, E-053).  Looks only; readers and writers go on.
-- Called by op.backfill in revision phase_5_constraints.  Tests: tests/revisions/test_phase_5_constraints.py
CREATE OR REPLACE PROCEDURE @control@.check_phase_5_rows()
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
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

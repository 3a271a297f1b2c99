-- procedure @control@.adopt_link_percentages()
-- A portal whose links carry shares (a numeric product_owner_products.ownership_percentage, as one of the documents
-- believes; production has none): they are taken over instead of the equal split (E-049, E-158).  Only for products whose
-- document is still assumed, and only where they are complete and right: one share per owner, all of them together a
-- valid document.  All others keep the equal split and stay in ownership_review.  The column is only read.
-- Batches of 2,000 products by key, each committed; repeatable.  Progress: @control@.backfill_progress.
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE @control@.adopt_link_percentages()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'adopt_link_percentages';
    v_after bigint := -9223372036854775808;
    v_upto bigint;
    v_rows bigint;
    v_done bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_attribute AS a
                   WHERE a.attrelid = '@schema@.product_owner_products'::regclass AND a.attname = 'ownership_percentage'
                     AND a.atttypid = 'numeric'::regtype AND NOT a.attisdropped) THEN
        RETURN;
    END IF;
    INSERT INTO @control@.backfill_progress AS b (step) VALUES (c_step)
    ON CONFLICT (step) DO UPDATE SET done = 0, position = NULL, started_at = clock_timestamp(), finished_at = NULL;
    COMMIT;
    LOOP
        SELECT max(n.id) INTO v_upto
        FROM (SELECT p.id FROM @schema@.client_products AS p WHERE p.id > v_after ORDER BY p.id LIMIT 2000) AS n;
        EXIT WHEN v_upto IS NULL;
        UPDATE @schema@.client_products AS p SET ownership_details = s.ownership
        FROM (
            SELECT o.product_id, count(*) AS owners, bool_and(o.shares = 1 AND o.share IS NOT NULL) AS complete,
                   '{"association_type": "tenants_in_common"}'::jsonb
                   || jsonb_object_agg(o.product_owner_id, o.share) AS ownership
            FROM (
                SELECT l.product_id, l.product_owner_id, max(l.ownership_percentage) AS share,
                       count(DISTINCT coalesce(l.ownership_percentage, -1)) AS shares
                FROM @schema@.product_owner_products AS l
                WHERE l.product_id > v_after AND l.product_id <= v_upto AND l.product_owner_id > 0
                GROUP BY l.product_id, l.product_owner_id
            ) AS o
            GROUP BY o.product_id
        ) AS s
        WHERE p.id = s.product_id AND p.id > v_after AND p.id <= v_upto AND s.owners > 1 AND s.complete
          AND p.ownership_details ->> 'note' = 'equal_split_assumed'
          AND @schema@.is_assumed_ownership(p.ownership_details)
          AND @schema@.validate_ownership_percentages_precise(s.ownership);
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        v_done := v_done + v_rows;
        UPDATE @control@.backfill_progress AS b
           SET position = v_upto, done = v_done, updated_at = clock_timestamp() WHERE b.step = c_step;
        COMMIT;
        v_after := v_upto;
    END LOOP;
    UPDATE @control@.backfill_progress AS b
       SET total = v_done, updated_at = clock_timestamp(), finished_at = clock_timestamp() WHERE b.step = c_step;
    COMMIT;
END
$procedure$;

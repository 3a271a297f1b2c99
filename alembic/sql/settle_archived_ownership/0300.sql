-- function @control@.settle_archived_ownership(bigint, bigint)
-- Archived ownership documents of products with p_after < id <= p_upto find their end (design section 7: the latest write
-- wins, the other value is kept with a reason).  For each of them:
--   restored     the links still name the same owners and nobody wrote the document since: it comes back exactly
--   quarantined  the product is gone, or its owners changed below, or a newer document was written; the archived one
--                stays where it is with the reason.  Shares that somebody had edited also go to ownership_memory, so
--                that they return if the product ever has exactly these owners again.
-- Products left without a document by a quarantine are rebuilt from their links at once (rebuilt).
-- One statement decides and acts; a product somebody writes at the same moment is passed over and decided next time.
-- Called by fill_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE FUNCTION @control@.settle_archived_ownership(
    p_after bigint, p_upto bigint, OUT restored bigint, OUT quarantined bigint, OUT rebuilt bigint
)
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
SET jit = off
SET enable_nestloop = off  -- the archive has no statistics: a nested loop would compute all links once per product
AS $function$
DECLARE
    v_bare bigint[];
BEGIN
    WITH pending AS (
        SELECT a.id, a.ownership_details AS archived, p.id IS NULL AS gone, p.ownership_details AS live,
               coalesce(l.owner_set, '{}') AS linked,
               CASE WHEN a.ownership_details = l.ownership_details THEN l.owner_set
                    ELSE ownership_owner_ids(a.ownership_details) END AS owners
        FROM @archive@.client_products__phase_3_ownership AS a
        LEFT JOIN client_products AS p ON p.id = a.id AND p.id > p_after AND p.id <= p_upto
        LEFT JOIN (SELECT f.product_id, f.owner_set, f.ownership_details FROM ownership_from_links AS f
                   WHERE f.product_id > p_after AND f.product_id <= p_upto) AS l ON l.product_id = a.id
        WHERE a.quarantined_at IS NULL AND a.id > p_after AND a.id <= p_upto
    ), decided AS MATERIALIZED (
        SELECT w.*,
               CASE WHEN w.gone THEN 'the product was deleted from client_products below'
                    WHEN w.live = w.archived THEN NULL
                    WHEN w.owners <> w.linked
                        THEN format('the owners were changed below: archived %s, now %s', w.owners, w.linked)
                    WHEN w.live IS NOT NULL AND NOT is_assumed_ownership(w.live)
                        THEN 'a newer document was written before this one came back'
               END AS reason
        FROM pending AS w
    ), back AS (
        UPDATE client_products AS p SET ownership_details = d.archived
        FROM decided AS d
        WHERE p.id = d.id AND p.id > p_after AND p.id <= p_upto AND d.reason IS NULL
          AND d.live IS DISTINCT FROM d.archived AND p.ownership_details IS NOT DISTINCT FROM d.live
        RETURNING p.id
    ), settled AS (
        DELETE FROM @archive@.client_products__phase_3_ownership AS a
        USING (SELECT d.id FROM decided AS d WHERE d.reason IS NULL AND d.live = d.archived
               UNION ALL SELECT b.id FROM back AS b) AS n
        WHERE a.id = n.id AND a.quarantined_at IS NULL
        RETURNING a.id
    ), kept AS (
        UPDATE @archive@.client_products__phase_3_ownership AS a
           SET quarantined_at = clock_timestamp(), reason = d.reason
        FROM decided AS d
        WHERE a.id = d.id AND a.quarantined_at IS NULL AND d.reason IS NOT NULL
        RETURNING a.id
    ), remembered AS (
        INSERT INTO ownership_memory (product_id, owner_ids, ownership_details)
        SELECT d.id, d.owners, d.archived
        FROM decided AS d
        WHERE d.reason IS NOT NULL AND NOT d.gone AND d.owners <> d.linked AND NOT is_assumed_ownership(d.archived)
          AND NOT EXISTS (SELECT 1 FROM ownership_memory AS m WHERE m.product_id = d.id AND m.owner_ids = d.owners)
    )
    SELECT (SELECT count(*) FROM settled), (SELECT count(*) FROM kept),
           (SELECT array_agg(d.id) FROM decided AS d
             WHERE d.reason IS NOT NULL AND NOT d.gone AND d.live IS NULL)
      INTO restored, quarantined, v_bare;
    rebuilt := coalesce(rebuild_ownership(v_bare), 0);
END
$function$;

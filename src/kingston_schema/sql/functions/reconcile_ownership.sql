-- function reconcile_ownership()
-- Where links and ownership documents of managed products are apart; no row: they agree (E-080, E-084, E-131).
-- One row per product and finding:
--   missing        ownership_details is NULL
--   invalid        the document is refused by validate_ownership_percentages_precise; explanation says why
--   owners differ  the document names other owners than the links
-- Called by the gates of phase 3 and 5, by people, and by the tests of everything that writes ownership.
-- Tests: tests/sql/test_reconcile_ownership.py
CREATE OR REPLACE FUNCTION reconcile_ownership()
RETURNS TABLE (product_id bigint, finding text, linked_owners bigint[], stated_owners bigint[], explanation text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    WITH compared AS (
        SELECT p.id, p.ownership_details AS stated, coalesce(l.owner_set, '{}') AS linked,
               -- Equal documents have equal owners; only the others are taken apart.
               CASE WHEN p.ownership_details = l.ownership_details THEN l.owner_set
                    ELSE ownership_owner_ids(p.ownership_details) END AS owners
        FROM client_products AS p
        LEFT JOIN ownership_from_links AS l ON l.product_id = p.id
    )
    SELECT c.id, f.finding, c.linked, c.owners, f.explanation
    FROM compared AS c
    CROSS JOIN LATERAL (
        SELECT 'missing', 'ownership_details is NULL' WHERE c.stated IS NULL
        UNION ALL
        SELECT 'invalid', coalesce(explain_ownership(c.stated), 'association_type is missing')
        WHERE c.stated IS NOT NULL
          AND (c.stated = '{}' OR NOT validate_ownership_percentages_precise(c.stated))
        UNION ALL
        SELECT 'owners differ', format('links name %s, the document names %s', c.linked, c.owners)
        WHERE c.stated IS NOT NULL AND c.owners <> c.linked
    ) AS f (finding, explanation)
    ORDER BY c.id, f.finding
$body$;

COMMENT ON FUNCTION reconcile_ownership() IS 'Products whose links and ownership document are apart, or whose document is missing or invalid';

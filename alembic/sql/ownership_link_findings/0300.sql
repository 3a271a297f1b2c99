-- view ownership_link_findings
-- Links that carry no ownership of their own: repeated (the owner counts once), without owner, without product, or
-- with an owner id below 1.  They are legal in the portal, stay as they are, and are reported here (E-047).
-- Tests: tests/sql/test_ownership_review.py
CREATE OR REPLACE VIEW ownership_link_findings AS
SELECT l.id AS link_id, l.product_id, l.product_owner_id, l.created_at, l.finding
FROM (
    SELECT k.id, k.product_id, k.product_owner_id, k.created_at,
           CASE WHEN k.product_id IS NULL AND k.product_owner_id IS NULL THEN 'no product and no owner'
                WHEN k.product_id IS NULL THEN 'no product'
                WHEN k.product_owner_id IS NULL THEN 'no owner'
                WHEN k.product_owner_id < 1 THEN 'owner id below 1'
                WHEN row_number() OVER (PARTITION BY k.product_id, k.product_owner_id
                                        ORDER BY k.created_at, k.id) > 1 THEN 'repeated' END AS finding
    FROM product_owner_products AS k
) AS l
WHERE l.finding IS NOT NULL;

COMMENT ON VIEW ownership_link_findings IS 'Repeated and incomplete links between products and owners; legal, counted once or not at all';

-- view product_ownership
-- Ownership of managed products as rows: one per product, owner and share, whatever the association type.  Products
-- without an owner have no row.  Joint owners have equal shares here, for reporting, and is_equal_split says so; the
-- document gives none.  is_assumed marks shares that nobody has confirmed (note equal_split_assumed).
-- percentage is in per cent and adds up to 100 per product (99.99 to 100.01 where somebody wrote it so).
-- Unmanaged products: SELECT ... FROM client_unmanaged_products AS p, ownership_shares(p.ownership_details).
-- Errata E-052, E-064, E-068.  Tests: tests/sql/test_product_ownership.py
CREATE OR REPLACE VIEW product_ownership AS
SELECT p.id AS product_id,
       p.client_id AS client_group_id,
       s.product_owner_id,
       s.percentage,
       p.ownership_details ->> 'association_type' AS association_type,
       s.is_equal_split,
       coalesce(p.ownership_details ->> 'note' = 'equal_split_assumed', false) AS is_assumed
FROM client_products AS p
CROSS JOIN LATERAL ownership_shares(p.ownership_details) AS s;

COMMENT ON VIEW product_ownership IS 'One row per managed product, owner and share in per cent; joint owners with equal shares, flagged';

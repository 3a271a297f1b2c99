-- view ownership_review
-- Products whose ownership somebody should look at, because the migration had to guess: the links say who owns a
-- product but never in which shares, so several owners got equal ones (E-049), and some products have no owner at
-- all (E-051).  A row goes when the shares are confirmed: write ownership_details without that note.
-- Tests: tests/sql/test_ownership_review.py
CREATE OR REPLACE VIEW ownership_review AS
SELECT p.id AS product_id,
       p.client_id AS client_group_id,
       p.product_name,
       p.status,
       p.ownership_details ->> 'note' AS reason,
       (SELECT count(*) FROM ownership_shares(p.ownership_details) AS s) AS owners,
       p.ownership_details
FROM client_products AS p
WHERE p.ownership_details ->> 'note' IN ('equal_split_assumed', 'no_previous_ownership');

COMMENT ON VIEW ownership_review IS 'Products whose shares are assumed or whose owner is unknown; confirm by writing ownership_details without the note';

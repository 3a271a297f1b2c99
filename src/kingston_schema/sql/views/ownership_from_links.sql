-- view ownership_from_links
-- What the links alone say about each product that has at least one usable link: its owners in the order in which
-- they were linked (created_at, then id), the same ids ascending, and the ownership document made from them.
-- Owners count once however often they are linked (E-047); half-null links say nothing.  The links carry no shares,
-- so several owners get equal ones by largest remainder in hundredths, earliest owners first, adding up to exactly
-- 100.00 (E-048), under the note equal_split_assumed (E-049).
-- The one definition for the fill, the trigger and the reconciliation: a view, so that it is always inlined and a
-- condition on product_id reaches the links.  One and two owners are written out, because text is twice as fast.
-- Tests: tests/sql/test_ownership_from_links.py
CREATE OR REPLACE VIEW ownership_from_links AS
SELECT o.product_id,
       o.owner_ids,
       o.owner_set,
       (CASE cardinality(o.owner_ids)
        WHEN 1 THEN '{"association_type": "individual", "' || o.owner_ids[1] || '": 100.00}'
        WHEN 2 THEN '{"association_type": "tenants_in_common", "note": "equal_split_assumed", "'
                    || o.owner_ids[1] || '": 50.00, "' || o.owner_ids[2] || '": 50.00}'
        ELSE '{"association_type": "tenants_in_common", "note": "equal_split_assumed"'
             || (SELECT string_agg(format(', "%s": %s', e.id,
                                          ((10000 / cardinality(o.owner_ids)
                                            + (e.place <= 10000 % cardinality(o.owner_ids))::integer)::numeric
                                           / 100)::numeric(5, 2)), '')
                 FROM unnest(o.owner_ids) WITH ORDINALITY AS e (id, place)) || '}'
        END)::jsonb AS ownership_details
FROM (
    SELECT f.product_id,
           array_agg(f.product_owner_id ORDER BY f.first_at, f.first_link) AS owner_ids,
           array_agg(f.product_owner_id ORDER BY f.product_owner_id) AS owner_set
    FROM (
        SELECT l.product_id, l.product_owner_id, min(l.created_at) AS first_at, min(l.id) AS first_link
        FROM product_owner_products AS l
        WHERE l.product_id IS NOT NULL AND l.product_owner_id > 0
        GROUP BY l.product_id, l.product_owner_id
    ) AS f
    GROUP BY f.product_id
) AS o;

COMMENT ON VIEW ownership_from_links IS
    'Ownership as the links alone tell it: owners in the order they were linked, equal shares adding up to 100.00';

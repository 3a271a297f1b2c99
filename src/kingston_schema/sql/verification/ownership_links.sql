-- verification ownership_links
-- Product by product: the owners that the ownership document names are those that the links name.  Read from the
-- document and the links themselves; neither the view nor the functions of the synchronisation are used.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: ownership_links
-- stages: verify
-- from: phase_3_ownership
-- severity: critical
-- needed: each product's document names the owners of its links, and no other
-- fix: SELECT rebuild_ownership(ARRAY[…]) makes the documents of these products from their links
WITH stated AS (
    SELECT p.id AS product_id, k.owner
    FROM client_products AS p
    CROSS JOIN LATERAL jsonb_object_keys(p.ownership_details) AS k (owner)
    WHERE jsonb_typeof(p.ownership_details) = 'object' AND k.owner ~ '^[1-9][0-9]*$'
      AND p.ownership_details ->> 'association_type' <> 'joint_ownership'
    UNION
    SELECT p.id, j.owner
    FROM client_products AS p
    CROSS JOIN LATERAL jsonb_array_elements_text(p.ownership_details -> 'joint_owners') AS j (owner)
    WHERE p.ownership_details ->> 'association_type' = 'joint_ownership'
      AND jsonb_typeof(p.ownership_details -> 'joint_owners') = 'array'
), pair AS (
    SELECT coalesce(s.product_id, l.product_id) AS product_id,
           string_agg(s.owner, ', ' ORDER BY s.owner::numeric) FILTER (WHERE l.owner IS NULL) AS only_stated,
           string_agg(l.owner, ', ' ORDER BY l.owner::numeric) FILTER (WHERE s.owner IS NULL) AS only_linked
    FROM stated AS s
    FULL JOIN (SELECT DISTINCT x.product_id, x.product_owner_id::text AS owner FROM product_owner_products AS x
               WHERE x.product_id IS NOT NULL AND x.product_owner_id > 0) AS l
           ON l.product_id = s.product_id AND l.owner = s.owner
    GROUP BY 1
), judged AS (
    SELECT p.id, CASE WHEN p.ownership_details IS NULL THEN 'has no document'
                      ELSE nullif(concat_ws(', ', 'only the document names ' || a.only_stated, 'only the links name ' || a.only_linked), '')
                 END AS wrong
    FROM client_products AS p LEFT JOIN pair AS a ON a.product_id = p.id
)
SELECT count(j.wrong) = 0 AS ok, format('%s of %s products differ', count(j.wrong), count(*)) AS found,
       (array_agg(format('product %s: %s', j.id, j.wrong) ORDER BY j.id) FILTER (WHERE j.wrong IS NOT NULL))[1:20] AS keys
FROM judged AS j;

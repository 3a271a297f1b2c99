-- gate phase_3
-- Every product has a valid ownership document, and documents and links name the same owners (C-037;
-- errata E-047 to E-053, E-080, E-084).  Shares that the migration had to assume are reported, not refused.
-- Tests: tests/revisions/test_gates.py

-- check: objects_present
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_3')
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.phase, m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table, column, constraint, index, trigger, view and function is there') AS found
FROM missing_objects('phase_3') AS m
WHERE m.phase <> 'legacy';

-- check: every_product_filled
-- severity: critical
-- look: SELECT id FROM client_products WHERE ownership_details IS NULL
SELECT count(*) FILTER (WHERE p.ownership_details IS NULL) = 0 AS ok,
       count(*) FILTER (WHERE p.ownership_details IS NULL) || ' of ' || count(*) || ' products have no ownership document'
           AS found
FROM client_products AS p;

-- check: documents_valid
-- severity: critical
-- look: SELECT * FROM reconcile_ownership() WHERE finding IN ('missing', 'invalid')
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 product has' ELSE count(*) || ' products have' END || ' an ownership document that breaks the rules'
       || coalesce(': product ' || (array_agg(r.product_id ORDER BY r.product_id))[1] || ' '
                   || (array_agg(r.explanation ORDER BY r.product_id))[1], '') AS found
FROM reconcile_ownership() AS r
WHERE r.finding IN ('missing', 'invalid');

-- check: same_owners
-- severity: critical
-- look: SELECT * FROM reconcile_ownership() WHERE finding NOT IN ('missing', 'invalid')
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 product names' ELSE count(*) || ' products name' END || ' other owners in the document than in the links'
       || coalesce(': product ' || (array_agg(r.product_id ORDER BY r.product_id))[1] || ' '
                   || (array_agg(r.explanation ORDER BY r.product_id))[1], '') AS found
FROM reconcile_ownership() AS r
WHERE r.finding NOT IN ('missing', 'invalid');

-- check: totals_reconcile
-- severity: critical
-- look: SELECT product_id, v.owners, v.total, l.owners AS linked
-- look: FROM (SELECT product_id, count(*) AS owners, sum(percentage) AS total FROM product_ownership GROUP BY 1) AS v
-- look: FULL JOIN (SELECT product_id, count(DISTINCT product_owner_id) AS owners FROM product_owner_products
-- look: WHERE product_owner_id > 0 GROUP BY 1) AS l USING (product_id)
-- look: WHERE v.owners IS DISTINCT FROM l.owners OR v.total NOT BETWEEN 99.99 AND 100.01
-- Counted from the tables themselves, not by the functions that made the documents.
SELECT o.products = l.products AND o.pairs = l.pairs AND o.off = 0 AS ok,
       o.products || ' products with ' || o.pairs || ' owners in documents, ' || l.products || ' with ' || l.pairs
       || ' in links; ' || o.off || ' products whose shares do not add up to 100' AS found
FROM (SELECT count(*) AS products, coalesce(sum(s.owners), 0) AS pairs,
             count(*) FILTER (WHERE s.total IS NULL OR s.total NOT BETWEEN 99.99 AND 100.01) AS off
      FROM (SELECT v.product_id, count(*) AS owners, sum(v.percentage) AS total
            FROM product_ownership AS v
            GROUP BY v.product_id) AS s) AS o
CROSS JOIN (SELECT count(DISTINCT k.product_id) AS products, count(*) AS pairs
            FROM (SELECT DISTINCT x.product_id, x.product_owner_id
                  FROM product_owner_products AS x
                  WHERE x.product_id IS NOT NULL AND x.product_owner_id > 0) AS k) AS l;

-- check: assumed_shares
-- severity: warning
-- look: SELECT * FROM ownership_review
SELECT count(*) = 0 AS ok,
       'products with equal shares that nobody confirmed: ' || count(*) FILTER (WHERE r.reason = 'equal_split_assumed')
       || ', without owner: ' || count(*) FILTER (WHERE r.reason = 'no_previous_ownership') AS found
FROM ownership_review AS r;

-- check: links_without_ownership
-- severity: warning
-- look: SELECT * FROM ownership_link_findings
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 link is' ELSE count(*) || ' links are' END || ' repeated or incomplete: left as found, without ownership of their own' AS found
FROM ownership_link_findings AS f;

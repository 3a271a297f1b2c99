-- checks data
-- Defects in the portal's data, of every kind, counted and listed by key (document 000 phase 1, C-010, C-018; E-047).  What the portal
-- itself produces and bears is a warning; what the migration could not carry is critical.
-- Run by kingston check.  Tests: tests/operations/test_check.py

-- check: links_half
-- stages: pre go-live
-- severity: warning
-- needed: every link with a product and an owner; the others carry no ownership
-- fix: DELETE FROM product_owner_products WHERE id IN (…), if the portal's owner agrees
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 link' ELSE count(*) || ' links' END || ' without product or owner' AS found,
       array_agg('product_owner_products ' || l.id ORDER BY l.id) AS keys
FROM product_owner_products AS l WHERE l.product_id IS NULL OR l.product_owner_id IS NULL;

-- check: links_repeated
-- stages: pre go-live
-- severity: warning
-- needed: each owner linked once to a product; repeated links count once
-- fix: nothing has to be done; DELETE all but the first, if the portal's owner agrees
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 pair' ELSE count(*) || ' pairs' END || ' linked more than once' AS found,
       array_agg('product ' || d.product_id || ' owner ' || d.product_owner_id ORDER BY d.product_id, d.product_owner_id) AS keys
FROM (SELECT l.product_id, l.product_owner_id FROM product_owner_products AS l
      WHERE l.product_id IS NOT NULL AND l.product_owner_id IS NOT NULL
      GROUP BY 1, 2 HAVING count(*) > 1) AS d;

-- check: links_dangling
-- stages: pre post go-live
-- severity: critical
-- needed: every link to a product and an owner that exist
-- fix: restore the rows, or DELETE the links; a foreign key must have been off
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 link' ELSE count(*) || ' links' END || ' to rows that do not exist' AS found,
       array_agg('product_owner_products ' || l.id ORDER BY l.id) AS keys
FROM product_owner_products AS l
LEFT JOIN client_products AS p ON p.id = l.product_id
LEFT JOIN product_owners AS o ON o.id = l.product_owner_id
WHERE (l.product_id IS NOT NULL AND p.id IS NULL) OR (l.product_owner_id IS NOT NULL AND o.id IS NULL);

-- check: memberships_half
-- stages: pre go-live
-- severity: warning
-- needed: every membership with a client group and an owner
-- fix: DELETE FROM client_group_product_owners WHERE id IN (…), if the portal's owner agrees
SELECT count(*) = 0 AS ok, count(*) || ' memberships without group or owner' AS found,
       array_agg('client_group_product_owners ' || m.id ORDER BY m.id) AS keys
FROM client_group_product_owners AS m WHERE m.client_group_id IS NULL OR m.product_owner_id IS NULL;

-- check: products_without_owner
-- stages: pre go-live
-- severity: warning
-- needed: an owner for every product; those without become individual, with a note
-- fix: link an owner in the portal
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 product' ELSE count(*) || ' products' END || ' without owner' AS found, array_agg('product ' || p.id ORDER BY p.id) AS keys
FROM client_products AS p
WHERE NOT EXISTS (SELECT 1 FROM product_owner_products AS l WHERE l.product_id = p.id AND l.product_owner_id IS NOT NULL);

-- check: products_without_client
-- stages: pre go-live
-- severity: warning
-- needed: a client group for every product; those without appear in no summary
-- fix: give them their client group in the portal
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 product' ELSE count(*) || ' products' END || ' without client group' AS found, array_agg('product ' || p.id ORDER BY p.id) AS keys
FROM client_products AS p WHERE p.client_id IS NULL;

-- check: products_dangling_portfolio
-- stages: pre post go-live
-- severity: critical
-- needed: every portfolio that a product names
-- fix: UPDATE client_products SET portfolio_id = NULL WHERE id IN (…), or restore the portfolio
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 product' ELSE count(*) || ' products' END || ' with a portfolio that does not exist' AS found,
       array_agg('product ' || p.id ORDER BY p.id) AS keys
FROM client_products AS p
WHERE p.portfolio_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM portfolios AS f WHERE f.id = p.portfolio_id);

-- check: advisors_dangling
-- stages: pre go-live
-- severity: warning
-- needed: every advisor that a client group names
-- fix: assign an advisor in the portal; answers change by that, so nothing does it by itself
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 client group' ELSE count(*) || ' client groups' END || ' with an advisor that does not exist' AS found,
       array_agg('client group ' || g.id ORDER BY g.id) AS keys
FROM client_groups AS g
WHERE g.advisor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM profiles AS p WHERE p.id = g.advisor_id);

-- check: owners_nameless
-- stages: pre go-live
-- severity: warning
-- needed: a name for every owner
-- fix: enter the names in the portal
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 owner' ELSE count(*) || ' owners' END || ' without any name' AS found, array_agg('owner ' || o.id ORDER BY o.id) AS keys
FROM product_owners AS o
WHERE coalesce(trim(o.firstname), '') = '' AND coalesce(trim(o.surname), '') = '' AND coalesce(trim(o.known_as), '') = '';

-- check: valuations_not_numbers
-- stages: pre post go-live
-- severity: warning
-- needed: valuations that can be added up
-- fix: correct the valuation; NaN counts as unknown in every total
SELECT count(*) = 0 AS ok, count(*) || ' valuations are NaN' AS found, array_agg('portfolio_valuations ' || v.id ORDER BY v.id) AS keys
FROM portfolio_valuations AS v WHERE v.valuation = 'NaN';

-- check: ids_too_large
-- stages: pre post go-live
-- severity: critical
-- needed: ids below 2^31: the portal casts lists of them to 32 bits
-- fix: this needs a release of the portal
SELECT count(*) = 0 AS ok, coalesce('beyond: ' || string_agg(s.sequencename, ', '), 'every sequence is below') AS found,
       array_agg(s.sequencename::text) AS keys
FROM pg_sequences AS s WHERE s.schemaname = '@schema@' AND s.last_value >= 2147483648;

-- check: ownership_in_step
-- stages: post go-live
-- from: phase_3
-- severity: critical
-- needed: links and ownership documents agree, every document valid
-- fix: SELECT * FROM reconcile_ownership(); SELECT rebuild_ownership(ARRAY[…])
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 finding' ELSE count(*) || ' findings' END AS found,
       array_agg('product ' || r.product_id || ' ' || r.finding ORDER BY r.product_id) AS keys
FROM reconcile_ownership() AS r;

-- check: ownership_assumed
-- stages: post go-live
-- from: phase_3
-- severity: warning
-- needed: shares told by a client; an equal split is a guess
-- fix: SELECT * FROM ownership_review, and enter the shares
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 product' ELSE count(*) || ' products' END || ' with an assumed equal split' AS found,
       array_agg('product ' || r.product_id ORDER BY r.product_id) AS keys
FROM ownership_review AS r;

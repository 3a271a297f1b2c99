-- needs: client_products.ownership_details
-- Shares that somebody edited, for the guests and for some products that were there before; the owners stay the same.
UPDATE client_products AS p
   SET ownership_details = CASE g.n % 3
           WHEN 0 THEN jsonb_build_object('association_type', 'tenants_in_common', t.owners[1], 60.25, t.owners[2], 39.75, 'why', g.some_json)
           WHEN 1 THEN jsonb_build_object('association_type', 'joint_ownership', 'joint_owners', to_jsonb(t.owners::bigint[]), '', g.some_json)
           ELSE jsonb_build_object('association_type', 'tenants_in_common', t.owners[1], 0.00, t.owners[2], 100.00) END
  FROM guest AS g
  CROSS JOIN LATERAL (
      SELECT g.product_id AS id, ARRAY[g.owner_1::text, g.owner_2::text] AS owners WHERE g.role <> 'stays'
      UNION ALL
      (SELECT s.id, (SELECT array_agg(e.key ORDER BY e.key) FROM jsonb_each(s.ownership_details) AS e WHERE e.key ~ '^[0-9]+$')
         FROM client_products AS s
        WHERE s.ownership_details ->> 'note' = 'equal_split_assumed' AND s.ownership_details @? '$.* ? (@ == 50)'
          AND s.id NOT IN (SELECT y.product_id FROM party AS y)
        ORDER BY s.id OFFSET 2 * g.n LIMIT 2)
  ) AS t
 WHERE p.id = t.id

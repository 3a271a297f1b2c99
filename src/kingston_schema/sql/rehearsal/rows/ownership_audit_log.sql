SELECT 'client_products' AS subject_table, g.product_id AS subject_id, CASE WHEN g.n % 2 = 0 THEN g.client_group_id END AS client_group_id,
       CASE WHEN g.n % 3 > 0 THEN g.some_json END AS before, CASE WHEN g.n % 3 <> 1 THEN jsonb_build_array(g.some_json) END AS after,
       (ARRAY['document', 'links'])[1 + g.n % 2] AS cause, g.some_text AS actor, 'ролька' AS db_role, g.any_text AS correlation_id,
       g.any_text AS reason, coalesce(g.any_number, 5) AS transaction_id, coalesce(g.any_moment, now()) AS at
  FROM guest AS g

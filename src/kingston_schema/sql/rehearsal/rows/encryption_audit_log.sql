SELECT 'product_owners' AS table_name, coalesce(g.any_number, 0) AS record_id, 'ключ' AS field_name,
       (ARRAY['encrypt', 'decrypt', 'access'])[1 + g.n % 3] AS operation, g.some_text AS accessed_by, 'ролька' AS db_role,
       coalesce(g.any_moment, now()) AS access_time, (ARRAY['::1', '2001:db8::ff00:42:8329', NULL])[1 + g.n % 3] AS client_ip,
       g.any_text AS user_agent, CASE WHEN g.n % 3 = 1 THEN g.some_text END AS purpose, g.any_text AS correlation_id,
       g.any_whole AS key_version, (ARRAY['granted', 'refused', 'failed'])[1 + g.n % 3] AS outcome
  FROM guest AS g

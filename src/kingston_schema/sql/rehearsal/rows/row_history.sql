SELECT 'rehearsal' AS table_name, CASE WHEN g.n % 2 = 0 THEN jsonb_build_object('id', g.n) ELSE g.some_json END AS row_key,
       CASE WHEN g.n % 2 = 0 THEN g.client_group_id END AS client_group_id,
       (ARRAY['insert', 'update', 'delete', 'truncate'])[1 + g.n % 4] AS action,
       CASE WHEN g.n % 3 > 0 THEN g.some_json END AS changes, g.some_text AS actor, 'ролька' AS db_role, g.any_text AS correlation_id,
       g.any_text AS reason, coalesce(g.any_number, 5) AS transaction_id, coalesce(g.any_moment, now()) AS occurred_at
  FROM guest AS g

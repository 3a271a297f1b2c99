SELECT g.client_group_id, g.any_text::varchar(255) AS statement_name, g.editor_id AS created_by, g.any_moment AS created_at,
       jsonb_build_object('snapshot_timestamp', g.some_json, 'managed_products', '[]'::jsonb, 'unmanaged_products', g.some_json,
                          'information_items', '{"☃": -0.00}'::jsonb) AS snapshot_data,
       (ARRAY[9999999999999.99, 0.00, 0.01])[1 + g.n % 3] AS total_assets, (ARRAY[0.00, 9999999999999.99, 0.02])[1 + g.n % 3] AS total_liabilities
  FROM guest AS g

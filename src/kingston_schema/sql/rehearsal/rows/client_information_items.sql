-- One item of every type for each guest, at the limits of what its rules accept.
SELECT g.client_group_id, k.item_type, g.some_text AS item_category,
       k.content || jsonb_build_object('', g.some_json, 'заметка ☃', coalesce(g.any_text, 'none')) AS data_content,
       g.any_moment AS created_at, g.any_moment AS updated_at, g.editor_id AS last_edited_by,
       (ARRAY[1, 2147483646, -2147483648])[1 + g.n % 3] AS version
  FROM guest AS g
  CROSS JOIN LATERAL (VALUES
      ('basic_detail', jsonb_build_object('product_owners', jsonb_build_array(g.owner_1, g.owner_2), 'date_of_birth', '1970-02-28')),
      ('vulnerability_health', jsonb_build_object('product_owners', jsonb_build_array(g.owner_2))),
      ('income_expenditure', jsonb_build_object('product_owners', jsonb_build_array(g.owner_1), 'amount', -9999999999999.99)),
      ('assets_liabilities', jsonb_build_object('latest_valuation', 9999999999999.99, 'associated_product_owners',
          jsonb_build_object('association_type', 'individual', g.owner_1::text, 100.00))),
      ('protection', jsonb_build_object('premium', 0.00, 'associated_product_owners',
          jsonb_build_object('association_type', 'tenants_in_common', g.owner_1::text, 33.34, g.owner_2::text, 66.66, 'why', g.some_json)))
  ) AS k (item_type, content)

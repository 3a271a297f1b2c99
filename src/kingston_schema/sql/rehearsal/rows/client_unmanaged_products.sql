SELECT g.client_group_id, g.some_text AS product_name,
       (ARRAY['GIAs', 'Stocks_and_Shares_ISAs', 'Cash_ISAs', 'Bank_Accounts', 'Pensions', 'Offshore_Bonds', 'Onshore_Bonds',
              'Individual_Shares', 'Property', 'Others'])[1 + g.n % 10] AS product_type,
       CASE WHEN g.n % 3 > 0 THEN g.provider_id END AS provider_id,
       (ARRAY[0.00, 0.01, 9999999999999.99, NULL])[1 + g.n % 4] AS latest_valuation,
       (ARRAY['-infinity', '4713-01-01 BC', '2024-02-29', '1900-01-01'])[1 + g.n % 4] AS valuation_date,
       CASE g.n % 4
           WHEN 0 THEN '{}'
           WHEN 1 THEN jsonb_build_object('association_type', 'individual', 'note', g.some_json)
           WHEN 2 THEN jsonb_build_object('association_type', 'tenants_in_common', g.owner_1::text, 60.25, g.owner_2::text, 39.75, '', g.some_json)
           ELSE jsonb_build_object('association_type', 'joint_ownership', 'joint_owners', jsonb_build_array(g.owner_1, g.owner_2))
       END AS ownership_details,
       (ARRAY['active', 'sold', 'transferred', 'matured', 'cancelled'])[1 + g.n % 5] AS status, g.any_text AS notes,
       g.any_moment AS created_at, g.any_moment AS updated_at, g.editor_id AS last_edited_by
  FROM guest AS g

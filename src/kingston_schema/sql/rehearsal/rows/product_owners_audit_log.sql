SELECT g.owner_1 AS product_owner_id, 'notes' AS field_changed, (ARRAY['absent', 'empty', 'present', NULL])[1 + g.n % 4] AS old_value_hash,
       (ARRAY['present', NULL])[1 + g.n % 2] AS new_value_hash,
       (ARRAY['create', 'update', 'delete', 'view_sensitive'])[1 + g.n % 4] AS change_type, g.some_text AS changed_by,
       coalesce(g.any_moment, now()) AS changed_at, (ARRAY['127.0.0.1', '10.1.2.0/24', '::ffff:1.2.3.4', NULL])[1 + g.n % 4] AS ip_address,
       g.any_text AS user_agent, g.any_text AS business_justification, 'product_owners' AS subject_table, g.owner_1 AS subject_id,
       'ролька' AS db_role, false AS justification_required, g.any_text AS correlation_id
  FROM guest AS g

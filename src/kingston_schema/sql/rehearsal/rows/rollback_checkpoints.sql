SELECT 'rehearsal ' || g.round || ' ' || g.role AS checkpoint_name, 'phase_1' AS phase,
       (ARRAY['{}', '{a}', '{"a b",NULL,"",☃}', '{{a,b},{c,d}}', NULL])[1 + g.n % 5] AS tables_affected,
       g.any_text AS backup_location, g.any_number AS backup_size_bytes, g.any_text AS data_integrity_hash,
       g.any_text AS rollback_script, g.any_moment AS created_at, CASE WHEN g.n % 2 = 0 THEN false END AS is_active, g.any_moment AS validated_at,
       (ARRAY['pending', 'invalid', 'expired', NULL])[1 + g.n % 4] AS validation_status
  FROM guest AS g

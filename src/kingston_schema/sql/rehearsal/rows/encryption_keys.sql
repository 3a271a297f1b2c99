-- No encryption key is active: one would refuse readable telephone numbers from then on.
SELECT 'rehearsal ' || g.round || ' ' || g.role AS key_name, (ARRAY[1, 99999])[1 + g.n % 2] AS key_version,
       CASE WHEN g.n % 4 = 1 THEN 'blind_index' ELSE 'encryption' END AS purpose,
       CASE WHEN g.n % 4 = 1 THEN 'hmac-sha-256' WHEN g.n % 4 = 2 THEN 'aes-256-gcm' ELSE 'aes-256-gcm-siv' END AS algorithm,
       (ARRAY['pending', 'active', 'decrypt_only', 'retired'])[1 + g.n % 4] AS status,
       (ARRAY['abcdef', repeat('0', 32)])[1 + g.n % 2] AS key_check_value, coalesce(g.any_moment, now()) AS created_at,
       CASE WHEN g.n % 4 > 0 THEN coalesce(g.any_moment, now()) END AS activated_at, CASE WHEN g.n % 4 = 3 THEN 'infinity' END AS retired_at,
       g.any_moment AS expires_at, g.some_text AS created_by
  FROM guest AS g

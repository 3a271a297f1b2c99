SELECT g.some_text AS check_item, 'ключ ☃' AS signed_by, '-infinity' AS signed_at, 'infinity' AS valid_until, g.some_text AS evidence
  FROM guest AS g

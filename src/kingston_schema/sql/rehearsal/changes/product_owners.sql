-- needs: product_owners.security_words
-- All eight columns, for the guests and for some owners who were there before.
UPDATE product_owners AS o
   SET security_words = (ARRAY['enc:1:1:' || repeat('A', 40), 'käse ☃', '', NULL])[1 + g.n % 4],
       notes = (ARRAY['', E'tab\tand\nline', '𝔘 שלום', NULL, 'enc:1:99999:' || repeat('B', 38) || '=='])[1 + g.n % 5],
       next_meeting_date = (ARRAY['infinity', '294276-12-31 23:59:59.999999+00', '2200-01-01 00:00:00+00', NULL])[1 + g.n % 4]::timestamptz,
       date_signed_tc = (ARRAY['-infinity', '4713-01-01 BC', '2024-02-29', NULL])[1 + g.n % 4]::date,
       last_fee_agreement_date = (ARRAY['1900-01-01', NULL, '-infinity'])[1 + g.n % 3]::date,
       inception_date = (ARRAY['infinity', '-infinity', '4713-01-01 00:00:00+00 BC', NULL])[1 + g.n % 4]::timestamptz,
       updated_at = (ARRAY['infinity', '-infinity', '0001-01-01 00:00:00+00'])[1 + g.n % 3]::timestamptz,
       updated_by = CASE WHEN g.n % 4 > 0 THEN g.some_text END
  FROM guest AS g
  CROSS JOIN LATERAL (
      SELECT g.owner_1 AS id
      UNION ALL
      (SELECT s.id FROM product_owners AS s WHERE s.notes IS NULL AND s.id NOT IN (SELECT y.owner_1 FROM party AS y UNION SELECT y.owner_2 FROM party AS y)
        ORDER BY s.id OFFSET 3 * g.n LIMIT 3)
  ) AS t
 WHERE o.id = t.id

-- view sensitive_field_status
-- How much of each sensitive field is ciphertext and how much is still readable: what was stored before encryption was
-- there is left as it is, and counted here (erratum E-046).  Texts that numbers were migrated from are readable too.
-- Columns of that kind which a portal had before Phase 2 under other names (phone, phone_1 ...) are not listed.
-- Tests: tests/sql/test_sensitive_field_status.py
CREATE OR REPLACE VIEW sensitive_field_status WITH (security_invoker = true) AS
SELECT f.table_name, f.column_name, count(*) FILTER (WHERE f.value <> '') AS filled,
       count(*) FILTER (WHERE f.encrypted) AS encrypted,
       count(*) FILTER (WHERE f.value <> '' AND NOT f.encrypted) AS plaintext
FROM (
    SELECT v.table_name, v.column_name, v.value, coalesce(is_field_envelope(v.value), false) AS encrypted
    FROM product_owners AS o
    CROSS JOIN LATERAL (VALUES ('product_owners', 'security_words', o.security_words::text),
                               ('product_owners', 'notes', o.notes::text)) AS v (table_name, column_name, value)
    UNION ALL
    SELECT 'client_group_secrets', v.column_name, v.value, coalesce(is_field_envelope(v.value), false)
    FROM client_group_secrets AS s
    CROSS JOIN LATERAL (VALUES ('security_word', s.security_word), ('private_notes', s.private_notes),
                               ('sensitive_data', s.sensitive_data)) AS v (column_name, value)
    UNION ALL
    SELECT 'product_owner_phones', 'phone_number', p.phone_number, p.phone_number_encrypted IS NOT NULL
    FROM product_owner_phones AS p
    UNION ALL
    SELECT 'product_owner_phone_sources', 'source_text', q.source_text, false FROM product_owner_phone_sources AS q
    UNION ALL
    SELECT 'product_owner_phone_rejects', 'source_text', r.source_text, false FROM product_owner_phone_rejects AS r
) AS f
GROUP BY f.table_name, f.column_name;

COMMENT ON VIEW sensitive_field_status IS 'per sensitive field: rows filled, encrypted, readable';

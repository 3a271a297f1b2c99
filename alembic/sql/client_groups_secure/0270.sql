-- view client_groups_secure
-- Client groups with markers in the place of their secrets.  Never decrypts, writes nothing when it is read, and shows
-- no more than its reader may see in the tables (security_invoker; errata E-020, E-186, E-187).
-- Document 000's columns that no table has (description, user_id, updated_at of the group) are left out.
-- Tests: tests/sql/test_client_groups_secure.py
CREATE OR REPLACE VIEW client_groups_secure WITH (security_invoker = true, security_barrier = true) AS
SELECT g.id,
       g.name AS group_name,
       g.status,
       g.type,
       g.advisor_id,
       mask_sensitive_text(s.security_word) AS security_word,
       mask_sensitive_text(s.private_notes) AS private_notes,
       mask_sensitive_text(s.sensitive_data) AS sensitive_data,
       g.created_at,
       s.updated_at AS secrets_updated_at
FROM client_groups AS g
LEFT JOIN client_group_secrets AS s ON s.client_group_id = g.id;

COMMENT ON VIEW client_groups_secure IS 'client groups with markers instead of their secrets';

-- trigger client_group_secrets_sensitive on client_group_secrets
-- The three secrets of a client group take ciphertext only (require_envelope).
-- Tests: tests/sql/test_require_envelope.py
CREATE OR REPLACE TRIGGER client_group_secrets_sensitive BEFORE INSERT OR UPDATE ON client_group_secrets
    FOR EACH ROW EXECUTE FUNCTION require_envelope('security_word', 'private_notes', 'sensitive_data');

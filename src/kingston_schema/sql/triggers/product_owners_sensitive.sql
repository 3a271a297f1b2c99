-- triggers product_owners_sensitive_insert, product_owners_sensitive_update on product_owners
-- security_words and notes take ciphertext only (require_envelope); statements that leave both alone never enter.
-- Tests: tests/sql/test_require_envelope.py
CREATE OR REPLACE TRIGGER product_owners_sensitive_insert BEFORE INSERT ON product_owners
    FOR EACH ROW WHEN (NEW.security_words IS NOT NULL OR NEW.notes IS NOT NULL)
    EXECUTE FUNCTION require_envelope('security_words', 'notes');
CREATE OR REPLACE TRIGGER product_owners_sensitive_update BEFORE UPDATE OF security_words, notes ON product_owners
    FOR EACH ROW EXECUTE FUNCTION require_envelope('security_words', 'notes');

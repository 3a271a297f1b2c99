-- triggers client_group_secrets_touch_insert, client_group_secrets_touch_update on client_group_secrets
-- Time and author of the last change (errata E-201, E-202).
-- Tests: tests/sql/test_require_envelope.py
CREATE OR REPLACE TRIGGER client_group_secrets_touch_insert BEFORE INSERT ON client_group_secrets
    FOR EACH ROW WHEN (NEW.updated_by IS NULL) EXECUTE FUNCTION touch_updated_at('updated_by');
CREATE OR REPLACE TRIGGER client_group_secrets_touch_update BEFORE UPDATE ON client_group_secrets
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at('updated_by');

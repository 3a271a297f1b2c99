-- trigger client_information_items_switch on client_information_items
-- No new information item while information_items_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_information_items_switch BEFORE INSERT ON client_information_items
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('information_items_enabled');

-- trigger client_actions_switch on client_actions
-- No new action while actions_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_actions_switch BEFORE INSERT ON client_actions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('actions_enabled');

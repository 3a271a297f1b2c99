-- trigger client_objectives_switch on client_objectives
-- No new objective while objectives_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_objectives_switch BEFORE INSERT ON client_objectives
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('objectives_enabled');

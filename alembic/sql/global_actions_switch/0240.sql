-- trigger global_actions_switch on global_actions
-- No new global action while they are switched off in migration_control (C-032).
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER global_actions_switch BEFORE INSERT ON global_actions
    FOR EACH ROW EXECUTE FUNCTION refuse_global_actions_when_off();

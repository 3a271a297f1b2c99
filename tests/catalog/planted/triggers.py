"""Triggers and rules."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("trigger_missing", "", "DROP TRIGGER plants_note ON plants", "trigger plants_note on plants is missing"),
    Plant("trigger_added", "", "CREATE TRIGGER more AFTER INSERT ON beds FOR EACH ROW EXECUTE FUNCTION note()", "trigger more on beds is there in addition"),
    Plant("trigger_definition", "definition", "CREATE OR REPLACE TRIGGER plants_note BEFORE INSERT OR UPDATE ON plants FOR EACH ROW EXECUTE FUNCTION note()", "definition of trigger plants_note on plants is …TE TRIGGER plants_note BEFORE INSERT OR UPDATE ON plants FOR EACH ROW EXECUTE FUNCTION not…, should be …TE TRIGGER plants_note BEFORE UPDATE ON plants FOR EACH ROW EXECUTE FUNCTION note()"),
    Plant("trigger_disabled", "enabled", "ALTER TABLE plants DISABLE TRIGGER plants_note", "trigger plants_note on plants is disabled"),
    Plant("trigger_always", "enabled", "ALTER TABLE plants ENABLE ALWAYS TRIGGER plants_note", "trigger plants_note on plants is ENABLE ALWAYS (fires for replicated rows too), should be enabled"),
    Plant("trigger_replica", "enabled", "ALTER TABLE plants ENABLE REPLICA TRIGGER plants_note", "trigger plants_note on plants is ENABLE REPLICA (fires for replicated rows only), should be enabled"),
    Plant("trigger_comment", "comment", "COMMENT ON TRIGGER plants_note ON plants IS 'Notes'", "comment of trigger plants_note on plants is \"Notes\", should be none"),
    Plant("rule_missing", "", "DROP RULE plants_kept ON plants", "rule plants_kept on plants is missing"),
    Plant("rule_definition", "definition", "CREATE OR REPLACE RULE plants_kept AS ON DELETE TO plants WHERE OLD.id > 1 DO INSTEAD NOTHING", "definition of rule plants_kept on plants is CREATE RULE plants_kept AS ON DELETE TO plants WHERE (old.id > 1) DO INSTEAD NOTHING;, should be CREATE RULE plants_kept AS ON DELETE TO plants DO INSTEAD NOTHING;"),
    Plant("rule_disabled", "enabled", "ALTER TABLE plants DISABLE RULE plants_kept", "rule plants_kept on plants is disabled"),
    Plant("rule_comment", "comment", "COMMENT ON RULE plants_kept ON plants IS 'Kept'", "comment of rule plants_kept on plants is \"Kept\", should be none"),
]  # fmt: skip

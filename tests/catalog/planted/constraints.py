"""Constraints."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("primary_key_missing", "", "ALTER TABLE tools DROP CONSTRAINT tools_pkey", "primary key tools_pkey of table tools is missing (1 index goes with it)"),
    Plant("constraint_added", "", "ALTER TABLE tools ADD CONSTRAINT tools_label CHECK (label <> '')", "constraint tools_label of table tools is there in addition"),
    Plant("constraint_renamed", "", "ALTER TABLE tools RENAME CONSTRAINT tools_pkey TO tools_key", "primary key tools_pkey of table tools is called tools_key"),
    Plant("check_missing", "", "ALTER TABLE beds DROP CONSTRAINT beds_width", "constraint beds_width of table beds is missing"),
    Plant("check_changed", "definition", "ALTER TABLE beds DROP CONSTRAINT beds_width; ALTER TABLE beds ADD CONSTRAINT beds_width CHECK (width >= 0)",
          "definition of constraint beds_width of table beds is CHECK ((width >= (0)::numeric)), should be CHECK ((width > (0)::numeric))"),
    Plant("check_not_valid", "not valid", "ALTER TABLE beds DROP CONSTRAINT beds_width; ALTER TABLE beds ADD CONSTRAINT beds_width CHECK (width > 0) NOT VALID",
          "constraint beds_width of table beds is NOT VALID (older rows may break it)"),
    Plant("check_not_enforced", "not enforced", "ALTER TABLE beds DROP CONSTRAINT beds_width; ALTER TABLE beds ADD CONSTRAINT beds_width CHECK (width > 0) NOT ENFORCED",
          "constraint beds_width of table beds is NOT ENFORCED", since=18),
    Plant("unique_missing", "", "ALTER TABLE beds DROP CONSTRAINT beds_name", "unique constraint beds_name of table beds is missing (1 index goes with it)"),
    Plant("unique_changed", "definition", "ALTER TABLE beds DROP CONSTRAINT beds_name; ALTER TABLE beds ADD CONSTRAINT beds_name UNIQUE (name, soil)",
          "definition of unique constraint beds_name of table beds is UNIQUE (name, soil), should be UNIQUE (name)"),
    Plant("foreign_key_action", "definition", "ALTER TABLE plants DROP CONSTRAINT plants_bed;"
          " ALTER TABLE plants ADD CONSTRAINT plants_bed FOREIGN KEY (bed_id) REFERENCES beds (id)",
          "definition of foreign key plants_bed of table plants is FOREIGN KEY (bed_id) REFERENCES beds(id),"
          " should be FOREIGN KEY (bed_id) REFERENCES beds(id) ON DELETE CASCADE"),
    Plant("foreign_key_not_valid", "not valid", "ALTER TABLE plants DROP CONSTRAINT plants_bed;"
          " ALTER TABLE plants ADD CONSTRAINT plants_bed FOREIGN KEY (bed_id) REFERENCES beds (id) ON DELETE CASCADE NOT VALID",
          "foreign key plants_bed of table plants is NOT VALID (older rows may break it)"),
    Plant("foreign_key_deferrable", "definition", "ALTER TABLE plants ALTER CONSTRAINT plants_bed DEFERRABLE INITIALLY DEFERRED", "definition of foreign key plants_bed of table plants is FOREIGN KEY (bed_id) REFERENCES beds(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, should be FOREIGN KEY (bed_id) REFERENCES beds(id) ON DELETE CASCADE"),
    Plant("foreign_key_switched_off", "triggers off", "ALTER TABLE beds DISABLE TRIGGER ALL",
          "triggers of table beds are disabled (DISABLE TRIGGER ALL): 1 foreign key does nothing"),
    Plant("foreign_key_and_triggers_switched_off", "triggers off", "ALTER TABLE plants DISABLE TRIGGER ALL",
          "triggers of table plants are disabled (DISABLE TRIGGER ALL): 1 foreign key and 1 trigger do nothing"),
    Plant("constraint_comment", "comment", "COMMENT ON CONSTRAINT beds_width ON beds IS 'Room to dig'", "comment of constraint beds_width of table beds is \"Room to dig\", should be none"),
    Plant("domain_constraint_changed", "definition", "ALTER DOMAIN postcode DROP CONSTRAINT postcode_short; ALTER DOMAIN postcode ADD CONSTRAINT postcode_short CHECK (length(VALUE) < 9)", "definition of constraint postcode_short of domain postcode is CHECK ((length(VALUE) < 9)), should be CHECK ((length(VALUE) < 10))"),
    Plant("domain_constraint_not_valid", "not valid", "ALTER DOMAIN postcode DROP CONSTRAINT postcode_short; ALTER DOMAIN postcode ADD CONSTRAINT postcode_short CHECK (length(VALUE) < 10) NOT VALID", "constraint postcode_short of domain postcode is NOT VALID (older rows may break it)"),
    Plant("domain_constraint_comment", "comment", "COMMENT ON CONSTRAINT postcode_short ON DOMAIN postcode IS 'British'", "comment of constraint postcode_short of domain postcode is \"British\", should be none"),
]  # fmt: skip

"""Extended statistics, the schema, and what else can be in one."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("statistics_missing", "", "DROP STATISTICS beds_soil_width", "extended statistics beds_soil_width is missing"),
    Plant("statistics_definition", "definition", "DROP STATISTICS beds_soil_width; CREATE STATISTICS beds_soil_width (ndistinct) ON soil, width FROM beds", "definition of extended statistics beds_soil_width is CREATE STATISTICS beds_soil_width (ndistinct) ON soil, width FROM beds, should be CREATE STATISTICS beds_soil_width ON soil, width FROM beds"),
    Plant("statistics_target", "statistics target", "ALTER STATISTICS beds_soil_width SET STATISTICS 400", "statistics target of extended statistics beds_soil_width is 400, should be the default"),
    Plant("statistics_comment", "comment", "COMMENT ON STATISTICS beds_soil_width IS 'Go together'", "comment of extended statistics beds_soil_width is \"Go together\", should be none"),
    Plant("schema_comment", "comment", "COMMENT ON SCHEMA garden IS 'Ours'", "comment of the schema is \"Ours\", should be none", local=True),
    Plant("schema_publication", "publications", "CREATE PUBLICATION plant_feed FOR TABLES IN SCHEMA garden", "publications of the schema are plant_feed, should be none", local=True, mends=False),
    Plant("extension_added", "", "CREATE EXTENSION citext", "extension citext is there in addition"),
    Plant("extension_version", "version", "UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'tcn'", "version of extension tcn is 0.9, should be 1.0", local=True, mends=False),
    Plant("extension_comment", "comment", "COMMENT ON EXTENSION tcn IS 'Tells'", "comment of extension tcn is \"Tells\", should be \"Triggered change notifications\""),
    Plant("operator_added", "", "CREATE OPERATOR <~> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4pl)", "operator <~>(integer,integer) is there in addition"),
    Plant("collation_added", "", "CREATE COLLATION plain (PROVIDER = libc, LOCALE = 'C')", "collation plain is there in addition"),
]  # fmt: skip

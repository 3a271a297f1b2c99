"""Indexes."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("index_missing", "", "DROP INDEX beds_by_soil", "index beds_by_soil on beds is missing"),
    Plant("index_added", "", "CREATE INDEX plants_by_name ON plants (name)", "index plants_by_name on plants is there in addition"),
    Plant("index_definition", "definition", "DROP INDEX beds_by_soil; CREATE INDEX beds_by_soil ON beds (lower(soil))", "definition of index beds_by_soil on beds is CREATE INDEX beds_by_soil ON beds USING btree (lower(soil)), should be CREATE INDEX beds_by_soil ON beds USING btree (lower(soil), width)"),
    Plant("index_unique", "definition", "DROP INDEX plants_by_id; CREATE INDEX plants_by_id ON plants (id)", "definition of index plants_by_id on plants is CREATE INDEX plants_by_id ON plants USING btree (id), should be CREATE UNIQUE INDEX plants_by_id ON plants USING btree (id)"),
    Plant("index_table", "definition", "DROP INDEX beds_by_soil; CREATE INDEX beds_by_soil ON plants (name)", "definition of index beds_by_soil on beds is CREATE INDEX beds_by_soil ON plants USING btree (name), should be CREATE INDEX beds_by_soil ON beds USING btree (lower(soil), width)"),
    Plant("index_predicate", "definition", "DROP INDEX beds_by_soil; CREATE INDEX beds_by_soil ON beds (lower(soil), width) WHERE width > 1", "definition of index beds_by_soil on beds is …ING btree (lower(soil), width) WHERE (width > (1)::numeric), should be …ING btree (lower(soil), width)"),
    Plant("index_options", "definition", "ALTER INDEX beds_by_soil SET (fillfactor = 70)", "definition of index beds_by_soil on beds is CREATE INDEX beds_by_soil ON beds USING btree (lower(soil), width) WITH (fillfactor='70'), should be CREATE INDEX beds_by_soil ON beds USING btree (lower(soil), width)"),
    Plant("index_invalid", "invalid", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'beds_by_soil'::regclass",
          "index beds_by_soil on beds is invalid: a concurrent build was cut off"),
    Plant("index_unready", "invalid", "UPDATE pg_index SET indisready = false WHERE indexrelid = 'beds_by_soil'::regclass",
          "index beds_by_soil on beds is invalid: a concurrent build was cut off"),
    Plant("index_statistics_target", "statistics targets", "ALTER INDEX beds_by_soil ALTER COLUMN 1 SET STATISTICS 300", "statistics targets of index beds_by_soil on beds are 300 of column 1, should be none"),
    Plant("index_clustered", "clustered", "ALTER TABLE beds CLUSTER ON beds_by_soil", "index beds_by_soil on beds is marked for CLUSTER, should be not marked for CLUSTER"),
    Plant("index_replica_identity", "replica identity", "ALTER TABLE tools REPLICA IDENTITY USING INDEX tools_pkey",
          "index tools_by_id on tools is not the replica identity of its table, should be"),
    Plant("index_tablespace", "tablespace", "ALTER INDEX beds_by_soil SET TABLESPACE plant_space", "tablespace of index beds_by_soil on beds is plant_space, should be the database's", local=True),
    Plant("index_comment", "comment", "COMMENT ON INDEX beds_by_soil IS 'For the search'", "comment of index beds_by_soil on beds is \"For the search\", should be none"),
]  # fmt: skip

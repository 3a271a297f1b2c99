"""Tables."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("table_missing", "", "DROP TABLE plants", "table plants is missing (3 columns, 1 constraint, 1 index, 1 rule, 1 sequence, 1 trigger go with it)", mends=False),
    Plant("table_added", "", "CREATE TABLE pots (id integer PRIMARY KEY)", "table pots is there in addition (1 column, 1 constraint, 1 index go with it)"),
    Plant("table_unlogged", "persistence", "ALTER TABLE sheds SET UNLOGGED", "table sheds is unlogged (a crash empties it), should be permanent"),
    Plant("table_options", "options", "ALTER TABLE beds SET (fillfactor = 70)", "options of table beds are fillfactor=70, should be none"),
    Plant("table_toast_options", "toast options", "ALTER TABLE beds SET (toast.autovacuum_enabled = false)", "options of the TOAST table of table beds are autovacuum_enabled=false, should be none"),
    Plant("table_replica_identity", "replica identity", "ALTER TABLE beds REPLICA IDENTITY FULL", "replica identity of table beds is FULL, should be DEFAULT"),
    Plant("table_replica_index", "replica identity", "ALTER TABLE plants REPLICA IDENTITY USING INDEX plants_by_id", "replica identity of table plants is an index, should be DEFAULT"),
    Plant("table_replica_index_lost", "replica identity", "ALTER TABLE tools REPLICA IDENTITY DEFAULT", "replica identity of table tools is DEFAULT, should be an index"),
    Plant("table_access_method", "access method", "ALTER TABLE sheds SET ACCESS METHOD plant_heap", "access method of table sheds is plant_heap, should be heap"),
    Plant("table_tablespace", "tablespace", "ALTER TABLE sheds SET TABLESPACE plant_space", "tablespace of table sheds is plant_space, should be the database's", local=True),
    Plant("table_inherits", "inherits", "ALTER TABLE sheds INHERIT beside.old_sheds", "parents of table sheds are beside.old_sheds, should be none"),
    Plant("table_of_type", "of type", "ALTER TABLE sheds OF beside.shed", "composite type of table sheds is beside.shed, should be none"),
    Plant("table_publication", "publications", "CREATE PUBLICATION plant_feed FOR TABLE beds (id, name) WHERE (id > 5)", "publications of table beds are plant_feed (id, name) WHERE (id > 5), should be none", local=True, mends=False),
    Plant("table_comment", "comment", "COMMENT ON TABLE beds IS 'Where weeds grow'", "comment of table beds is \"Where weeds grow\", should be \"Where things grow\""),
    Plant("partition_bound", "partition bound", "ALTER TABLE harvests DETACH PARTITION harvests_2025; ALTER TABLE harvests ATTACH PARTITION harvests_2025 FOR VALUES FROM ('2025-01-01') TO ('2027-01-01')", "partition bound of table harvests_2025 is FOR VALUES FROM ('2025-01-01') TO ('2027-01-01'), should be FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"),
    Plant("partition_detached", "partition bound", "ALTER TABLE harvests DETACH PARTITION harvests_2025", "partition bound of table harvests_2025 is none, should be FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"),
    Plant("partition_key", "partition key", "DROP TABLE routes; CREATE TABLE routes (a integer, b integer) PARTITION BY RANGE (b)", "partition key of partitioned table routes is RANGE (b), should be RANGE (a)", mends=False),
    Plant("foreign_server", "foreign server", "DROP FOREIGN TABLE far; CREATE FOREIGN TABLE far (id integer) SERVER plant_other_server", "foreign server of foreign table far is plant_other_server, should be plant_server", mends=False),
]  # fmt: skip

"""Views and materialized views."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("view_missing", "", "DROP VIEW wide_beds", "view wide_beds is missing (2 columns go with it)", mends=False),
    Plant("view_body", "definition", "CREATE OR REPLACE VIEW wide_beds WITH (security_barrier = true) AS SELECT b.id, b.name FROM beds AS b LEFT JOIN tools AS t ON t.id = b.id WHERE b.width > 3", "view wide_beds: definition differs at line 5: \"WHERE (b.width > (3)::numeric);\", should be \"WHERE (b.width > (2)::numeric);\"", mends=False),
    Plant("view_body_cast", "definition", "CREATE OR REPLACE VIEW wide_beds WITH (security_barrier = true) AS SELECT b.id, b.name FROM beds AS b LEFT JOIN tools AS t ON t.id = b.id WHERE b.width::integer > 2", "view wide_beds: definition differs at line 5: \"WHERE ((b.width)::integer > 2);\", should be \"WHERE (b.width > (2)::numeric);\"", mends=False),
    Plant("view_column", "definition", "DROP VIEW wide_beds; CREATE VIEW wide_beds WITH (security_barrier = true) AS SELECT b.id, b.soil FROM beds AS b LEFT JOIN tools AS t ON t.id = b.id WHERE b.width > 2", "view wide_beds: definition differs at line 2: \"b.soil\", should be \"b.name\"", mends=False),
    Plant("view_column_renamed", "", "ALTER VIEW wide_beds RENAME COLUMN name TO title", "column wide_beds.name is called title"),
    Plant("view_security_barrier", "options", "ALTER VIEW wide_beds RESET (security_barrier)", "options of view wide_beds are none, should be security_barrier=true"),
    Plant("view_security_invoker", "options", "ALTER VIEW wide_beds SET (security_invoker = true)", "options of view wide_beds are security_barrier=true, security_invoker=true, should be security_barrier=true"),
    Plant("view_check_option", "options", "ALTER VIEW all_sheds SET (check_option = local)", "options of view all_sheds are check_option=local, should be none"),
    Plant("view_column_default", "default", "ALTER VIEW wide_beds ALTER COLUMN name SET DEFAULT 'x'", "column wide_beds.name has default 'x'::character varying, should have none"),
    Plant("view_comment", "comment", "COMMENT ON VIEW wide_beds IS 'Two metres and more'", "comment of view wide_beds is \"Two metres and more\", should be none"),
    Plant("materialized_view_unpopulated", "populated", "REFRESH MATERIALIZED VIEW crops WITH NO DATA", "materialized view crops is not populated: reading it fails"),
    Plant("materialized_view_body", "definition", "DROP MATERIALIZED VIEW crops; CREATE MATERIALIZED VIEW crops AS SELECT bed_id, count(*) + 1 AS plants FROM harvests GROUP BY bed_id;"
          " CREATE UNIQUE INDEX crops_by_bed ON crops (bed_id); CREATE INDEX crops_by_count ON crops (plants)", "materialized view crops: definition differs at line 2: \"(count(*) + 1) AS plants\", should be \"count(*) AS plants\"", mends=False),
    Plant("materialized_view_unique_index", "", "DROP INDEX crops_by_bed", "index crops_by_bed on crops is missing"),
    Plant("materialized_view_options", "options", "ALTER MATERIALIZED VIEW crops SET (autovacuum_enabled = false)", "options of materialized view crops are autovacuum_enabled=false, should be none"),
    Plant("materialized_view_comment", "comment", "COMMENT ON MATERIALIZED VIEW crops IS 'Per bed'", "comment of materialized view crops is \"Per bed\", should be none"),
]  # fmt: skip

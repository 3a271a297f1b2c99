"""Owners and grants: an installation's own."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("table_owner", "owner", "ALTER TABLE beds OWNER TO plant_owner", "table beds belongs to plant_owner, should belong to postgres", local=True),
    Plant("view_owner", "owner", "ALTER VIEW wide_beds OWNER TO plant_owner", "view wide_beds belongs to plant_owner, should belong to postgres", local=True),
    Plant("sequence_owner", "owner", "ALTER SEQUENCE labels OWNER TO plant_owner", "sequence labels belongs to plant_owner, should belong to postgres", local=True),
    Plant("function_owner", "owner", "ALTER FUNCTION grow(integer) OWNER TO plant_owner", "function grow(x integer) belongs to plant_owner, should belong to postgres", local=True),
    Plant("type_owner", "owner", "ALTER TYPE season OWNER TO plant_owner", "type season belongs to plant_owner, should belong to postgres", local=True),
    Plant("statistics_owner", "owner", "ALTER STATISTICS beds_soil_width OWNER TO plant_owner", "extended statistics beds_soil_width belongs to plant_owner, should belong to postgres", local=True),
    Plant("schema_owner", "owner", "ALTER SCHEMA garden OWNER TO plant_reader", "the schema belongs to plant_reader, should belong to postgres", local=True),
    Plant("table_grant_lost", "grants", "REVOKE SELECT ON beds FROM plant_reader", "grants of table beds: lost plant_reader: SELECT", local=True),
    Plant("table_grant_gained", "grants", "GRANT UPDATE, DELETE ON beds TO plant_reader", "grants of table beds: gained plant_reader: DELETE, plant_reader: UPDATE", local=True),
    Plant("grant_option", "grants", "GRANT SELECT ON beds TO plant_reader WITH GRANT OPTION", "grants of table beds: lost plant_reader: SELECT; gained plant_reader: SELECT with grant option", local=True),
    Plant("grant_by_another", "grants", "GRANT SELECT ON sheds TO plant_owner WITH GRANT OPTION; SET LOCAL ROLE plant_owner; GRANT SELECT ON sheds TO plant_reader; RESET ROLE", "grants of table sheds: gained plant_owner: SELECT with grant option, plant_reader: SELECT from plant_owner", local=True, mends=False),
    Plant("sequence_grant", "grants", "GRANT USAGE ON SEQUENCE labels TO plant_reader", "grants of sequence labels: gained plant_reader: USAGE", local=True),
    Plant("function_grant", "grants", "REVOKE EXECUTE ON FUNCTION grow(integer) FROM PUBLIC", "grants of function grow(x integer): lost PUBLIC: EXECUTE", local=True),
    Plant("type_grant", "grants", "REVOKE USAGE ON TYPE season FROM PUBLIC", "grants of type season: lost PUBLIC: USAGE", local=True),
    Plant("schema_grant", "grants", "GRANT CREATE ON SCHEMA garden TO plant_reader", "grants of the schema: gained plant_reader: CREATE", local=True),
    Plant("owner_grant_lost", "grants", "REVOKE TRUNCATE ON beds FROM postgres", "grants of table beds: lost owner: TRUNCATE", local=True),
    Plant("default_privileges", "default privileges of postgres for tables", "ALTER DEFAULT PRIVILEGES IN SCHEMA garden GRANT SELECT ON TABLES TO plant_reader", "default privileges of postgres for tables of the schema: gained plant_reader: SELECT", local=True, mends=False),
]  # fmt: skip

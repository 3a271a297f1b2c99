"""Types and domains."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("type_missing", "", "DROP TYPE span", "type span is missing", mends=False),
    Plant("type_kind", "kind", "DROP TYPE span; CREATE TYPE span AS ENUM ('short', 'long')", "kind of type span is enum, should be range", mends=False),
    Plant("enum_label", "labels", "ALTER TYPE season RENAME VALUE 'summer' TO 'autumn'", "labels of type season are spring, autumn, should be spring, summer", mends=False),
    Plant("composite_field", "fields", "ALTER TYPE address ADD ATTRIBUTE county text", "fields of type address are street text, town text, county text, should be street text, town text", mends=False),
    Plant("range_subtype", "range", "DROP TYPE span; CREATE TYPE span AS RANGE (SUBTYPE = bigint)", "range of type span is bigint by int8_ops, should be integer by int4_ops", mends=False),
    Plant("domain_base", "base", "DROP DOMAIN label; CREATE DOMAIN label AS varchar(9)", "base type of domain label is character varying(9), should be text", mends=False),
    Plant("domain_collation", "collation", "DROP DOMAIN label; CREATE DOMAIN label AS text COLLATE \"C\"", "collation of domain label is C, should be its type's default", mends=False),
    Plant("domain_not_null", "not null", "ALTER DOMAIN postcode SET NOT NULL", "domain postcode is NOT NULL, should be nullable"),
    Plant("domain_default", "default", "ALTER DOMAIN postcode SET DEFAULT 'NE1'", "domain postcode has default 'NE1'::text, should have none"),
    Plant("type_comment", "comment", "COMMENT ON TYPE season IS 'Two'", "comment of type season is \"Two\", should be none"),
    Plant("domain_comment", "comment", "COMMENT ON DOMAIN postcode IS 'British'", "comment of domain postcode is \"British\", should be none"),
]  # fmt: skip

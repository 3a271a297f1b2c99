-- function plan_shape(jsonb)
-- A fingerprint of the shape of a plan from EXPLAIN (FORMAT JSON): node types, join types, tables and
-- indexes, in plan order; costs, row counts and times do not enter.  Two plans of one shape do the same
-- work, so a difference in time between them is data or noise, not another plan.
-- Uses pg_catalog only, therefore no SET clause.
-- Called by measure_query.  Tests: tests/sql/test_measure_query.py
CREATE OR REPLACE FUNCTION plan_shape(p_plan jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(encode(sha256(convert_to(
    concat_ws('/',
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Node Type"')::text,
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Join Type"')::text,
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Relation Name"')::text,
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Index Name"')::text),
    'UTF8')), 'hex'), 16);
COMMENT ON FUNCTION plan_shape(jsonb) IS 'Fingerprint of the shape of a plan (node types, joins, tables, indexes)';

"""Functions, procedures and aggregates."""

from __future__ import annotations

from .plant import Plant

BODY = """CREATE OR REPLACE FUNCTION grow(x integer) RETURNS integer LANGUAGE plpgsql STABLE SET search_path = garden, pg_temp AS $$
BEGIN
    IF x IS NULL THEN
        RETURN 0;
    END IF;
    RETURN x + 2;
END
$$"""

PLANTS = [
    Plant("function_missing", "", "DROP FUNCTION seeds()", "function seeds() is missing", mends=False),
    Plant("function_added", "", "CREATE FUNCTION seeds(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n'", "function seeds(n integer) is there in addition"),
    Plant("function_body", "body", BODY, "function grow(x integer): body differs at line 6: \"RETURN x + 2;\", should be \"RETURN x + 1;\"", mends=False),
    Plant("function_sql_body", "sql body", "CREATE OR REPLACE FUNCTION twice(x integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN x * 3", "function twice(x integer): body differs at line 1: \"RETURN (x * 3)\", should be \"RETURN (x * 2)\"", mends=False),
    Plant("function_result", "result", "DROP FUNCTION seeds(); CREATE FUNCTION seeds() RETURNS SETOF bigint LANGUAGE sql AS 'SELECT generate_series(1, 10)'", "result of function seeds() is SETOF bigint, should be SETOF integer", mends=False),
    Plant("function_argument_default", "arguments", "CREATE OR REPLACE FUNCTION twice(x integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE RETURN x * 2", "arguments of function twice(x integer) are x integer DEFAULT 1, should be x integer", mends=False),
    Plant("function_language", "language", "SET LOCAL check_function_bodies = off; CREATE OR REPLACE FUNCTION seeds() RETURNS SETOF integer LANGUAGE plpgsql AS 'SELECT generate_series(1, 10)'", "language of function seeds() is plpgsql, should be sql", mends=False),
    Plant("function_library", "library", "CREATE OR REPLACE FUNCTION handler() RETURNS language_handler LANGUAGE c AS 'plpgsql', 'plpgsql_call_handler'", "library of function handler() is plpgsql, should be $libdir/plpgsql", mends=False),
    Plant("function_window", "window", "DROP FUNCTION place(); CREATE FUNCTION place() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number'", "function place() is a window function, should be no window function", mends=False),
    Plant("function_volatility", "volatility", "ALTER FUNCTION grow(integer) VOLATILE", "function grow(x integer) is VOLATILE, should be STABLE"),
    Plant("function_parallel", "parallel", "ALTER FUNCTION grow(integer) PARALLEL SAFE", "function grow(x integer) is PARALLEL SAFE, should be PARALLEL UNSAFE"),
    Plant("function_strict", "strict", "ALTER FUNCTION grow(integer) STRICT", "function grow(x integer) is STRICT, should be called on NULL input"),
    Plant("function_security_definer", "security definer", "ALTER FUNCTION grow(integer) SECURITY DEFINER", "function grow(x integer) is SECURITY DEFINER (owner's rights), should be SECURITY INVOKER (caller's rights)"),
    Plant("function_leakproof", "leakproof", "ALTER FUNCTION grow(integer) LEAKPROOF", "function grow(x integer) is LEAKPROOF, should be not LEAKPROOF"),
    Plant("function_cost", "cost", "ALTER FUNCTION grow(integer) COST 7", "cost of function grow(x integer) is 7, should be 100"),
    Plant("function_rows", "rows", "ALTER FUNCTION seeds() ROWS 10", "rows of function seeds() are 10, should be 1000"),
    Plant("function_support", "support", "ALTER FUNCTION seeds() SUPPORT generate_series_int4_support", "planner support of function seeds() is generate_series_int4_support, should be none", mends=False),
    Plant("function_search_path", "settings", "ALTER FUNCTION grow(integer) SET search_path = garden, beside, pg_temp", "settings of function grow(x integer) are search_path=garden, beside, pg_temp, should be search_path=garden, pg_temp"),
    Plant("function_setting", "settings", "ALTER FUNCTION grow(integer) SET work_mem = '8MB'", "settings of function grow(x integer) are search_path=garden, pg_temp, work_mem=8MB, should be search_path=garden, pg_temp"),
    Plant("function_comment", "comment", "COMMENT ON FUNCTION grow(integer) IS 'By one'", "comment of function grow(x integer) is \"By one\", should be none"),
    Plant("procedure_body", "body", "CREATE OR REPLACE PROCEDURE tidy() LANGUAGE sql AS 'SELECT 2'", "procedure tidy(): body differs at line 1: \"SELECT 2\", should be \"SELECT 1\"", mends=False),
    Plant("aggregate", "aggregate", "DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '1')", "definition of aggregate total(integer) is agginitval = 1, should be agginitval = 0", mends=False),
]  # fmt: skip

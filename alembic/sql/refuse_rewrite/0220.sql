-- function refuse_rewrite()
-- Append-only tables: refuses UPDATE, DELETE and TRUNCATE (erratum E-189), whoever asks.  Attached as a statement-level
-- BEFORE trigger, so that a statement that would touch no row is refused too.
-- Errors: 23001 (restrict_violation) naming the table.  Going down is not a rewrite: the table moves as a whole.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE FUNCTION refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
              HINT = 'what was recorded stays; write a new row that says what changed';
END
$body$;

COMMENT ON FUNCTION refuse_rewrite() IS 'trigger: refuses UPDATE, DELETE and TRUNCATE on append-only tables';
REVOKE ALL ON FUNCTION refuse_rewrite() FROM PUBLIC;

-- function check_valuation_date()
-- A valuation date may not lie in the future, looked at when it is written and never again.  "Today" is the day of
-- the session that writes, as in the default of the column.  Erratum E-038: as a CHECK the rule depends on clock and
-- time zone, so a row that was fine could not be changed from another zone, nor be restored from a dump.
-- Called by the trigger client_unmanaged_products_valuation_date.
-- Refusal: SQLSTATE 23514, constraint valid_valuation_date.
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE FUNCTION check_valuation_date() RETURNS trigger
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    IF NEW.valuation_date > CURRENT_DATE
       AND (TG_OP = 'INSERT' OR NEW.valuation_date IS DISTINCT FROM OLD.valuation_date) THEN
        RAISE EXCEPTION 'the valuation date % lies in the future (today is %)', NEW.valuation_date, CURRENT_DATE
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  COLUMN = 'valuation_date', CONSTRAINT = 'valid_valuation_date',
                  HINT = 'a valuation is dated on the day it was made, today at the latest';
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION check_valuation_date() IS
    'trigger: a valuation date that is written may not lie in the future';
REVOKE ALL ON FUNCTION check_valuation_date() FROM PUBLIC;

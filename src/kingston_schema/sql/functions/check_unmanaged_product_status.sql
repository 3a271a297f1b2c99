-- function check_unmanaged_product_status()
-- Refuses a change of status that validate_unmanaged_product_transition() does not allow.  A word outside the list of
-- statuses is left to the rule client_unmanaged_products_status_check, which names the list.
-- Called by the trigger client_unmanaged_products_status (only when the status changes).
-- Refusal: SQLSTATE 23514, constraint valid_unmanaged_product_transition.
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE FUNCTION check_unmanaged_product_status() RETURNS trigger
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    IF NEW.status IN ('active', 'sold', 'transferred', 'matured', 'cancelled')
       AND NOT validate_unmanaged_product_transition(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'unmanaged product % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'status',
                  CONSTRAINT = 'valid_unmanaged_product_transition',
                  HINT = CASE OLD.status
                             WHEN 'cancelled' THEN 'take it up again first: set the status to active'
                             ELSE 'if the end was recorded by mistake, set the status to cancelled, then to active' END;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION check_unmanaged_product_status() IS
    'trigger: refuses a change of status that is not allowed for unmanaged products';
REVOKE ALL ON FUNCTION check_unmanaged_product_status() FROM PUBLIC;

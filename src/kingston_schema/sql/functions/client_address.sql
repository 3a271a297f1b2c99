-- function client_address()
-- Where a request came from: the setting app.client_ip as inet; NULL where it is missing, empty or no address (a setting
-- of the application must never make a write fail).  Called by the audit functions.  Erratum E-177.
-- Tests: tests/sql/test_audit_product_owner_changes.py
CREATE OR REPLACE FUNCTION client_address() RETURNS inet
LANGUAGE plpgsql STABLE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_address text := nullif(current_setting('app.client_ip', true), '');
BEGIN
    IF v_address IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN v_address::inet;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION client_address() IS 'the setting app.client_ip as inet, NULL where it is not one';
REVOKE ALL ON FUNCTION client_address() FROM PUBLIC;

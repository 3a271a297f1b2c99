-- function bump_row_version()
-- Counts the changes of a row in its column version, whatever value the statement sends for it.  A client that writes
-- "... WHERE id = 7 AND version = 3" and finds no row knows that somebody else changed it first (C-106).
-- Called by the trigger client_information_items_version; the model maps the column as version_id_col.
-- Tests: tests/sql/test_client_information_items.py, tests/models/test_phase_2_models.py
CREATE OR REPLACE FUNCTION bump_row_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION bump_row_version() IS 'trigger: version counts the changes of a row';
REVOKE ALL ON FUNCTION bump_row_version() FROM PUBLIC;

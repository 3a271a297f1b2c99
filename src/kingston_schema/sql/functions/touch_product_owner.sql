-- function touch_product_owner()
-- updated_at and updated_by of a product owner: time and author of the last real change (errata E-201, E-202).
-- Only columns that the migration added are touched: where a portal had a column of that name before, its values are
-- the Phase 1 application's own business (ledger; promise P3).  A statement that sets a column itself is believed; a
-- revision that moves data is no edit (kingston.revision is set, erratum E-050).
-- Called by the triggers product_owners_touch_insert and product_owners_touch_update.
-- SECURITY DEFINER: the application's role needs no right on the ledger.
-- Tests: tests/sql/test_touch_product_owner.py
CREATE OR REPLACE FUNCTION touch_product_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_ours  text[] := @control@.our_columns('product_owners', ARRAY['updated_at', 'updated_by']);
    v_actor text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') <> '' THEN
        RETURN NEW;
    ELSIF TG_OP = 'INSERT' THEN
        IF 'updated_by' = ANY (v_ours) THEN
            NEW.updated_by := v_actor;
        END IF;
        RETURN NEW;
    END IF;
    IF 'updated_at' = ANY (v_ours) AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    IF 'updated_by' = ANY (v_ours) AND NEW.updated_by IS NOT DISTINCT FROM OLD.updated_by THEN
        NEW.updated_by := v_actor;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION touch_product_owner() IS
    'trigger: time and author of the last real change of a product owner, in the columns that the migration added';
REVOKE ALL ON FUNCTION touch_product_owner() FROM PUBLIC;

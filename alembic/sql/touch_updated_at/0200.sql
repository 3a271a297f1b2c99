-- function touch_updated_at()
-- Keeps updated_at true: the time of the last real change (erratum E-201).  Attached per table as
--   BEFORE UPDATE … FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at()
-- With the argument 'updated_by' it names the actor as well (then also BEFORE INSERT).  A statement that sets one of
-- the two columns itself is believed; a revision that moves data is no edit (kingston.revision is set, erratum E-050).
-- Attached to new tables only; product_owners has touch_product_owner().
-- Tests: tests/sql/test_touch_updated_at.py
CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_actor text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') <> '' THEN
        RETURN NEW;
    ELSIF TG_OP = 'INSERT' THEN
        IF TG_NARGS > 0 THEN
            NEW.updated_by := coalesce(NEW.updated_by, v_actor);
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    IF TG_NARGS > 0 THEN  -- apart: a table without the column must not meet it even in an expression
        IF NEW.updated_by IS NOT DISTINCT FROM OLD.updated_by THEN
            NEW.updated_by := v_actor;
        END IF;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION touch_updated_at() IS
    'trigger: updated_at := now() on a real change; argument updated_by: the actor too';
REVOKE ALL ON FUNCTION touch_updated_at() FROM PUBLIC;

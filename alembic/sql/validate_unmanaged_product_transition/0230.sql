-- function validate_unmanaged_product_transition(text, text)
-- May an unmanaged product go from one status to another?  (C-105)
--   active                     -> sold, transferred, matured, cancelled
--   sold, transferred, matured -> cancelled: the end was recorded by mistake
--   cancelled                  -> active: the product is taken up again
-- So an end of a product is never quietly rewritten into another end: correcting one takes two steps, and the row
-- history shows both.  Staying where one is, is no transition.  Unknown words and NULL: false, never an error.
-- Called by check_unmanaged_product_status() and by applications.
-- No SET search_path: operators of pg_catalog only.
-- Tests: tests/sql/test_validate_unmanaged_product_transition.py
CREATE OR REPLACE FUNCTION validate_unmanaged_product_transition(p_from text, p_to text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE p_from
    WHEN 'active' THEN p_to IN ('sold', 'transferred', 'matured', 'cancelled')
    WHEN 'sold' THEN p_to = 'cancelled'
    WHEN 'transferred' THEN p_to = 'cancelled'
    WHEN 'matured' THEN p_to = 'cancelled'
    WHEN 'cancelled' THEN p_to = 'active'
END, false);

COMMENT ON FUNCTION validate_unmanaged_product_transition(text, text) IS
    'true when an unmanaged product may go from the first status to the second';

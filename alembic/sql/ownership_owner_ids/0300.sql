-- function ownership_owner_ids(jsonb)
-- The owner set of an ownership document: distinct ids in ascending order, {} when it names nobody.  What the
-- links of a product are compared with; see ownership_shares for what counts as an owner.
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION ownership_owner_ids(p_ownership jsonb)
RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT coalesce(array_agg(s.product_owner_id ORDER BY s.product_owner_id), '{}')
    FROM ownership_shares(p_ownership) AS s
$body$;

COMMENT ON FUNCTION ownership_owner_ids(jsonb) IS 'Owner ids of an ownership document, ascending';

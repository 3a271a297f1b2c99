-- function ownership_owner_ids(jsonb)
-- The owner set of an ownership document: distinct ids in ascending order, {} when it names nobody.  What the
-- links of a product are compared with; see ownership_shares for what counts as an owner.
-- PL/pgSQL, which keeps its plan for the session: an SQL function is planned anew in every statement (0.4 ms).
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION ownership_owner_ids(p_ownership jsonb)
RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    RETURN (SELECT coalesce(array_agg(s.product_owner_id ORDER BY s.product_owner_id), '{}')
            FROM ownership_shares(p_ownership) AS s);
END
$body$;

COMMENT ON FUNCTION ownership_owner_ids(jsonb) IS 'Owner ids of an ownership document, ascending';

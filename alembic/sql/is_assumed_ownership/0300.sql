-- function is_assumed_ownership(jsonb)
-- Is this document only what the links say, with nothing that anybody decided: the note no_previous_ownership, one
-- owner with 100, or several owners in equal shares under the note equal_split_assumed.  Such a document can be
-- made again from the links at any time; every other one is an edit and is remembered (ownership_memory).
-- PL/pgSQL, which keeps its plan for the session: an SQL function is planned anew in every statement.
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION is_assumed_ownership(p_ownership jsonb)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_owners bigint;
    v_keys bigint;
    v_total numeric;
    v_spread numeric;
BEGIN
    IF p_ownership = '{"association_type": "individual", "note": "no_previous_ownership"}' THEN
        RETURN true;
    ELSIF jsonb_typeof(p_ownership) IS DISTINCT FROM 'object' THEN
        RETURN false;
    END IF;
    SELECT count(*), sum(s.percentage), max(s.percentage) - min(s.percentage)
      INTO v_owners, v_total, v_spread
      FROM ownership_shares(p_ownership) AS s;
    SELECT count(*) INTO v_keys FROM jsonb_object_keys(p_ownership);
    RETURN coalesce(CASE p_ownership ->> 'association_type'
        WHEN 'individual' THEN v_owners = 1 AND v_keys = 2 AND v_total = 100
        WHEN 'tenants_in_common' THEN p_ownership ->> 'note' = 'equal_split_assumed' AND v_owners > 1
                                      AND v_keys = v_owners + 2 AND v_total = 100 AND v_spread <= 0.01
        END, false);
END
$body$;

COMMENT ON FUNCTION is_assumed_ownership(jsonb) IS
    'True for a document that only repeats the links (equal shares under the note equal_split_assumed, one owner, or none)';

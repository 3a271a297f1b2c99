-- function is_assumed_ownership(jsonb)
-- Is this document only what the links say, with nothing that anybody decided: the note no_previous_ownership, one
-- owner with 100, or several owners in equal shares under the note equal_split_assumed.  Such a document can be
-- made again from the links at any time; every other one is an edit and is remembered (ownership_memory).
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION is_assumed_ownership(p_ownership jsonb)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT coalesce(CASE
        WHEN p_ownership = '{"association_type": "individual", "note": "no_previous_ownership"}' THEN true
        WHEN jsonb_typeof(p_ownership) <> 'object' THEN false
        WHEN p_ownership ->> 'association_type' = 'individual'
            THEN o.owners = 1 AND o.keys = 2 AND o.total = 100
        WHEN p_ownership ->> 'association_type' = 'tenants_in_common'
            THEN p_ownership ->> 'note' = 'equal_split_assumed'
                 AND o.owners > 1 AND o.keys = o.owners + 2 AND o.total = 100 AND o.spread <= 0.01
        ELSE false END, false)
    FROM (
        SELECT count(*) AS owners, sum(s.percentage) AS total, max(s.percentage) - min(s.percentage) AS spread,
               (SELECT count(*) FROM jsonb_object_keys(CASE WHEN jsonb_typeof(p_ownership) = 'object'
                                                            THEN p_ownership ELSE '{}' END)) AS keys
        FROM ownership_shares(p_ownership) AS s
    ) AS o
$body$;

COMMENT ON FUNCTION is_assumed_ownership(jsonb) IS
    'True for a document that only repeats the links (equal shares under the note equal_split_assumed, one owner, or none)';

-- function ownership_shares(jsonb)
-- An ownership document as rows: one per owner with the share in per cent.  Joint owners carry no shares; for
-- reporting they get equal ones (largest remainder in hundredths, in the order of joint_owners, adding up to
-- exactly 100) and is_equal_split says so (E-064).  Keys that are no owner ids, unknown types, {} and NULL give no
-- row; a share that is not a number gives NULL.  Never an error, whatever the document (E-092).
-- Used by product_ownership, the triggers and the summaries.  One SELECT over pg_catalog objects only, without a SET
-- clause, so that it is inlined into the query that calls it.
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION ownership_shares(p_ownership jsonb)
RETURNS TABLE (product_owner_id bigint, percentage numeric, is_equal_split boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
AS $body$
    SELECT k.id, k.share, false
    FROM (
        SELECT CASE WHEN e.key ~ '^[1-9][0-9]{0,18}$' THEN
                   CASE WHEN e.key::numeric <= 9223372036854775807 THEN e.key::bigint END END AS id,
               CASE WHEN jsonb_typeof(e.value) = 'number' THEN e.value::numeric END AS share
        FROM jsonb_each(CASE WHEN jsonb_typeof(p_ownership) = 'object'
                              AND p_ownership ->> 'association_type' IN ('individual', 'tenants_in_common')
                             THEN p_ownership ELSE '{}'::jsonb END) AS e
    ) AS k
    WHERE k.id IS NOT NULL
    UNION ALL
    SELECT j.id,
           ((10000 / j.owners + (j.place <= 10000 % j.owners)::integer)::numeric / 100)::numeric(5, 2),
           true
    FROM (
        SELECT d.id, row_number() OVER (ORDER BY d.place) AS place, count(*) OVER () AS owners
        FROM (
            SELECT o.id, min(o.place) AS place
            FROM (
                SELECT CASE WHEN a.value::text ~ '^[1-9][0-9]{0,18}$' THEN
                           CASE WHEN a.value::text::numeric <= 9223372036854775807 THEN a.value::text::bigint END
                       END AS id, a.place
                FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p_ownership) = 'object'
                                                AND p_ownership ->> 'association_type' = 'joint_ownership'
                                                AND jsonb_typeof(p_ownership -> 'joint_owners') = 'array'
                                               THEN p_ownership -> 'joint_owners' ELSE '[]'::jsonb END)
                    WITH ORDINALITY AS a (value, place)
            ) AS o
            WHERE o.id IS NOT NULL
            GROUP BY o.id
        ) AS d
    ) AS j
$body$;

COMMENT ON FUNCTION ownership_shares(jsonb) IS
    'Owners of an ownership document with their shares in per cent; joint owners with equal shares, flagged';

-- verification ownership_shares
-- The shares of every managed and unmanaged product add up to 100, added here from the documents themselves.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: ownership_shares
-- stages: verify
-- from: phase_3_ownership
-- severity: critical
-- needed: shares between 99.99 and 100.01 in all, or joint owners, or no owner
-- fix: ask the client, and write the shares: UPDATE client_products SET ownership_details = …
WITH document AS (
    SELECT 'product' AS kind, p.id, p.ownership_details AS doc FROM client_products AS p
    UNION ALL
    SELECT 'unmanaged product', u.id, u.ownership_details FROM client_unmanaged_products AS u
), judged AS (
    SELECT d.kind, d.id,
           (SELECT sum(CASE WHEN jsonb_typeof(e.value) = 'number' THEN e.value::numeric END)
            FROM jsonb_each(d.doc) AS e WHERE e.key ~ '^[1-9][0-9]*$') AS total
    FROM document AS d
    WHERE jsonb_typeof(d.doc) = 'object' AND d.doc ->> 'association_type' IS DISTINCT FROM 'joint_ownership'
)
SELECT count(*) FILTER (WHERE j.total NOT BETWEEN 99.99 AND 100.01) = 0 AS ok,
       format('%s of %s documents with shares do not add up to 100',
              count(*) FILTER (WHERE j.total NOT BETWEEN 99.99 AND 100.01), count(j.total)) AS found,
       (array_agg(format('%s %s: %s', j.kind, j.id, j.total) ORDER BY j.kind, j.id)
           FILTER (WHERE j.total NOT BETWEEN 99.99 AND 100.01))[1:20] AS keys
FROM judged AS j;

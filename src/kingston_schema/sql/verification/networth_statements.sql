-- verification networth_statements
-- Every net-worth statement that make_networth_statement took: its totals are the sums of the parts it lists.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: networth_statements
-- stages: verify
-- from: phase_2_networth
-- severity: critical
-- needed: totals equal to the sums of the parts listed
-- fix: compare with a checkpoint: SELECT * FROM networth_statements WHERE id IN (…); statements are never changed
WITH part AS (
    SELECT s.id, (p.value ->> 'kind') AS kind, (p.value ->> 'amount')::numeric AS amount
    FROM networth_statements AS s
    CROSS JOIN (VALUES ('managed_products'), ('unmanaged_products'), ('information_items')) AS l (name)
    CROSS JOIN LATERAL jsonb_path_query(s.snapshot_data -> l.name, 'lax $[*] ? (exists (@.amount))') AS p (value)
), judged AS (
    SELECT s.id, s.client_group_id, s.total_assets, s.total_liabilities, s.net_worth,
           coalesce(sum(p.amount) FILTER (WHERE p.kind = 'asset'), 0) AS assets,
           coalesce(sum(p.amount) FILTER (WHERE p.kind = 'liability'), 0) AS liabilities
    FROM networth_statements AS s LEFT JOIN part AS p ON p.id = s.id
    WHERE s.snapshot_data ? 'net_worth'
    GROUP BY s.id
), wrong AS (
    SELECT j.id, format('networth_statements %s of client group %s: %s - %s stated, parts give %s - %s',
                        j.id, j.client_group_id, j.total_assets, j.total_liabilities, j.assets, j.liabilities) AS key
    FROM judged AS j
    WHERE (j.total_assets, j.total_liabilities, j.net_worth) IS DISTINCT FROM (j.assets, j.liabilities, j.assets - j.liabilities)
)
SELECT w.wrong = 0 AS ok,
       format('%s of %s statements do not add up', w.wrong, (SELECT count(*) FROM judged)) AS found, w.keys
FROM (SELECT count(*) AS wrong, (array_agg(x.key ORDER BY x.id))[1:20] AS keys FROM wrong AS x) AS w;

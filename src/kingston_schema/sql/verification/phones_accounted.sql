-- verification phones_accounted
-- Telephone numbers that a portal had on product_owners (phone, phone_1, phone_2, phone_3): every text was read, and for
-- each the numbers said to be migrated and rejected are there, or were deleted since, on record.  Counted from the rows
-- themselves; the parser of the migration is not asked.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: phones_accounted
-- stages: verify
-- from: phase_2_audit
-- severity: critical
-- needed: every telephone text read; numbers found = migrated + rejected + repeated, each of them there
-- fix: CALL @control@.migrate_owner_phones()
WITH cell AS (
    SELECT o.id AS owner_id, c.name AS source_column, to_jsonb(o) ->> c.name AS source_text
    FROM product_owners AS o
    CROSS JOIN (VALUES ('phone'), ('phone_1'), ('phone_2'), ('phone_3')) AS c (name)
    WHERE to_jsonb(o) ->> c.name ~ '[^[:space:]]'
), lived AS (
    SELECT p.product_owner_id AS owner_id, p.source_column::text AS source_column, count(*) AS numbers
    FROM (SELECT h.product_owner_id, h.source_column FROM product_owner_phones AS h
          UNION ALL
          SELECT (h.changes ->> 'product_owner_id')::bigint, h.changes ->> 'source_column'
          FROM row_history AS h WHERE h.table_name = 'product_owner_phones' AND h.action IN ('delete', 'truncate')) AS p
    GROUP BY 1, 2
), refused AS (
    SELECT r.product_owner_id AS owner_id, r.source_column::text AS source_column, count(*) AS numbers
    FROM product_owner_phone_rejects AS r GROUP BY 1, 2
), judged AS (
    SELECT coalesce(c.owner_id, s.product_owner_id) AS owner_id, coalesce(c.source_column, s.source_column) AS source_column,
           coalesce(s.numbers_found, 0) AS numbers,
           CASE WHEN c.source_text IS NOT NULL AND s.source_text IS NULL THEN 'not migrated'
                WHEN c.source_text <> s.source_text THEN 'changed since it was migrated'
                WHEN s.numbers_found <> s.migrated + s.rejected + s.duplicates
                    THEN format('%s found, but %s migrated, %s rejected, %s repeated', s.numbers_found, s.migrated, s.rejected, s.duplicates)
                WHEN s.migrated > coalesce(l.numbers, 0) THEN format('%s migrated, %s there or deleted since', s.migrated, coalesce(l.numbers, 0))
                WHEN s.rejected > coalesce(r.numbers, 0) THEN format('%s rejected, %s listed', s.rejected, coalesce(r.numbers, 0))
           END AS wrong
    FROM cell AS c
    FULL JOIN product_owner_phone_sources AS s ON s.product_owner_id = c.owner_id AND s.source_column = c.source_column
    LEFT JOIN lived AS l ON l.owner_id = s.product_owner_id AND l.source_column = s.source_column
    LEFT JOIN refused AS r ON r.owner_id = s.product_owner_id AND r.source_column = s.source_column
)
SELECT count(j.wrong) = 0 AS ok,
       format('%s of %s telephone texts with %s numbers are not accounted for', count(j.wrong), count(*), coalesce(sum(j.numbers), 0)) AS found,
       (array_agg(format('product owner %s %s: %s', j.owner_id, j.source_column, j.wrong) ORDER BY j.owner_id, j.source_column)
           FILTER (WHERE j.wrong IS NOT NULL))[1:20] AS keys
FROM judged AS j;

-- view advisor_client_summary
-- Legacy: head-count of client groups per free-text adviser name. Read by no route of the portal.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW advisor_client_summary AS
SELECT
    client_group.advisor,
    count(DISTINCT client_group.id) AS client_count,
    count(DISTINCT client_group.id) FILTER (WHERE client_group.status = 'active') AS active_client_count,
    string_agg(DISTINCT client_group.name, ', ' ORDER BY client_group.name) AS client_names
FROM client_groups AS client_group
WHERE client_group.advisor IS NOT NULL
  AND client_group.advisor <> ''
GROUP BY client_group.advisor
ORDER BY active_client_count DESC, client_group.advisor;

-- view client_group_last_change
-- Per client group the time of the last recorded change of the group or of a row whose history names it (memberships,
-- actions, items ...); NULL where nothing was recorded, created_at is the answer then.  One index probe per group asked
-- for (idx_row_history_client_group), whatever the length of the history.
-- Read by the summaries, because legacy tables have no updated_at.  Tests: tests/sql/test_last_change.py
CREATE OR REPLACE VIEW client_group_last_change WITH (security_invoker = true) AS
SELECT g.id AS client_group_id,
       (SELECT h.occurred_at FROM row_history AS h
        WHERE h.client_group_id = g.id
        ORDER BY h.occurred_at DESC LIMIT 1) AS last_changed_at
FROM client_groups AS g;

COMMENT ON VIEW client_group_last_change IS 'time of the last recorded change of a client group or of what belongs to it';

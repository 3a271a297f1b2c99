-- function last_change_of_client_group(bigint)
-- When anything of a client group was last written: the group itself or a row of a table whose history names its group
-- (memberships, actions, items ...).  NULL: nothing since the history began.  One index probe
-- (idx_row_history_client_group).  Called by the summaries.
-- No SET search_path: bound when created, can be inlined.  Tests: tests/sql/test_last_change.py
CREATE OR REPLACE FUNCTION last_change_of_client_group(p_client_group_id bigint) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT h.occurred_at FROM row_history AS h
        WHERE h.client_group_id = p_client_group_id
        ORDER BY h.occurred_at DESC LIMIT 1);

COMMENT ON FUNCTION last_change_of_client_group(bigint) IS
    'time of the last recorded change of a client group or of anything that belongs to it';

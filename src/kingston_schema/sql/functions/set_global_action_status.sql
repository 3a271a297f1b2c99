-- function set_global_action_status(bigint, bigint, text, bigint)
-- Says how far one client group is with one global action: makes the row of global_action_states when the group has
-- none yet (it was outstanding until then), changes it otherwise.  Returns the id of the row.
-- Two callers at once are fine: the second waits for the first and then changes the row.
-- Errors: 23503 for an action, group or profile that does not exist, 23514 for a step that is not allowed.
-- Called by applications.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE FUNCTION set_global_action_status(
    p_global_action_id bigint,
    p_client_group_id bigint,
    p_status text,
    p_edited_by bigint DEFAULT NULL
) RETURNS bigint
LANGUAGE sql
SET search_path = @schema@, pg_temp
AS $body$
    INSERT INTO global_action_states AS s (global_action_id, client_group_id, status, completed_at, last_edited_by)
    VALUES (p_global_action_id, p_client_group_id, p_status, CASE WHEN p_status = 'completed' THEN now() END, p_edited_by)
    ON CONFLICT (global_action_id, client_group_id) DO UPDATE
        SET status = EXCLUDED.status, last_edited_by = coalesce(EXCLUDED.last_edited_by, s.last_edited_by)
    RETURNING s.id
$body$;

COMMENT ON FUNCTION set_global_action_status(bigint, bigint, text, bigint) IS
    'sets the status of a global action for a client group, making its row when there is none; returns the row id';

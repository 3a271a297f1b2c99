-- function last_change(text, bigint)
-- When a row was last written, from the row history: last_change('client_actions', 42).  NULL: not since its history
-- began; created_at is the answer then.  For tables with the key id; one index probe (idx_row_history_row).
-- Called by reports, instead of an updated_at that legacy tables do not have; client_group_last_change is the same for
-- whole client groups.  Not SECURITY DEFINER: whoever asks needs SELECT on row_history.
-- Tests: tests/sql/test_last_change.py
CREATE OR REPLACE FUNCTION last_change(p_table_name text, p_row_id bigint) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT h.occurred_at FROM row_history AS h
    WHERE h.table_name = p_table_name AND h.row_id = p_row_id
    ORDER BY h.occurred_at DESC LIMIT 1
$body$;

COMMENT ON FUNCTION last_change(text, bigint) IS
    'time of the last recorded change of a row, NULL where none is recorded';

-- control journal
-- One row per revision run, written on a second connection: a failed run leaves its record (P6).
-- Tests: tests/ddl/test_run.py
CREATE TABLE IF NOT EXISTS @control@.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    revision text NOT NULL,
    direction text NOT NULL CONSTRAINT journal_direction_check CHECK (direction IN ('up', 'down')),
    status text NOT NULL CONSTRAINT journal_status_check CHECK (status IN ('started', 'completed', 'failed')),
    seconds numeric(14, 3),
    rows_moved bigint,
    error text,
    detail jsonb,
    actor text NOT NULL DEFAULT session_user,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
COMMENT ON TABLE @control@.journal IS 'Every revision run: started, completed or failed, by whom, how long, how many rows';

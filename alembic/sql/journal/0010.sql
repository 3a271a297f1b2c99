-- control journal
-- One row per revision run, written on a second connection: a failed run leaves its record (P6).
-- "started" with no runner at work, and "unknown", are settled by the next run, which looks at the database (P5);
-- "settled" says how.  Tests: tests/ddl/test_run.py, tests/ddl/test_settling.py
CREATE TABLE IF NOT EXISTS @control@.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    revision text NOT NULL,
    direction text NOT NULL CONSTRAINT journal_direction_check CHECK (direction IN ('up', 'down')),
    status text NOT NULL
        CONSTRAINT journal_status_check CHECK (status IN ('started', 'completed', 'failed', 'unknown')),
    seconds numeric(14, 3),
    rows_moved bigint,
    error text,
    detail jsonb,
    actor text NOT NULL DEFAULT session_user,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    settled text
);
COMMENT ON TABLE @control@.journal IS 'Every revision run: started, completed, failed or unknown, by whom, how long, how many rows';
COMMENT ON COLUMN @control@.journal.settled IS 'What a later run found in the database about a run that ended without a word';

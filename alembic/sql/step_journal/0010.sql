-- control step_journal
-- One row per operation of a revision: intent before it, acknowledgement after it, both on the runner's second
-- connection.  Acknowledged is not yet durable: "transaction" is the one that was open then, and the step counts as
-- applied when that has been committed.  No outcome yet: under way, or ended without a word.
-- A repair by kingston doctor is a step, too, with direction repair.  Tests: tests/ddl/test_steps.py, tests/ddl/test_settling.py
CREATE TABLE IF NOT EXISTS @control@.step_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    revision text NOT NULL,
    direction text NOT NULL CONSTRAINT step_journal_direction_check CHECK (direction IN ('up', 'down', 'repair')),
    step integer NOT NULL,
    operation text NOT NULL,
    arguments text[] NOT NULL,
    intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz,
    transaction xid8,
    outcome text
        CONSTRAINT step_journal_outcome_check CHECK (outcome IN ('applied', 'rolled back', 'failed', 'unknown')),
    settled text,
    CONSTRAINT step_journal_run_key UNIQUE (run_id, revision, direction, step)
);
COMMENT ON TABLE @control@.step_journal IS 'Every step of every revision run: intended, acknowledged, and what became of it';
COMMENT ON COLUMN @control@.step_journal.settled IS 'How the outcome is known';

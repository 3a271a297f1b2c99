-- control runner
-- One row per run that changes the portal: who, from where, with which version, and a heartbeat while it is at work.
-- The advisory lock decides who may run; this table only says who that is.  A row without an end whose lock is held
-- by nobody is stale: the next run ends it.  Tests: tests/ddl/test_runner.py
CREATE TABLE IF NOT EXISTS @control@.runner (
    run_id uuid PRIMARY KEY,
    command text NOT NULL,
    version text NOT NULL,
    os_user text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    actor text NOT NULL DEFAULT session_user,
    lock_backend integer NOT NULL DEFAULT pg_backend_pid(),
    work_backend integer NOT NULL,
    cluster bigint NOT NULL DEFAULT (pg_control_system()).system_identifier,
    revision text,
    direction text,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    outcome text CONSTRAINT runner_outcome_check CHECK (outcome IN ('verified', 'failed', 'unknown')),
    found text
);
COMMENT ON TABLE @control@.runner IS 'Every run: who started it, whether it is at work, and what was verified at its end';
COMMENT ON COLUMN @control@.runner.cluster IS 'Server it ran on: numbers of transactions mean nothing on another one';

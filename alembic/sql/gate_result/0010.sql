-- control gate_result
-- Every check of every gate: what was found, whether it passed, and the reason where it was allowed.
-- Tests: tests/ddl/test_gate.py
CREATE TABLE IF NOT EXISTS @control@.gate_result (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid,
    phase text NOT NULL,
    check_name text NOT NULL,
    severity text NOT NULL,
    outcome text NOT NULL
        CONSTRAINT gate_result_outcome_check CHECK (outcome IN ('passed', 'warning', 'failed', 'allowed')),
    found text,
    reason text,
    checked_by text NOT NULL DEFAULT session_user,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS gate_result_phase_idx ON @control@.gate_result (phase, checked_at DESC);
COMMENT ON TABLE @control@.gate_result IS 'Results of gate checks; they survive the rollback of the revision that they stopped';

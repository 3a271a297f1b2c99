-- control row_history_seal
-- Seals of the row history: one row per batch of lines, each with the digest of its lines and chained to the seal before,
-- so that a line changed, missing or slipped in afterwards is found (kingston audit verify).  Exported copies
-- (kingston audit seal --export) find a chain that was computed anew as well.
-- Stays through every downgrade, like the history itself (which rests in the archive then).
-- Tests: tests/operations/test_audit.py
CREATE TABLE IF NOT EXISTS @control@.row_history_seal (
    number bigint PRIMARY KEY,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    lines bigint NOT NULL,
    digest text NOT NULL,
    chain text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sealed_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE @control@.row_history_seal IS 'Seals of row_history: digest of a batch of lines, chained to the one before';
COMMENT ON COLUMN @control@.row_history_seal.chain IS 'SHA-256 of the chain before, the range and the digest';

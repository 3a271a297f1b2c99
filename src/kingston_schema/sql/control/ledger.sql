-- control ledger
-- Every column added to a legacy table, and whether it was there before us.  Only what the ledger says
-- is ours is dropped on the way down (legacy schema 6.6, errata E-126).
-- Tests: tests/ddl/test_columns.py
CREATE TABLE IF NOT EXISTS @control@.ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    revision text NOT NULL,
    table_name text NOT NULL,
    column_name text NOT NULL,
    column_type text NOT NULL,
    pre_existing boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS ledger_one_live_entry ON @control@.ledger (table_name, column_name)
    WHERE removed_at IS NULL;
COMMENT ON TABLE @control@.ledger IS 'Columns of legacy tables that Phase 2 added or found';

-- control backfill_progress
-- One row per data movement: how far it is, so that a crash resumes behind the last committed batch.
-- Tests: tests/ddl/test_columns.py
CREATE TABLE IF NOT EXISTS @control@.backfill_progress (
    step text PRIMARY KEY,
    position bigint,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    batch integer,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
COMMENT ON TABLE @control@.backfill_progress IS 'Position, rows done and expected of every batched data movement';

-- control index_journal
-- Indexes built concurrently: intended, built under a temporary name, published by rename.
-- Tests: tests/ddl/test_indexes.py
CREATE TABLE IF NOT EXISTS @control@.index_journal (
    index_name text PRIMARY KEY,
    table_name text NOT NULL,
    statement text NOT NULL,
    intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    published_oid oid
);
COMMENT ON TABLE @control@.index_journal IS 'What we know about indexes that we built concurrently';

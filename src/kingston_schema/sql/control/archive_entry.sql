-- control archive_entry
-- One row per movement between the application schema and the archive, and per purge of the archive: what, by which
-- revision, how many rows, by whom.
-- rows_moved is NULL where counting would have cost more than the movement (a table moved as a whole);
-- kingston archive list counts what lies in the archive.
-- Tests: tests/ddl/test_archive.py
CREATE TABLE IF NOT EXISTS @control@.archive_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id text,
    revision text NOT NULL,
    movement text NOT NULL
        CONSTRAINT archive_entry_movement_check
        CHECK (movement IN ('archived', 'restored', 'quarantined', 'filled', 'purged')),
    table_name text NOT NULL,
    archive_name text,
    columns text[],
    rows_moved bigint,
    reason text,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE @control@.archive_entry IS 'Register of everything that went into the archive, came back or was purged';

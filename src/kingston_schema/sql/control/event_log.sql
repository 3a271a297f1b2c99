-- control event_log
-- What was done to the portal, by whom, from where, and how it ended: one row at the beginning and one at the end of
-- each command and of each revision.  Append-only (event_log_guard); each row carries the hash of the one before it and
-- of its own text (event_hash), so that an edited, missing or inserted row shows.  Rows are written by log_event alone.
-- Tests: tests/ddl/test_event_log.py
CREATE TABLE IF NOT EXISTS @control@.event_log (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    run_id uuid NOT NULL,
    stage text NOT NULL CONSTRAINT event_log_stage_check CHECK (stage IN ('begun', 'ended', 'noted')),
    event text NOT NULL,
    subject text,
    revision text,
    outcome text,
    seconds numeric(14, 3),
    rows_moved bigint,
    detail text,
    files jsonb,
    role text NOT NULL,
    os_user text,
    actor text,
    host text,
    address text,
    application text,
    pid integer,
    version text,
    backend integer NOT NULL,
    backend_start timestamptz,
    previous text NOT NULL,
    hash text NOT NULL
);
COMMENT ON TABLE @control@.event_log IS 'Append-only, hash-chained record of everything that changed the portal: kingston history';
COMMENT ON COLUMN @control@.event_log.run_id IS 'One command: what it began and what it ended share it; runner and journal have the same';
COMMENT ON COLUMN @control@.event_log.files IS 'SHA-256 of the revision file and of its frozen SQL files as they were when it ran';
COMMENT ON COLUMN @control@.event_log.actor IS 'Name that the person gave: KINGSTON_ACTOR or --actor';
COMMENT ON COLUMN @control@.event_log.backend IS 'Session that wrote the row; while it lives, what it began is under way';
COMMENT ON COLUMN @control@.event_log.previous IS 'Hash of the row before; of the first row 64 zeros';
